using System.Buffers;
using System.Text.Json;

namespace ActionTrail.Ingest;

/// <summary>A pooled buffer into which one JSON string at a time is unescaped.</summary>
internal sealed class HubScratch : IDisposable
{
    private byte[]? buffer;

    /// <summary>The JSON inside <paramref name="raw"/>: the unescaped text of a JSON string (valid until the next call), any other value as it is.</summary>
    public ReadOnlySpan<byte> Inner(ReadOnlySpan<byte> raw)
    {
        if (raw[0] != (byte)'"')
            return raw;
        var reader = new Utf8JsonReader(raw);
        reader.Read();
        if (!reader.ValueIsEscaped)
            return reader.ValueSpan;
        if (buffer is null || buffer.Length < raw.Length)
        {
            Dispose();
            buffer = ArrayPool<byte>.Shared.Rent(raw.Length);
        }

        return buffer.AsSpan(0, reader.CopyString(buffer));
    }

    public void Dispose()
    {
        if (buffer is not null)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = null;
    }
}
