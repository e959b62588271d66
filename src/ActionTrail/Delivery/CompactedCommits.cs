using System.Runtime.CompilerServices;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;

namespace ActionTrail.Delivery;

/// <summary>Where an event stands in the fresh segment of its commit, among those of its account.</summary>
internal readonly record struct CommitPlace(long EventTimeMs, ulong EventIdHash, long SequenceNumber, int Index) : IComparable<CommitPlace>
{
    public static CommitPlace Of(StoredEvent stored) => new(
        stored.EventTimeMs, EventMatcher.EventId(stored.Body.Span) is { } id ? Hash64.Of(id) : 0, stored.At.SequenceNumber, stored.At.Index);

    public int CompareTo(CommitPlace other) =>
        (EventTimeMs, EventIdHash, SequenceNumber, Index).CompareTo((other.EventTimeMs, other.EventIdHash, other.SequenceNumber, other.Index));
}

/// <summary>
/// Reads the events of a commit and account out of compacted segments, in the order of the fresh segment that is gone. What compaction left out
/// as a copy of an event committed earlier, and what retention took with its segment, is missing.
/// </summary>
internal sealed class CompactedCommits(CompactionLog compaction, SegmentSource segments)
{
    /// <summary>Rows and bytes of bodies that are held at once.</summary>
    private const int BatchRows = 256;
    private const long BatchBytes = 16L << 20;

    /// <param name="commit">A commit whose fresh segment is not there.</param>
    /// <param name="account">The account.</param>
    /// <param name="after">The last event that the caller has already; null: none.</param>
    /// <param name="cancellationToken">Stops the reads.</param>
    /// <exception cref="WindowExpiredException">No generation holds the commit.</exception>
    /// <exception cref="StoreException">Unavailable: compaction freed a segment meanwhile, or one is missing; the next attempt reads the catalog anew.</exception>
    public async IAsyncEnumerable<StoredEvent> ReadAsync(Commit commit, string account, CommitPlace? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rows = await FindAsync(commit, account, cancellationToken);
        for (int start = 0, end; start < rows.Count; start = end)
        {
            end = BatchEnd(rows, start);
            var batch = await ReadAsync(rows.GetRange(start, end - start), account, cancellationToken);
            foreach (var (place, stored) in batch.OrderBy(static one => one.Place))
            {
                if (after is null || place.CompareTo(after.Value) > 0)
                    yield return stored;
            }
        }
    }

    /// <summary>The commit's rows by (event time, upper half of the event id hash): an order that all heads know.</summary>
    private async Task<List<Row>> FindAsync(Commit commit, string account, CancellationToken cancellationToken)
    {
        var head = await compaction.ReadHeadAsync(commit.Store, cancellationToken);
        if (!head.Holds(commit) || commit.Segment is not { } fresh)
            throw new WindowExpiredException($"Segment {commit.Segment?.Name} is gone.");
        var (rows, matches, hash) = (new List<Row>(), new List<int>(), Hash64.Of(account));
        await foreach (var compacted in compaction.ReadSegmentsAsync(commit.Store, head.ShardOf(account), head.Generation, cancellationToken))
        {
            var segment = compacted.Segment;
            var mayHold = compacted.MayHold(account, hash) && compacted.MayHold(commit.Partition, commit.First, commit.Last)
                && segment.MinEventTimeMs <= fresh.MaxEventTimeMs && segment.MaxEventTimeMs >= fresh.MinEventTimeMs;
            if (!mayHold)
                continue;
            var opened = await ReadAsync(segment, () => segments.OpenAsync(segment, cancellationToken));
            if (!opened.TryFindAccount(account, out var own))
                continue;
            matches.Clear();
            opened.Select(own, fresh.MinEventTimeMs, fresh.MaxEventTimeMs + 1, [], matches);
            rows.AddRange(matches.Where(row => IsOf(commit, opened.OriginOf(row))).Select(row => new Row(segment, opened, row)));
        }

        rows.Sort();
        return rows;
    }

    /// <summary>Rows of one place by the heads stay together: only their bodies tell their order.</summary>
    private static int BatchEnd(List<Row> rows, int start)
    {
        var (end, bytes) = (start, 0L);
        while (end < rows.Count && ((end - start < BatchRows && bytes < BatchBytes) || rows[end].CompareTo(rows[end - 1]) == 0))
        {
            bytes += rows[end].Head.BodyLength(rows[end].Number);
            end++;
        }

        return end;
    }

    private async Task<List<(CommitPlace Place, StoredEvent Stored)>> ReadAsync(List<Row> rows, string account, CancellationToken cancellationToken)
    {
        var found = new List<(CommitPlace, StoredEvent)>(rows.Count);
        foreach (var group in rows.GroupBy(static row => row.Segment))
        {
            var head = group.First().Head;
            var blocks = group.Select(row => head.BlockOf(row.Number)).Distinct().Order().ToArray();
            var read = await ReadAsync(group.Key, () => segments.ReadBlocksAsync(group.Key, head, blocks, cancellationToken));
            foreach (var (_, _, row) in group)
            {
                var body = read[Array.BinarySearch(blocks, head.BlockOf(row))].Event(row);
                var stored = new StoredEvent(head.At(row), head.EventTimeMs(row), account, body, head.OriginOf(row));
                found.Add((CommitPlace.Of(stored), stored));
            }
        }

        return found;
    }

    private static async Task<T> ReadAsync<T>(SegmentReference segment, Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (StoreException missing) when (missing.Kind == StoreErrorKind.NotFound)
        {
            throw new StoreException(StoreErrorKind.Unavailable, $"Compacted segment {segment.Name} is not there.", missing);
        }
    }

    private static bool IsOf(Commit commit, CommitOrigin? origin) =>
        origin is { } from && from.Partition == commit.Partition && from.First == commit.First && from.Last == commit.Last;

    private sealed record Row(SegmentReference Segment, SegmentHead Head, int Number) : IComparable<Row>
    {
        public int CompareTo(Row? other) =>
            other is null ? 1 : (Head.EventTimeMs(Number), Head.EventIdPrefix(Number)).CompareTo((other.Head.EventTimeMs(other.Number), other.Head.EventIdPrefix(other.Number)));
    }
}
