using System.Buffers;
using System.IO.Compression;
using System.Security.Cryptography;

namespace ActionTrail.Delivery;

/// <summary>
/// One object in the making: gzip of <c>[event,event…]</c>, the stored bytes of each event, on one line. Line breaks between the tokens
/// of an event (they cannot occur inside its strings) become spaces, so that readers that split lines get one record.
/// </summary>
internal sealed class ObjectPart : IDisposable
{
    private readonly SpoolStream spool;
    private readonly GZipStream gzip;
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public ObjectPart(string account, string region, int number, SpoolStream spool)
    {
        (Account, Region, Number, this.spool) = (account, region, number, spool);
        gzip = new GZipStream(spool, CompressionLevel.Optimal, leaveOpen: true);
    }

    public string Account { get; }

    public string Region { get; }

    /// <summary>From 0 within the account and region.</summary>
    public int Number { get; }

    public int Events { get; private set; }

    /// <summary>Uncompressed bytes so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether an event of this length keeps the object within <paramref name="maxBytes"/>; the first event always does.</summary>
    public bool Fits(int length, int maxBytes) => Events == 0 || Bytes + length + 2 <= maxBytes;

    public void Add(ReadOnlySpan<byte> body)
    {
        Write(Events++ == 0 ? "["u8 : ","u8);
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

    /// <summary>Ends the array; the content is complete and readable from its beginning.</summary>
    public (Stream Content, byte[] Sha256) Finish()
    {
        Write("]"u8);
        gzip.Dispose();
        spool.Position = 0;
        return (spool, hash.GetHashAndReset());
    }

    public void Dispose()
    {
        gzip.Dispose();
        spool.Dispose();
        hash.Dispose();
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        gzip.Write(bytes);
        hash.AppendData(bytes);
        Bytes += bytes.Length;
    }
}
