using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;

namespace ActionTrail.Query;

/// <summary>
/// Answers lookups from segments: catalog, then heads, then only the blocks with rows of the page.
/// </summary>
/// <remarks>
/// Order is (event time, event id hash). Copies of one event, which a publisher or the hub sent again, have the same time and id and so
/// stand side by side; the one committed first is shown. An event sent again under the same id with another time is another record and is
/// shown too: an audit trail that hid it would hide a forgery.
/// </remarks>
public sealed class EventLookup(CommitCatalog catalog, SegmentSource segments, TimeProvider clock, LookupOptions options)
{
    /// <summary>One page of the query, clipped to the retention. Exact for everything committed before the call.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public async Task<LookupPage> LookupAsync(StoreName store, LookupQuery query, CancellationToken cancellationToken)
    {
        var oldest = clock.GetUtcNow().AddDays(-options.RetentionDays).ToUnixTimeMilliseconds();
        var (fromMs, toMs) = Remaining(query with { FromMs = Math.Max(query.FromMs, oldest) });
        if (fromMs >= toMs)
        {
            return new LookupPage([], null, new LookupStatistics(0, 0, 0, 0));
        }

        var plan = new LookupPlan(query, fromMs, toMs, await catalog.ReadAsync(store, query.AccountId, fromMs, toMs, cancellationToken));
        for (var rows = query.PageSize + 1; ; rows *= 4)
        {
            // Hash matches can turn out false and copies collapse, so a page may need more rows than it has events.
            var candidates = await CollectAsync(plan, rows, cancellationToken);
            var page = await ReadPageAsync(plan, candidates, cancellationToken);
            if (page is not null)
            {
                return page;
            }
        }
    }

    /// <summary>The event of the account with this id, or null. Of several copies the one committed first.</summary>
    public async Task<FoundEvent?> FindAsync(StoreName store, string accountId, string eventId, CancellationToken cancellationToken)
    {
        var query = new LookupQuery
        {
            AccountId = accountId,
            FromMs = clock.GetUtcNow().AddDays(-options.RetentionDays).ToUnixTimeMilliseconds(),
            ToMs = long.MaxValue,
            PageSize = options.MaxPageSize,
            Conditions = [new LookupCondition(EventAttribute.EventId, eventId)],
        };
        for (FoundEvent? first = null; ;)
        {
            // All pages: whoever sends an id again and again with other times shall not push the first out of sight.
            var page = await LookupAsync(store, query, cancellationToken);
            first = page.Events.Prepend(first).OfType<FoundEvent>().MinBy(found => (found.CommitTime, found.Partition.ToString(), found.SequenceNumber, found.Index));
            if (page.Next is null)
            {
                return first;
            }

            query = query with { After = page.Next };
        }
    }

    /// <summary>The range that is left behind the position, bounds included: rows at the position itself are dropped by their key.</summary>
    private static (long FromMs, long ToMs) Remaining(LookupQuery query) => query switch
    {
        { After: null } => (query.FromMs, query.ToMs),
        { Direction: LookupDirection.Backward, After: { } after } => (query.FromMs, Math.Min(query.ToMs, after.EventTimeMs + 1)),
        { After: { } after } => (Math.Max(query.FromMs, after.EventTimeMs), query.ToMs),
    };

    /// <summary>
    /// The first <paramref name="wanted"/> rows of the query in its order, with every further row that shares the last one's key. Opens heads in
    /// the order of the newest (or oldest) event they can hold and stops when no unopened segment can still come before the last row.
    /// </summary>
    private async Task<Candidates> CollectAsync(LookupPlan plan, int wanted, CancellationToken cancellationToken)
    {
        var found = new Candidates(plan, wanted);
        for (var next = 0; next < plan.Commits.Count && !found.IsCompleteBefore(plan.Commits[next]);)
        {
            var wave = plan.Commits.GetRange(next, Math.Min(options.ParallelHeads, plan.Commits.Count - next));
            next += wave.Count;
            var heads = await Task.WhenAll(wave.Select(commit => OpenAsync(commit, cancellationToken)));
            for (var i = 0; i < wave.Count; i++)
            {
                if (heads[i] is { } head)
                {
                    found.Add(wave[i], head);
                }
            }
        }

        found.Trim();
        return found;
    }

    private async Task<SegmentHead?> OpenAsync(Commit commit, CancellationToken cancellationToken)
    {
        try
        {
            return await segments.OpenAsync(commit.Segment!, cancellationToken);
        }
        catch (StoreException missing) when (missing.Kind == StoreErrorKind.NotFound)
        {
            await catalog.ForgetAsync(commit, cancellationToken);
            return null;
        }
    }

    /// <summary>Decodes and re-verifies the rows; null when too few of them are events of the page although there are more rows.</summary>
    private async Task<LookupPage?> ReadPageAsync(LookupPlan plan, Candidates candidates, CancellationToken cancellationToken)
    {
        var rows = candidates.Rows;
        var blocks = new HashSet<(Commit, int)>();
        var events = new List<FoundEvent>();
        var shown = new HashSet<string>(StringComparer.Ordinal);
        long bytes = 0;
        LookupPosition? last = null;
        for (int start = 0, end; start < rows.Count; start = end)
        {
            end = WaveEnd(rows, start);
            var bodies = await ReadBodiesAsync(rows.GetRange(start, end - start), blocks, cancellationToken);
            for (var i = start; i < end; i++)
            {
                // Rows of one key: copies of one event, or (once in 2^64) different events; each distinct id is shown once.
                if (rows[i].Position != last)
                {
                    if (events.Count >= plan.Query.PageSize || bytes >= options.MaxPageBytes)
                    {
                        return new LookupPage(events, last, Statistics(plan, candidates, blocks.Count));
                    }

                    last = rows[i].Position;
                    shown.Clear();
                }

                var body = bodies[i - start];
                if (!body.IsEmpty && plan.Holds(body.Span) && shown.Add(EventMatcher.EventId(body.Span) ?? ""))
                {
                    events.Add(rows[i].ToFound(body));
                    bytes += body.Length;
                }
            }
        }

        if (candidates.MayHaveMore && events.Count < plan.Query.PageSize && bytes < options.MaxPageBytes)
        {
            return null;
        }

        return new LookupPage(events, candidates.MayHaveMore ? last : null, Statistics(plan, candidates, blocks.Count));
    }

    /// <summary>Where the rows end that are decoded together: a common page is one wave, large events and heaps of copies are many.</summary>
    private int WaveEnd(List<Candidate> rows, int start)
    {
        long bytes = 0;
        var end = start;
        while (end < rows.Count && end - start <= options.MaxPageSize && bytes < options.MaxPageBytes)
        {
            bytes += rows[end].Head.BodyLength(rows[end].Row);
            end++;
        }

        return end;
    }

    /// <summary>The bodies of the rows; empty for those whose segment the purge took meanwhile.</summary>
    private async Task<ReadOnlyMemory<byte>[]> ReadBodiesAsync(List<Candidate> rows, HashSet<(Commit Commit, int Block)> blocks, CancellationToken cancellationToken)
    {
        var bodies = new ReadOnlyMemory<byte>[rows.Count];
        var reads = rows.Select((row, index) => (row, index)).GroupBy(one => one.row.Commit).Select(async group =>
        {
            var (commit, head) = (group.Key, group.First().row.Head);
            var needed = group.Select(one => head.BlockOf(one.row.Row)).Distinct().Order().ToArray();
            SegmentBlock[] read;
            try
            {
                read = await segments.ReadBlocksAsync(commit.Segment!, head, needed, cancellationToken);
            }
            catch (StoreException missing) when (missing.Kind == StoreErrorKind.NotFound)
            {
                await catalog.ForgetAsync(commit, cancellationToken);
                return;
            }

            lock (blocks)
            {
                blocks.UnionWith(needed.Select(block => (commit, block)));
            }

            foreach (var (row, index) in group)
            {
                bodies[index] = read[Array.IndexOf(needed, head.BlockOf(row.Row))].Event(row.Row);
            }
        });
        await Task.WhenAll(reads);
        return bodies;
    }

    private static LookupStatistics Statistics(LookupPlan plan, Candidates candidates, int blocks) =>
        new(plan.Commits.Count, candidates.Heads, candidates.Matches, blocks);
}
