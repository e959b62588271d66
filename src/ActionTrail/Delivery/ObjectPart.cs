using System.Buffers;
using System.IO.Compression;
using System.Security.Cryptography;
using ActionTrail.Layout;

namespace ActionTrail.Delivery;

/// <summary>
/// One object in the making: gzip of the events in their framing. Line breaks between the tokens of an event (they cannot occur inside
/// its strings) become spaces, so that readers that split lines get one record.
/// </summary>
internal sealed class ObjectPart : IDisposable
{
    /// <summary>What compressor and hash are given at a time: a call for every event costs more than its bytes.</summary>
    private const int BufferBytes = 64 * 1024;

    /// <summary>Stores 12 to 14 % more than level 6 for half its time; the fastest level would store 57 to 61 % more (docs/benchmarks.md).</summary>
    private static readonly ZLibCompressionOptions Packing = new() { CompressionLevel = 3 };

    private readonly SpoolStream spool;
    private readonly GZipStream gzip;
    private readonly ObjectFormat format;
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private int buffered;

    public ObjectPart(string account, string region, int number, ObjectFormat format, SpoolStream spool)
    {
        (Account, Region, Number, this.format, this.spool) = (account, region, number, format, spool);
        gzip = new GZipStream(spool, Packing, leaveOpen: true);
        Write(ObjectFraming.Open(format));
    }

    public string Account { get; }

    public string Region { get; }

    /// <summary>From 0 within the account and region.</summary>
    public int Number { get; }

    public int Events { get; private set; }

    /// <summary>Uncompressed bytes so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether an event of this length keeps the object within <paramref name="maxBytes"/>; the first event always does.</summary>
    public bool Fits(int length, int maxBytes) => Events == 0 || Bytes + length + ObjectFraming.Overhead(format) <= maxBytes;

    /// <summary>Unix milliseconds.</summary>
    public long OldestEventMs { get; private set; } = long.MaxValue;

    /// <summary>Unix milliseconds.</summary>
    public long NewestEventMs { get; private set; } = long.MinValue;

    public void Add(ReadOnlySpan<byte> body, long eventTimeMs)
    {
        (OldestEventMs, NewestEventMs) = (Math.Min(OldestEventMs, eventTimeMs), Math.Max(NewestEventMs, eventTimeMs));
        if (Events++ > 0)
            Write(ObjectFraming.Between(format));
        if (body.IndexOfAny((byte)'\n', (byte)'\r') < 0)
        {
            Write(body);
            return;
        }

        var copy = ArrayPool<byte>.Shared.Rent(body.Length);
        body.CopyTo(copy);
        var line = copy.AsSpan(0, body.Length);
        line.Replace((byte)'\n', (byte)' ');
        line.Replace((byte)'\r', (byte)' ');
        Write(line);
        ArrayPool<byte>.Shared.Return(copy);
    }

    /// <summary>Ends the object; the content is complete and readable from its beginning.</summary>
    /// <returns>What is stored, SHA-256 of it, and SHA-256 of what it inflates to.</returns>
    public (Stream Content, byte[] StoredSha256, byte[] Sha256) Finish()
    {
        Write(ObjectFraming.Close(format));
        Flush();
        gzip.Dispose();
        spool.Position = 0;
        return (spool, spool.Sha256(), hash.GetHashAndReset());
    }

    public void Dispose()
    {
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        gzip.Dispose();
        spool.Dispose();
        hash.Dispose();
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        Bytes += bytes.Length;
        while (bytes.Length > buffer.Length - buffered)
        {
            var fitting = buffer.Length - buffered;
            bytes[..fitting].CopyTo(buffer.AsSpan(buffered));
            buffered += fitting;
            Flush();
            bytes = bytes[fitting..];
        }

        bytes.CopyTo(buffer.AsSpan(buffered));
        buffered += bytes.Length;
    }

    private void Flush()
    {
        gzip.Write(buffer.AsSpan(0, buffered));
        hash.AppendData(buffer.AsSpan(0, buffered));
        buffered = 0;
    }
}
