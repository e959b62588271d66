using System.Buffers;

namespace ActionTrail.Segments;

/// <summary>Copies of event bodies in rented chunks: nothing moves when it grows. Chunks are kept for the next batch up to a bound.</summary>
internal sealed class BodyArena : IDisposable
{
    private const int ChunkBytes = 1024 * 1024;
    private const int KeptChunks = 8;

    private readonly List<byte[]> chunks = [];
    private int current = -1;
    private int used;

    public (int Chunk, int Offset) Append(ReadOnlySpan<byte> body)
    {
        if (current < 0 || chunks[current].Length - used < body.Length)
            NextChunk(body.Length);
        var place = (current, used);
        body.CopyTo(chunks[current].AsSpan(used));
        used += body.Length;
        return place;
    }

    public ReadOnlySpan<byte> Get(int chunk, int offset, int length) => chunks[chunk].AsSpan(offset, length);

    public void Clear()
    {
        for (var i = chunks.Count - 1; i >= 0; i--)
        {
            if (i < KeptChunks && chunks[i].Length <= 2 * ChunkBytes)
                continue;
            ArrayPool<byte>.Shared.Return(chunks[i]);
            chunks.RemoveAt(i);
        }

        current = -1;
        used = 0;
    }

    public void Dispose()
    {
        foreach (var chunk in chunks)
            ArrayPool<byte>.Shared.Return(chunk);
        chunks.Clear();
        current = -1;
    }

    private void NextChunk(int bytes)
    {
        current++;
        used = 0;
        if (current == chunks.Count || chunks[current].Length < bytes)
            chunks.Insert(current, ArrayPool<byte>.Shared.Rent(Math.Max(bytes, ChunkBytes)));
    }
}
