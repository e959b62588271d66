using ActionTrail.Events;
using ActionTrail.Layout;

namespace ActionTrail.Query;

public enum LookupDirection
{
    /// <summary>Newest event first.</summary>
    Backward,

    /// <summary>Oldest event first.</summary>
    Forward,
}

/// <summary>One condition: the attribute has exactly this value (case-sensitive).</summary>
public sealed record LookupCondition(EventAttribute Attribute, string Value);

/// <summary>
/// Place in a result: the last (event time, event id hash) that was returned. The next page begins strictly behind it, in the
/// query's direction, so that events committed meanwhile neither repeat nor hide any. Only the upper 32 bits of the hash count: they are
/// all that compacted segments know, and a place must mean the same before and after a compaction. Events that share both come on one page.
/// </summary>
public readonly record struct LookupPosition(long EventTimeMs, ulong EventIdHash)
{
    /// <summary>The place of a row.</summary>
    internal static LookupPosition OfRow(long eventTimeMs, uint eventIdPrefix) => new(eventTimeMs, (ulong)eventIdPrefix << 32);

    /// <summary>The place that a token names, as rows name theirs.</summary>
    internal static LookupPosition? OfRow(LookupPosition? named) => named is { } position ? OfRow(position.EventTimeMs, (uint)(position.EventIdHash >> 32)) : null;

    /// <summary>Negative when this place comes first in time order.</summary>
    public int CompareInTime(LookupPosition other)
    {
        var byTime = EventTimeMs.CompareTo(other.EventTimeMs);
        return byTime != 0 ? byTime : EventIdHash.CompareTo(other.EventIdHash);
    }
}

/// <summary>How far back lookups reach, and in which store, for the tokens of their pages: those of one store fit no other.</summary>
/// <param name="Days">Days before now; null: all times.</param>
/// <param name="Scope">Name of the store; empty for the history.</param>
public sealed record LookupReach(int? Days, string Scope)
{
    /// <summary>The history's: <see cref="LookupOptions.RetentionDays"/>.</summary>
    public static LookupReach Retention { get; } = new(-1, "");

    internal long OldestMs(DateTimeOffset now, LookupOptions options) => Days switch
    {
        null => long.MinValue,
        -1 => now.AddDays(-options.RetentionDays).ToUnixTimeMilliseconds(),
        var days => now.AddDays(-days.Value).ToUnixTimeMilliseconds(),
    };
}

/// <summary>A lookup: the events of one account in [<see cref="FromMs"/>, <see cref="ToMs"/>) for which every condition holds.</summary>
public sealed record LookupQuery
{
    public required string AccountId { get; init; }

    /// <summary>Inclusive, Unix milliseconds.</summary>
    public required long FromMs { get; init; }

    /// <summary>Exclusive, Unix milliseconds.</summary>
    public required long ToMs { get; init; }

    /// <summary>How far back it may reach; what it asks for beyond is not there.</summary>
    public LookupReach Reach { get; init; } = LookupReach.Retention;

    public LookupDirection Direction { get; init; }

    /// <summary>1 to <see cref="LookupOptions.MaxPageSize"/>.</summary>
    public int PageSize { get; init; } = 50;

    public IReadOnlyList<LookupCondition> Conditions { get; init; } = [];

    /// <summary>Where the page before ended; null for the first page.</summary>
    public LookupPosition? After { get; init; }
}

/// <summary>A stored event with its three times and its place in the commit log.</summary>
/// <param name="Body">The event as it was stored, one JSON object, UTF-8.</param>
/// <param name="EventTime">When it happened, by its publisher.</param>
/// <param name="ReceiveTime">When it entered the event hub or the API.</param>
/// <param name="CommitTime">When it was committed.</param>
/// <param name="Partition">Partition of the commit log.</param>
/// <param name="SequenceNumber">Sequence number in that partition.</param>
/// <param name="Index">Position among the events of the same message, from 0.</param>
public sealed record FoundEvent(
    ReadOnlyMemory<byte> Body, DateTimeOffset EventTime, DateTimeOffset ReceiveTime, DateTimeOffset CommitTime, PartitionName Partition, long SequenceNumber, int Index);

/// <summary>What a lookup cost.</summary>
/// <param name="Segments">Segments whose catalog row did not rule them out.</param>
/// <param name="Heads">Segment heads that were looked into.</param>
/// <param name="Matches">Rows whose attribute hashes matched.</param>
/// <param name="Blocks">Blocks whose events were decoded.</param>
/// <param name="Reads">Ranged reads that the store was asked for: heads and blocks that no cache had.</param>
/// <param name="Bytes">Bytes of those reads.</param>
public sealed record LookupStatistics(int Segments, int Heads, int Matches, int Blocks, int Reads, long Bytes);

/// <summary>One page. <paramref name="Next"/> is null on the last page.</summary>
public sealed record LookupPage(IReadOnlyList<FoundEvent> Events, LookupPosition? Next, LookupStatistics Statistics);
