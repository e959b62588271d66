using System.Buffers.Binary;
using System.Security.Cryptography;
using ActionTrail.Storage;

namespace ActionTrail.Layout;

/// <summary>
/// Makes an append happen once: a row under <see cref="Keys.Appended"/> of <paramref name="Key"/> is inserted with the commit, so that a second append under
/// the same key fails as a whole. The commit names both, and its chain link covers them.
/// </summary>
/// <param name="Key">Says what is appended.</param>
/// <param name="Sha256">Of what is appended, see <see cref="AppendHash"/>. Null in commits of version 1, whose link does not cover the mark.</param>
public sealed record AppendMark(string Key, byte[]? Sha256);

/// <summary>The row of a mark: what was appended under its key.</summary>
/// <param name="Last">Last, and only, sequence number of the commit.</param>
/// <param name="Count">Number of events.</param>
/// <param name="Sha256">Of the events.</param>
public sealed record Appended(long Last, int Count, byte[] Sha256)
{
    /// <param name="partitionKey">That of the commit.</param>
    /// <param name="key">Of the mark.</param>
    public TableRow ToRow(string partitionKey, string key) => new TableRow(partitionKey, Keys.Appended(key)).With("Last", Last).With("Count", Count).With("Sha256", Sha256);

    /// <exception cref="StoreException">Corrupt: the row is not one that <see cref="ToRow"/> makes.</exception>
    public static Appended FromRow(TableRow row) => new(row.Known(1).GetInt64("Last"), row.GetInt32("Count"), row.GetBytes("Sha256"));
}

/// <summary>SHA-256 over events in the order in which they are appended, each behind its length as 4 bytes, little-endian.</summary>
public sealed class AppendHash : IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public void Add(ReadOnlySpan<byte> body)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, body.Length);
        hash.AppendData(length);
        hash.AppendData(body);
    }

    public byte[] Sha256() => hash.GetCurrentHash();

    public void Clear() => hash.GetHashAndReset();

    public void Dispose() => hash.Dispose();
}
