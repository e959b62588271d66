using System.Buffers;

namespace ActionTrail.Events;

/// <summary>A growing pooled buffer with one owner.</summary>
internal sealed class RecordBuffer : IBufferWriter<byte>
{
    private byte[] bytes = [];
    private int length;

    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, length);

    public int Length => length;

    public void Clear() => length = 0;

    public void Append(ReadOnlySpan<byte> part)
    {
        part.CopyTo(GetSpan(part.Length));
        length += part.Length;
    }

    /// <summary>Drops the last <paramref name="count"/> bytes.</summary>
    public void TakeBack(int count) => length -= count;

    /// <summary>Reads what was written, until the next change.</summary>
    public Stream OpenRead() => new MemoryStream(bytes, 0, length, writable: false);

    public void Advance(int count) => length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(Math.Max(sizeHint, 1));
        return bytes.AsMemory(length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Grow(Math.Max(sizeHint, 1));
        return bytes.AsSpan(length);
    }

    /// <summary>Gives the bytes back to the pool when they are more than common messages need.</summary>
    public void Shrink()
    {
        if (bytes.Length > 1 << 20)
        {
            ArrayPool<byte>.Shared.Return(bytes);
            bytes = [];
        }

        length = 0;
    }

    private void Grow(int more)
    {
        if (bytes.Length - length >= more)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(length + more, Math.Max(4096, (int)Math.Min(2L * bytes.Length, Array.MaxLength))));
        Written.CopyTo(larger);
        if (bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }

        bytes = larger;
    }
}
