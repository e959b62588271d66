using System.IO.Compression;
using System.Runtime.InteropServices;
using ActionTrail.Events;

namespace ActionTrail.Ingest;

/// <summary>The limits of a posted body, and its gzip, which is recognised by its first two bytes because some hosts drop Content-Encoding.</summary>
internal static class ApiBody
{
    public const int MaxBytes = 16 << 20;

    public const int MaxInflatedBytes = 64 << 20;

    public static ApiError Empty { get; } = new("", RejectCode.Malformed, "A body holds at least one event.");

    /// <summary>The plain bytes, or the fault of the body as a whole.</summary>
    public static (ReadOnlyMemory<byte> Plain, ApiError? Fault) Open(ReadOnlyMemory<byte> body)
    {
        if (body.Length > MaxBytes)
            return (default, new ApiError("", RejectCode.TooLarge, "A body has at most 16 MiB."));
        if (body.IsEmpty)
            return (default, Empty);
        if (body.Span is not [0x1F, 0x8B, ..])
            return (body, null);
        try
        {
            return Inflate(body);
        }
        catch (InvalidDataException)
        {
            return (default, new ApiError("", RejectCode.Malformed, "A body that starts like gzip is whole and valid gzip."));
        }
    }

    private static (ReadOnlyMemory<byte>, ApiError?) Inflate(ReadOnlyMemory<byte> body)
    {
        MemoryMarshal.TryGetArray(body, out var array);
        using var packed = array.Array is null ? new MemoryStream(body.ToArray()) : new MemoryStream(array.Array, array.Offset, array.Count, writable: false);
        using var gzip = new GZipStream(packed, CompressionMode.Decompress);
        using var plain = new MemoryStream();
        var chunk = new byte[64 << 10];
        for (var read = gzip.Read(chunk); read > 0; read = gzip.Read(chunk))
        {
            if (plain.Length + read > MaxInflatedBytes)
                return (default, new ApiError("", RejectCode.TooLarge, "A body has at most 64 MiB once it is inflated."));
            plain.Write(chunk, 0, read);
        }

        return (plain.GetBuffer().AsMemory(0, (int)plain.Length), null);
    }
}
