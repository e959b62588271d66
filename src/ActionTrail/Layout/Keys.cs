using System.Globalization;

namespace ActionTrail.Layout;

/// <summary>
/// The only place that builds or parses keys and object names of the commit log. Fixed width, culture-free; ordinal order is
/// sequence order; ranges are half-open.
/// </summary>
public static class Keys
{
    /// <summary>Row key of a partition's head in table <c>commits</c>.</summary>
    public const string Head = "head";

    /// <summary>Upper bound of all commit row keys, which start with <c>c</c>.</summary>
    public const string AfterCommits = "d";

    /// <summary>Bounds of the quarantine index rows of a partition, which start with <c>q</c>.</summary>
    public const string FirstQuarantine = "q";

    public const string AfterQuarantine = "r";

    /// <summary>Bounds of the partition registry of a store in table <c>progress</c>.</summary>
    public const string FirstPartition = "partition.";

    public const string AfterPartitions = "partition/";

    public static string CommitPartition(StoreName store, PartitionName partition) => $"{store}.{partition}";

    /// <param name="last">Last sequence number of the commit, 0 or more.</param>
    public static string Commit(long last) => string.Create(CultureInfo.InvariantCulture, $"c{last:D20}");

    /// <param name="last">Last sequence number of the commit that quarantined, 0 or more.</param>
    public static string Quarantine(long last) => string.Create(CultureInfo.InvariantCulture, $"q{last:D20}");

    /// <summary>Bounds of the marks of a partition.</summary>
    public const string FirstAppended = "w";

    public const string AfterAppended = "x";

    /// <summary>Row key, beside the commits of a Logstore, of the mark that something was appended under <paramref name="key"/>.</summary>
    public static string Appended(string key) => FirstAppended + key;

    /// <summary>Key under which part <paramref name="number"/> of a trail's delivery of a window is appended to a Logstore: <c>{window:D20}.{trail id}.{number:D4}</c>.</summary>
    public static string WindowPart(long window, string trailId, int number) => string.Create(CultureInfo.InvariantCulture, $"{window:D20}.{trailId}.{number:D4}");

    public static string Partition(PartitionName partition) => $"partition.{partition}";

    public static string Purge(PartitionName partition) => $"purge.{partition}";

    /// <summary>Row key of the hold that stops the purge of a store, in table <c>progress</c>.</summary>
    public const string Hold = "hold";

    /// <summary>Bounds of the holds on single accounts of a store, in table <c>progress</c>.</summary>
    public const string FirstAccountHold = "hold.";

    public const string AfterAccountHolds = "hold/";

    /// <summary>Row key of the hold on an account.</summary>
    public static string AccountHold(string account) => $"hold.{account}";

    /// <summary>Row key of the mark that the purge of a store set on compacted segments, in table <c>progress</c>.</summary>
    public const string SegmentPurge = "purge-segments";

    /// <summary>Row key of what the purge of a store remembers of its last run, in table <c>progress</c>.</summary>
    public const string Retention = "retention";

    /// <summary>Row key in table <c>quarantine</c>, PK <see cref="CommitPartition"/>, of the mark that a quarantined record was replayed.</summary>
    /// <param name="last">Last sequence number of the commit that quarantined it.</param>
    /// <param name="position">Its line in the quarantine object, from 0.</param>
    public static string Replay(long last, int position) => string.Create(CultureInfo.InvariantCulture, $"{last:D20}.{position:D9}");

    /// <summary>Prefix of all fresh segments of a partition in container <c>events</c>.</summary>
    public static string FreshPrefix(StoreName store, PartitionName partition) => $"{store}/fresh/{partition}/";

    /// <summary>
    /// Name of a fresh segment: <c>{store}/fresh/{partition}/{first:D20}-{last:D20}-{hash}</c>, hash = the first 16 hexadecimal digits of
    /// the content's SHA-256. The name is a function of the content: two attempts at one batch write either the same object or
    /// two different ones, never one under the other's name.
    /// </summary>
    public static string FreshSegment(StoreName store, PartitionName partition, long first, long last, ReadOnlySpan<byte> sha256) =>
        string.Create(CultureInfo.InvariantCulture, $"{store}/fresh/{partition}/{first:D20}-{last:D20}-{Convert.ToHexStringLower(sha256[..8])}");

    /// <summary>Name of the quarantined records of one commit, in container <c>quarantine</c>; same rule as <see cref="FreshSegment"/>.</summary>
    public static string QuarantineObject(StoreName store, PartitionName partition, long first, long last, ReadOnlySpan<byte> sha256) =>
        string.Create(CultureInfo.InvariantCulture, $"{store}/{partition}/{first:D20}-{last:D20}-{Convert.ToHexStringLower(sha256[..8])}");

    /// <summary>Prefix of all quarantine objects of a partition in container <c>quarantine</c>.</summary>
    public static string QuarantinePrefix(StoreName store, PartitionName partition) => $"{store}/{partition}/";

    /// <summary>The sequence range out of a name made by <see cref="FreshSegment"/> or <see cref="QuarantineObject"/>; false for any other name.</summary>
    public static bool TryParseRange(string name, out long first, out long last)
    {
        first = last = 0;
        var file = name.AsSpan(name.LastIndexOf('/') + 1);
        return file.Length == 58 && file[20] == '-' && file[41] == '-'
            && long.TryParse(file[..20], NumberStyles.None, CultureInfo.InvariantCulture, out first)
            && long.TryParse(file[21..41], NumberStyles.None, CultureInfo.InvariantCulture, out last);
    }
}
