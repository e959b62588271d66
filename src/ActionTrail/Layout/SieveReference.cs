using ActionTrail.Storage;

namespace ActionTrail.Layout;

/// <summary>Where the sieve of a segment lies: what says of a value that the segment does not have it, without the segment's head.</summary>
/// <param name="Name">Object name in container <c>events</c>.</param>
/// <param name="Pages">Pages in it, at least one.</param>
public sealed record SieveReference(string Name, int Pages)
{
    /// <summary>Bytes before the first page.</summary>
    public const int HeaderBytes = 64;

    /// <summary>Bytes of a page with its checksum.</summary>
    public const int PageBytes = 4 + 512;

    /// <summary>Bytes of the whole object.</summary>
    public long Length => OffsetOf(Pages);

    /// <summary>Where a page starts.</summary>
    public static long OffsetOf(int page) => HeaderBytes + ((long)page * PageBytes);

    internal static SieveReference? ReadFrom(TableRow row)
    {
        if (row.FindString("Sieve") is not { } name)
            return null;
        var pages = row.GetInt32("SievePages");
        return pages > 0 ? new(name, pages) : throw new StoreException(StoreErrorKind.Corrupt, $"Row {row.PartitionKey} / {row.RowKey} names a sieve of {pages} pages.");
    }
}
