using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Segments.Compact;

namespace ActionTrail.Compaction;

/// <summary>
/// Merges runs account by account into the order of compacted segments: account, event time, upper half of the id hash, then the order of the
/// runs. Holds one block per run.
/// </summary>
internal sealed class RunMerge
{
    private readonly List<SegmentRun> runs;
    private readonly HashSet<string> largeAccounts;
    private readonly int largeRows;
    private readonly SortedDictionary<string, List<(int Run, AccountRows Rows)>>[] shards;
    private readonly PriorityQueue<Cursor, (long TimeMs, uint IdPrefix, int Run)> queue = new();
    private readonly EventFacts facts = new();

    /// <param name="runs">What is merged.</param>
    /// <param name="shardCount">Shards of the store.</param>
    /// <param name="largeAccounts">Accounts with segments of their own whatever they have here.</param>
    /// <param name="largeRows">As many rows of one shard and slice make another account one of these.</param>
    public RunMerge(List<SegmentRun> runs, int shardCount, IEnumerable<string> largeAccounts, int largeRows)
    {
        (this.runs, this.largeRows, this.largeAccounts) = (runs, largeRows, new(largeAccounts, StringComparer.Ordinal));
        shards = new SortedDictionary<string, List<(int, AccountRows)>>[shardCount];
        for (var run = 0; run < runs.Count; run++)
        {
            foreach (var rows in runs[run].Head.Accounts)
            {
                ref var accounts = ref shards[CompactionHead.ShardOf(rows.AccountId, shardCount)];
                accounts ??= new(StringComparer.Ordinal);
                if (!accounts.TryGetValue(rows.AccountId, out var places))
                    accounts[rows.AccountId] = places = [];
                places.Add((run, rows));
            }
        }
    }

    /// <summary>The slices in which the shard has events, ascending.</summary>
    public IEnumerable<TimeSlice> Slices(int shard, Func<long, TimeSlice> sliceOf)
    {
        var slices = new SortedSet<TimeSlice>();
        foreach (var (run, rows) in shards[shard]?.Values.SelectMany(static places => places) ?? [])
        {
            var head = runs[run].Head;
            for (int row = rows.First, end = rows.First + rows.Count; row < end;)
            {
                var slice = sliceOf(head.EventTimeMs(row));
                slices.Add(slice);
                row = head.FirstAtOrAfter(rows, slice.ToMs);
            }
        }

        return slices;
    }

    /// <summary>Writes the shard's events of the slice: those of most accounts together, then those of each large one by themselves.</summary>
    public async Task WriteAsync(int shard, TimeSlice slice, SegmentOutput output, CancellationToken cancellationToken)
    {
        if (shards[shard] is not { } accounts)
            return;
        var large = new List<string>();
        await output.BeginAsync(shard, largeAccount: null, cancellationToken);
        foreach (var (accountId, places) in accounts)
        {
            var cursors = Cursors(places, slice);
            if (largeAccounts.Contains(accountId) || cursors.Sum(static c => (long)(c.End - c.Row)) >= largeRows)
                large.Add(accountId);
            else
                await MergeAsync(cursors, accountId, output, cancellationToken);
        }

        foreach (var accountId in large)
        {
            await output.BeginAsync(shard, accountId, cancellationToken);
            await MergeAsync(Cursors(accounts[accountId], slice), accountId, output, cancellationToken);
        }
    }

    private List<Cursor> Cursors(List<(int Run, AccountRows Rows)> places, TimeSlice slice)
    {
        var cursors = new List<Cursor>(places.Count);
        foreach (var (run, at) in places)
        {
            var head = runs[run].Head;
            var cursor = new Cursor(run, runs[run], head.FirstAtOrAfter(at, slice.FromMs), head.FirstAtOrAfter(at, slice.ToMs));
            if (cursor.Row < cursor.End)
                cursors.Add(cursor);
        }

        return cursors;
    }

    private async Task CopyAsync(Cursor cursor, string accountId, SegmentOutput output, CancellationToken cancellationToken)
    {
        for (; cursor.Row < cursor.End; cursor.Row++)
            await AddAsync(cursor, accountId, output, cancellationToken);
    }

    private async Task MergeAsync(List<Cursor> cursors, string accountId, SegmentOutput output, CancellationToken cancellationToken)
    {
        if (cursors.Count == 1)
        {
            await CopyAsync(cursors[0], accountId, output, cancellationToken);
            return;
        }

        queue.Clear();
        foreach (var cursor in cursors)
            queue.Enqueue(cursor, cursor.Key);
        while (queue.TryPeek(out var cursor, out _))
        {
            await AddAsync(cursor, accountId, output, cancellationToken);
            if (++cursor.Row < cursor.End)
                queue.DequeueEnqueue(cursor, cursor.Key);
            else
                queue.Dequeue();
        }
    }

    private async ValueTask AddAsync(Cursor cursor, string accountId, SegmentOutput output, CancellationToken cancellationToken)
    {
        if (!cursor.Run.TryBlock(cursor.Row, out var block))
            block = await cursor.Run.LoadAsync(cursor.Row, cancellationToken);
        if (output.IsFull)
            await output.FlushAsync(cancellationToken);
        var head = cursor.Run.Head;
        head.ReadFacts(cursor.Row, facts);
        facts.AccountId = accountId;
        var origin = cursor.Run.Origin ?? head.OriginOf(cursor.Row) ?? throw new SegmentFormatException("A compacted event does not say where it comes from.");
        output.Add(new CompactRow(block, cursor.Row, facts, head.At(cursor.Row), origin));
    }

    private sealed class Cursor(int number, SegmentRun run, int row, int end)
    {
        public SegmentRun Run => run;

        public int Row { get; set; } = row;

        public int End => end;

        public (long TimeMs, uint IdPrefix, int Run) Key => (run.Head.EventTimeMs(Row), run.Head.EventIdPrefix(Row), number);
    }
}
