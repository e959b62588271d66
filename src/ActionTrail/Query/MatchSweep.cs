using System.Collections.Concurrent;
using ActionTrail.Events;

namespace ActionTrail.Query;

/// <summary>
/// Finds every event of a query once, without decoding events but for the few that only their bodies can tell apart. Goes through the
/// segments in the order of time, all at once that overlap:
/// 1. heads are opened in waves, and of each the matching rows selected; some of them are decoded, since compacted segments match by 32 bits;
/// 2. rows that no other segment has at the same place (time and id prefix) are passed in runs;
/// 3. rows that share a place are decoded: of copies of an event the first committed counts, as in lookups;
/// 4. a segment that is passed is handed over with the rows that count, and let go.
/// Memory is the heads that overlap in time and 4 bytes per matching row of them.
/// </summary>
internal sealed class MatchSweep(LookupPlan plan, RowBodies bodies, LookupOptions options)
{
    /// <summary>Rows of a compacted segment that are decoded to see that they have the values and not only the hashes; when there are no more, all.</summary>
    private const int Samples = 4;

    /// <summary>Rows that share a place and wait to be decoded together.</summary>
    private const int MaxWaiting = 1024;

    /// <summary>Rows of fresh segments that are decoded of one event, as in <see cref="Candidates"/>.</summary>
    private const int MaxCopies = 64;

    /// <summary>Rows of one segment that are decoded at once: events can be large.</summary>
    private const int RowsAtOnce = 16;

    private readonly PriorityQueue<MatchCursor, LookupPosition> open = new(Comparer<LookupPosition>.Create(static (a, b) => a.CompareInTime(b)));
    private readonly List<List<(Candidate Row, MatchCursor Cursor)>> waiting = [];
    private readonly List<MatchCursor> passed = [];
    private int waitingRows;
    private int next;

    public int Heads { get; private set; }

    /// <summary>Rows that match by hash, copies included.</summary>
    public int Matches { get; private set; }

    /// <summary>Hands every event of the query to <paramref name="take"/> once, segment by segment. A sweep runs once.</summary>
    public async Task RunAsync(Action<MatchedRows> take, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            while (next < plan.Sources.Count && (open.Count == 0 || plan.Sources[next].Segment.MinEventTimeMs <= open.Peek().Position.EventTimeMs))
                await OpenWaveAsync(cancellationToken);
            if (!open.TryDequeue(out var cursor, out var position))
                break;
            if (cursor.Advance(Limit()))
                Return(cursor);
            else
                Gather(cursor, position);
            if (waitingRows >= MaxWaiting || passed.Exists(static one => one.IsWaiting))
                await SettleAsync(cancellationToken);
            foreach (var one in passed)
                take(one.Counted());
            passed.Clear();
        }
    }

    /// <summary>Where the next row of another segment may be.</summary>
    private LookupPosition? Limit()
    {
        var unopened = next < plan.Sources.Count ? new LookupPosition(plan.Sources[next].Segment.MinEventTimeMs, 0) : (LookupPosition?)null;
        if (!open.TryPeek(out _, out var opened))
            return unopened;
        return unopened is { } bound && bound.CompareInTime(opened) < 0 ? bound : opened;
    }

    private void Return(MatchCursor cursor)
    {
        if (cursor.IsDone)
            passed.Add(cursor);
        else
            open.Enqueue(cursor, cursor.Position);
    }

    /// <summary>Takes all rows of one place off their segments.</summary>
    private void Gather(MatchCursor first, LookupPosition position)
    {
        var group = new List<(Candidate Row, MatchCursor Cursor)>();
        var cursors = new List<MatchCursor> { first };
        while (open.TryPeek(out var other, out var place) && place == position)
            cursors.Add(open.Dequeue());
        foreach (var cursor in cursors)
        {
            while (!cursor.IsDone && cursor.Position == position)
                group.Add((new(position, cursor.Rows.Source, cursor.Rows.Head, cursor.Take()), cursor));
            Return(cursor);
        }

        if (group.Count < 2)
            return;
        foreach (var (_, cursor) in group)
            cursor.IsWaiting = true;
        waiting.Add(group);
        waitingRows += group.Count;
    }

    /// <summary>Decodes the rows that wait; what is no event of the query, or a copy of one committed before, is excluded.</summary>
    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        foreach (var group in waiting)
            DropCopies(group);
        var ids = await ReadIdsAsync([.. waiting.SelectMany(static group => group).Select(static one => one.Row)], cancellationToken);
        foreach (var group in waiting)
        {
            var shown = new HashSet<EventIdentity>();
            foreach (var (row, cursor) in group)
            {
                if (!ids.TryGetValue((row.Source, row.Row), out var id) || !shown.Add(id))
                    cursor.Exclude(row.Row);
                cursor.IsWaiting = false;
            }
        }

        waiting.Clear();
        waitingRows = 0;
    }

    /// <summary>The ids of those rows that are events of the query, whose segment is still there.</summary>
    private async Task<ConcurrentDictionary<(LookupSource Source, int Row), EventIdentity>> ReadIdsAsync(List<Candidate> rows, CancellationToken cancellationToken)
    {
        var ids = new ConcurrentDictionary<(LookupSource Source, int Row), EventIdentity>();
        var parts = rows.GroupBy(static row => row.Source).SelectMany(static ofOne => ofOne.Chunk(RowsAtOnce));
        var bound = new ParallelOptions { MaxDegreeOfParallelism = options.ParallelHeads, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(parts, bound, async (part, stop) =>
        {
            var read = await bodies.ReadAsync(part[0].Source, part[0].Head, [.. part.Select(static row => row.Row)], stop);
            for (var i = 0; read is not null && i < read.Length; i++)
            {
                if (plan.Holds(read[i].Span))
                    ids[(part[i].Source, part[i].Row)] = EventMatcher.Identity(read[i].Span);
            }
        });
        return ids;
    }

    /// <summary>The first committed comes first; of very many copies of one event the later ones are excluded unseen.</summary>
    private static void DropCopies(List<(Candidate Row, MatchCursor Cursor)> group)
    {
        group.Sort(static (a, b) => a.Row.CompareCommitOrder(b.Row));
        var copies = new Dictionary<ulong, int>();
        group.RemoveAll(one =>
        {
            if (one.Row.Source.Commit is null)
                return false;
            var hash = one.Row.Head.EventIdHash(one.Row.Row);
            var count = copies[hash] = copies.GetValueOrDefault(hash) + 1;
            if (count <= MaxCopies)
                return false;
            one.Cursor.Exclude(one.Row.Row);
            one.Cursor.IsWaiting = false;
            return true;
        });
    }

    private async Task OpenWaveAsync(CancellationToken cancellationToken)
    {
        var wave = plan.Sources.GetRange(next, Math.Min(options.ParallelHeads, plan.Sources.Count - next));
        next += wave.Count;
        foreach (var rows in await Task.WhenAll(wave.Select(source => SelectAsync(source, cancellationToken))))
        {
            Heads += rows is null ? 0 : 1;
            Matches += rows?.Count ?? 0;
            if (rows is { Count: > 0 })
                Return(new(rows));
        }
    }

    private async Task<MatchedRows?> SelectAsync(LookupSource source, CancellationToken cancellationToken)
    {
        if (options.AsksSieves && !await bodies.MayHoldAsync(source, plan.Filters, cancellationToken))
            return null;
        if (await bodies.OpenAsync(source, cancellationToken) is not { } head)
            return null;
        if (!head.TryFindAccount(plan.Query.AccountId, out var account))
            return new(source, head, 0, 0);
        if (plan.Filters.Length == 0)
            return new(source, head, head.FirstAtOrAfter(account, plan.FromMs), head.FirstAtOrAfter(account, plan.ToMs));
        var matches = new List<int>();
        head.Select(account, plan.FromMs, plan.ToMs, plan.Filters, matches);
        return await VerifyAsync(new(source, head, matches), cancellationToken);
    }

    /// <summary>Looks at a few events whether the values behind the hashes are those asked for. When one is not, all of the segment are looked at.</summary>
    private async Task<MatchedRows?> VerifyAsync(MatchedRows rows, CancellationToken cancellationToken)
    {
        if (rows.Source.Commit is not null || rows.Count == 0)
            return rows;
        var samples = Enumerable.Range(0, Math.Min(Samples, rows.Count)).Select(i => rows[(int)((long)i * rows.Count / Math.Min(Samples, rows.Count))]).ToArray();
        if (await bodies.ReadAsync(rows.Source, rows.Head, samples, cancellationToken) is not { } read)
            return null;
        if (read.All(body => plan.Holds(body.Span)))
            return rows;
        var wrong = new HashSet<int>();
        foreach (var part in Enumerable.Range(0, rows.Count).Select(at => rows[at]).Chunk(RowsAtOnce))
        {
            if (await bodies.ReadAsync(rows.Source, rows.Head, part, cancellationToken) is not { } all)
                return null;
            wrong.UnionWith(part.Where((_, i) => !plan.Holds(all[i].Span)));
        }

        return rows.Without(wrong);
    }
}
