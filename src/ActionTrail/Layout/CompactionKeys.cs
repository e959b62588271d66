using System.Globalization;

namespace ActionTrail.Layout;

/// <summary>
/// Keys and names of compaction. Table <c>progress</c>, PK <c>{store}</c>: RK <see cref="Head"/>, <see cref="Sweep"/>, <see cref="Checkpoint"/>, <see cref="Backlog"/>, <c>plan-{n:D20}</c>. Table
/// <c>segments</c>, PK <c>{store}.{shard:D4}</c>: RK <c>{since:D20}.{number:D6}</c>. Ordinal order of both is the order of generations.
/// </summary>
public static class CompactionKeys
{
    /// <summary>Row key of the generation in force.</summary>
    public const string Head = "compaction";

    /// <summary>Row key of how far freed objects are deleted.</summary>
    public const string Sweep = "sweep";

    /// <summary>Row key of the notice that compaction is behind.</summary>
    public const string Backlog = "backlog";

    /// <summary>Row key of where the chain of plans begins.</summary>
    public const string Checkpoint = "checkpoint";

    /// <summary>Upper bound of all plan rows.</summary>
    public const string AfterPlans = "plan.";

    public static string Plan(long generation) => string.Create(CultureInfo.InvariantCulture, $"plan-{generation:D20}");

    /// <summary>Partition key of a shard's segments.</summary>
    public static string Shard(StoreName store, int shard) => string.Create(CultureInfo.InvariantCulture, $"{store}.{shard:D4}");

    /// <summary>Id of the segment that generation <paramref name="since"/> adds as its <paramref name="number"/>th, from 0; its row key.</summary>
    public static string SegmentId(long since, int number) => string.Create(CultureInfo.InvariantCulture, $"{since:D20}.{number:D6}");

    /// <summary>Lower bound of the ids of the segments that a generation adds; that of the next one is the upper bound.</summary>
    public static string FirstSegment(long since) => string.Create(CultureInfo.InvariantCulture, $"{since:D20}");

    /// <summary>Prefix of everything that is written for one generation, in container <c>events</c>: whatever has it and is not named by the plan is an orphan.</summary>
    public static string Prefix(StoreName store, long generation) => string.Create(CultureInfo.InvariantCulture, $"{store}/segments/{generation:D20}/");

    /// <summary>
    /// Name of a compacted segment: <c>{store}/segments/{n:D20}/{shard:D4}-{number:D6}-{hash}</c>, hash = the first 16 hexadecimal digits of the
    /// content's SHA-256. The generation in it keeps two segments of the same content apart.
    /// </summary>
    public static string Segment(StoreName store, long generation, int shard, int number, ReadOnlySpan<byte> sha256) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix(store, generation)}{shard:D4}-{number:D6}-{Convert.ToHexStringLower(sha256[..8])}");

    /// <summary>Name of a segment's sieve: <c>{store}/segments/{n:D20}/sieve-{shard:D4}-{number:D6}-{hash}</c>, numbers and hash as in <see cref="Segment"/>, of its own content.</summary>
    public static string Sieve(StoreName store, long generation, int shard, int number, ReadOnlySpan<byte> sha256) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix(store, generation)}sieve-{shard:D4}-{number:D6}-{Convert.ToHexStringLower(sha256[..8])}");

    /// <summary>Prefix of the objects that list the segments in force at a checkpoint.</summary>
    public static string Checkpoints(StoreName store) => $"{store}/segments/checkpoint-";

    /// <summary>Name of the object that lists the segments in force at generation <paramref name="through"/>; rule for the hash as for segments.</summary>
    public static string CheckpointList(StoreName store, long through, ReadOnlySpan<byte> sha256) =>
        string.Create(CultureInfo.InvariantCulture, $"{Checkpoints(store)}{through:D20}-{Convert.ToHexStringLower(sha256[..8])}");

    /// <summary>The generation that added the segment with this id.</summary>
    /// <exception cref="FormatException">It is no id that <see cref="SegmentId"/> makes.</exception>
    public static long SinceOf(string id) => id.Length == 27 ? long.Parse(id.AsSpan(0, 20), NumberStyles.None, CultureInfo.InvariantCulture) : throw new FormatException($"{id} is no segment id.");

    /// <summary>Name of the object that lists the segments a generation adds; same rule for the hash.</summary>
    public static string Outputs(StoreName store, long generation, ReadOnlySpan<byte> sha256) =>
        $"{Prefix(store, generation)}outputs-{Convert.ToHexStringLower(sha256[..8])}";
}
