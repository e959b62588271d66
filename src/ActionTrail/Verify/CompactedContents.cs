using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;

namespace ActionTrail.Verify;

/// <summary>Holds a compacted segment against its catalog row, and its rows against its events.</summary>
internal sealed class CompactedContents(ITableStore tables, IObjectStore objects, CompactionHead head, VerifyOptions options, VerifyReport report)
{
    /// <summary>A head is needed twice, by whoever reads the rows and by whoever checks them.</summary>
    private const long CacheBytes = 256L << 20;

    private readonly CompactionLog log = new(tables);
    private readonly SegmentSource source = new(objects, new SegmentCacheOptions { HeadBytes = CacheBytes, BlockBytes = 0 });

    public async Task CheckAsync(CompactedSegment segment, CancellationToken cancellationToken)
    {
        var name = $"{Containers.Events}/{segment.Segment.Name}";
        report.Segments++;
        try
        {
            await CheckRowsAsync(segment, name, cancellationToken);
            report.Bytes += segment.Segment.Length;
        }
        catch (StoreException missing) when (missing.Kind == StoreErrorKind.NotFound)
        {
            // A run of hours may outlive a generation: what was merged meanwhile is not missing.
            var now = await log.ReadHeadAsync(segment.Store, cancellationToken);
            var row = await log.FindSegmentAsync(segment.Store, new(segment.Shard, segment.Id), cancellationToken);
            if ((row is null && now.Generation == head.Generation) || row?.IsInForce(now.Generation) == true)
                report.Add(name, "The object is missing.");
        }
        catch (StoreException error) when (error.Kind == StoreErrorKind.Corrupt)
        {
            report.Add(name, error.Message);
        }
        catch (SegmentFormatException error)
        {
            report.Add(name, "The segment cannot be read: " + error.Message);
        }
    }

    private async Task CheckRowsAsync(CompactedSegment segment, string name, CancellationToken cancellationToken)
    {
        SegmentHead? rows = null;
        var events = new SealedEvents(tables, objects, segment.Store, report);
        var (seen, minTime, maxTime) = (0, long.MaxValue, long.MinValue);
        await foreach (var one in source.ReadAllAsync(segment.Segment, cancellationToken))
        {
            rows ??= await source.OpenAsync(segment.Segment, cancellationToken);
            CheckRow(segment, rows, seen, one, name);
            if (one.Origin is { } origin)
                events.Add(origin.Partition, origin.Last, seen, one.Body.Span);
            (minTime, maxTime) = (Math.Min(minTime, one.EventTimeMs), Math.Max(maxTime, one.EventTimeMs));
            seen++;
            options.Visit?.Invoke(new VerifiedEvent(one.Origin?.Partition ?? default, one.At, one.AccountId, one.EventTimeMs, one.Body));
        }

        await events.CheckAsync(name, cancellationToken);
        report.CompactedEvents += seen;
        if (seen != segment.Count)
            report.Add(name, $"The segment holds {seen} events; its row says {segment.Count}.");
        if (minTime != segment.Segment.MinEventTimeMs || maxTime != segment.Segment.MaxEventTimeMs)
            report.Add(name, "The segment's span of event times is not the one in its row.");
        if (rows?.Level != segment.Level)
            report.Add(name, "The segment's level is not the one in its row.");
        if (rows is not null && segment.Segment.Sieve is { } sieve)
            await CheckSieveAsync(segment, sieve, rows, cancellationToken);
    }

    /// <summary>A lookup trusts a sieve that says "not here": it must be the very one that the segment's head makes.</summary>
    private async Task CheckSieveAsync(CompactedSegment segment, SieveReference sieve, SegmentHead rows, CancellationToken cancellationToken)
    {
        var name = $"{Containers.Events}/{sieve.Name}";
        try
        {
            var right = SieveBuilder.Build(rows, segment.Segment.Sha256);
            var stored = sieve.Length == right.Length ? await objects.ReadAsync(Containers.Events, sieve.Name, 0, right.Length, cancellationToken) : [];
            if (!stored.AsSpan().SequenceEqual(right))
                report.Add(name, "The sieve is not the one of its segment.");
            report.Bytes += right.Length;
        }
        catch (StoreException missing) when (missing.Kind == StoreErrorKind.NotFound)
        {
            var now = await log.ReadHeadAsync(segment.Store, cancellationToken);
            if (await log.FindSegmentAsync(segment.Store, new(segment.Shard, segment.Id), cancellationToken) is { } row && row.IsInForce(now.Generation))
                report.Add(name, "The sieve is missing. Lookups do without it; a repair makes it again.");
        }
        catch (StoreException error) when (error.Kind == StoreErrorKind.Corrupt)
        {
            report.Add(name, error.Message);
        }
    }

    private void CheckRow(CompactedSegment segment, SegmentHead rows, int row, StoredEvent one, string name)
    {
        if (EventMatcher.EventId(one.Body.Span) is not { } id || (uint)(Hash64.Of(id) >> 32) != rows.EventIdPrefix(row))
            report.Add(name, $"Row {row} is indexed under another event id than its event has.");
        if (head.ShardOf(one.AccountId) != segment.Shard || !segment.MayHold(one.AccountId, Hash64.Of(one.AccountId)))
            report.Add(name, $"Row {row} is of an account that the segment's row leaves out, or of another shard.");
        if (one.Origin is not { } origin || !segment.MayHold(origin.Partition, one.At.SequenceNumber, one.At.SequenceNumber))
            report.Add(name, $"Row {row} has coordinates that the segment's row does not cover.");
        else if (!head.Holds(origin.Partition, origin.Last))
            report.Add(name, $"Row {row} is of commit {origin.Partition} {origin.Last}, which no plan took up.");
    }
}
