using System.Buffers;

namespace ActionTrail.Functions.Triggers;

/// <summary>A whole request body in one pooled array, whatever its size; given back on dispose.</summary>
internal sealed class PooledBody : IDisposable
{
    private const int FirstBytes = 256 * 1024;

    private byte[] bytes;
    private int length;

    private PooledBody(int size) => bytes = ArrayPool<byte>.Shared.Rent(size);

    public ReadOnlyMemory<byte> Memory => bytes.AsMemory(0, length);

    public static async Task<PooledBody> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var body = new PooledBody((int)Math.Clamp((request.ContentLength ?? 0) + 1, FirstBytes, Array.MaxLength));
        try
        {
            while (true)
            {
                var read = await request.Body.ReadAsync(body.bytes.AsMemory(body.length), cancellationToken);
                if (read == 0)
                    return body;
                body.length += read;
                if (body.length == body.bytes.Length)
                    body.Grow();
            }
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = [];
        length = 0;
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Array.MaxLength, bytes.Length * 2L));
        bytes.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = larger;
    }
}
