using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Query;

/// <summary>
/// Answers lookups from segments: catalog, then heads, then only the blocks with rows of the page.
/// </summary>
/// <remarks>
/// Order is (event time, event id hash). Copies of one event, which a publisher or the hub sent again, have the same time and id and so
/// stand side by side; the one committed first is shown. An event sent again under the same id with another time is another record and is
/// shown too: an audit trail that hid it would hide a forgery.
/// </remarks>
public sealed class EventLookup(CommitCatalog catalog, SegmentSource segments, TimeProvider clock, LookupOptions options, ILogger<EventLookup> log)
{
    /// <summary>Views of the store that one call tries: each further one is only needed when compaction freed a segment between the view and its read.</summary>
    private const int MaxViews = 4;

    /// <summary>Heads of the first wave. Each further one is twice as wide: a page of the newest events needs few, a rare value all.</summary>
    private const int FirstWave = 4;

    /// <summary>One page of the query, clipped to the retention. Exact for everything committed before the call.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public async Task<LookupPage> LookupAsync(StoreName store, LookupQuery query, CancellationToken cancellationToken)
    {
        var (fromMs, toMs) = Remaining(query with { FromMs = Math.Max(query.FromMs, query.Reach.OldestMs(clock.GetUtcNow(), options)) });
        if (fromMs >= toMs)
        {
            return new LookupPage([], null, new LookupStatistics(0, 0, 0, 0, 0, 0));
        }

        using var activity = LookupMetrics.Start();
        var reads = new SegmentReads();
        for (var views = 1; ; views++)
        {
            try
            {
                var (page, generation) = await ReadAsync(store, query, fromMs, toMs, reads, cancellationToken);
                LookupMetrics.LookedUp(activity, page.Statistics);
                LookupLog.LookedUp(log, query.AccountId, page.Events.Count, generation, page.Statistics);
                return page;
            }
            catch (ViewOutdatedException outdated) when (views < MaxViews)
            {
                LookupLog.Outdated(log, outdated.Generation, outdated.Message);
            }
            catch (ViewOutdatedException outdated)
            {
                throw new StoreException(StoreErrorKind.Unavailable, outdated.Message, outdated);
            }
        }
    }

    /// <summary>The event of the account with this id, or null. Of several copies the one committed first.</summary>
    public Task<FoundEvent?> FindAsync(StoreName store, string accountId, string eventId, CancellationToken cancellationToken) =>
        FindAsync(store, LookupReach.Retention, accountId, eventId, cancellationToken);

    /// <inheritdoc cref="FindAsync(StoreName, string, string, CancellationToken)"/>
    public async Task<FoundEvent?> FindAsync(StoreName store, LookupReach reach, string accountId, string eventId, CancellationToken cancellationToken)
    {
        var query = new LookupQuery
        {
            AccountId = accountId,
            Reach = reach,
            FromMs = reach.OldestMs(clock.GetUtcNow(), options),
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
    /// The page of the view that the catalog answers. While it asks the store, the page of the view that it is likely to answer is read already; segments never
    /// change, so when the answer is that view, the page is its page.
    /// </summary>
    private async Task<(LookupPage Page, long Generation)> ReadAsync(StoreName store, LookupQuery query, long fromMs, long toMs, SegmentReads reads, CancellationToken cancellationToken)
    {
        var asking = catalog.ReadAsync(store, query.AccountId, fromMs, toMs, cancellationToken);
        if (asking.IsCompleted || catalog.Guess(store, query.AccountId, fromMs, toMs) is not { } guess)
        {
            var view = await asking;
            return (await ReadAsync(store, new LookupPlan(query, fromMs, toMs, view), reads, cancellationToken), view.Generation);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var guessed = ReadAsync(store, new LookupPlan(query, fromMs, toMs, guess), reads, stop.Token);
        CatalogView? known = null;
        try
        {
            known = await asking;
        }
        finally
        {
            // A wrong guess is dropped, whatever came of it: its segments may be gone.
            if (known?.IsSameAs(guess) != true)
            {
                await stop.CancelAsync();
                await ((Task)guessed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        var page = known.IsSameAs(guess) ? await guessed : await ReadAsync(store, new LookupPlan(query, fromMs, toMs, known), reads, cancellationToken);
        return (page, known.Generation);
    }

    private async Task<LookupPage> ReadAsync(StoreName store, LookupPlan plan, SegmentReads reads, CancellationToken cancellationToken)
    {
        for (var rows = plan.Query.PageSize + 1; ; rows *= 4)
        {
            // Hash matches can turn out false and copies collapse, so a page may need more rows than it has events.
            var candidates = await CollectAsync(store, plan, rows, reads, cancellationToken);
            var page = await ReadPageAsync(store, plan, candidates, reads, cancellationToken);
            if (page is not null)
            {
                return page;
            }
        }
    }

    /// <summary>
    /// The first <paramref name="wanted"/> rows of the query in its order, with every further row that shares the last one's key. Opens heads in
    /// the order of the newest (or oldest) event they can hold and stops when no unopened segment can still come before the last row.
    /// </summary>
    private async Task<Candidates> CollectAsync(StoreName store, LookupPlan plan, int wanted, SegmentReads reads, CancellationToken cancellationToken)
    {
        var found = new Candidates(plan, wanted);
        var width = Math.Min(FirstWave, options.ParallelHeads);
        for (var next = 0; next < plan.Sources.Count && !found.IsCompleteBefore(plan.Sources[next]);)
        {
            var wave = plan.Sources.GetRange(next, Math.Min(width, plan.Sources.Count - next));
            next += wave.Count;
            width = Math.Min(2 * width, options.ParallelHeads);
            var heads = await Task.WhenAll(wave.Select(source => OpenAsync(store, plan, source, reads, cancellationToken)));
            for (var i = 0; i < wave.Count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (heads[i] is { } head)
                {
                    found.Add(wave[i], head);
                }
            }
        }

        found.Trim();
        return found;
    }

    /// <summary>The head of a segment; null when its sieve rules it out, or retention took the segment, or it was marked lost, since the view was taken.</summary>
    private async Task<SegmentHead?> OpenAsync(StoreName store, LookupPlan plan, LookupSource source, SegmentReads reads, CancellationToken cancellationToken)
    {
        if (options.AsksSieves && !await MayHoldAsync(plan, source, reads, cancellationToken))
            return null;
        try
        {
            return await segments.OpenAsync(source.Segment, reads, cancellationToken);
        }
        catch (StoreException missing) when (missing.Kind == StoreErrorKind.NotFound)
        {
            await catalog.ForgetAsync(store, plan.Generation, source, cancellationToken);
            return null;
        }
    }

    /// <summary>A sieve that is lost or damaged spares nothing, and hides nothing.</summary>
    private async Task<bool> MayHoldAsync(LookupPlan plan, LookupSource source, SegmentReads reads, CancellationToken cancellationToken)
    {
        try
        {
            return await segments.MayHoldAsync(source.Segment, plan.Filters, reads, cancellationToken);
        }
        catch (StoreException error) when (error.Kind is StoreErrorKind.NotFound or StoreErrorKind.Corrupt)
        {
            LookupLog.SieveUnread(log, source.Segment.Name, error.Message);
            return true;
        }
    }

    /// <summary>Decodes and re-verifies the rows; null when too few of them are events of the page although there are more rows.</summary>
    private async Task<LookupPage?> ReadPageAsync(StoreName store, LookupPlan plan, Candidates candidates, SegmentReads reads, CancellationToken cancellationToken)
    {
        var rows = candidates.Rows;
        var blocks = new HashSet<(LookupSource, int)>();
        var events = new List<FoundEvent>();
        var shown = new HashSet<EventIdentity>();
        long bytes = 0;
        LookupPosition? last = null;
        for (int start = 0, end; start < rows.Count; start = end)
        {
            end = WaveEnd(rows, start);
            var bodies = await ReadBodiesAsync(store, plan, rows.GetRange(start, end - start), blocks, reads, cancellationToken);
            for (var i = start; i < end; i++)
            {
                // Rows of one key: copies of one event, or (once in 2^64) different events; each distinct id is shown once.
                if (rows[i].Position != last)
                {
                    if (events.Count >= plan.Query.PageSize || bytes >= options.MaxPageBytes)
                    {
                        return new LookupPage(events, last, Statistics(plan, candidates, blocks.Count, reads));
                    }

                    last = rows[i].Position;
                    shown.Clear();
                }

                var body = bodies[i - start];
                if (!body.IsEmpty && plan.Holds(body.Span) && shown.Add(EventMatcher.Identity(body.Span)))
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

        return new LookupPage(events, candidates.MayHaveMore ? last : null, Statistics(plan, candidates, blocks.Count, reads));
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
    private async Task<ReadOnlyMemory<byte>[]> ReadBodiesAsync(
        StoreName store, LookupPlan plan, List<Candidate> rows, HashSet<(LookupSource Source, int Block)> blocks, SegmentReads reads, CancellationToken cancellationToken)
    {
        var bodies = new ReadOnlyMemory<byte>[rows.Count];
        var reading = rows.Select((row, index) => (row, index)).GroupBy(one => one.row.Source).Select(async group =>
        {
            var (source, head) = (group.Key, group.First().row.Head);
            var needed = group.Select(one => head.BlockOf(one.row.Row)).Distinct().Order().ToArray();
            SegmentBlock[] read;
            try
            {
                read = await segments.ReadBlocksAsync(source.Segment, head, needed, reads, cancellationToken);
            }
            catch (StoreException missing) when (missing.Kind == StoreErrorKind.NotFound)
            {
                await catalog.ForgetAsync(store, plan.Generation, source, cancellationToken);
                return;
            }

            lock (blocks)
            {
                blocks.UnionWith(needed.Select(block => (source, block)));
            }

            foreach (var (row, index) in group)
            {
                bodies[index] = read[Array.IndexOf(needed, head.BlockOf(row.Row))].Event(row.Row);
            }
        });
        await Task.WhenAll(reading);
        return bodies;
    }

    private static LookupStatistics Statistics(LookupPlan plan, Candidates candidates, int blocks, SegmentReads reads) =>
        new(plan.Sources.Count, candidates.Heads, candidates.Matches, blocks, reads.Requests, reads.Bytes);
}
