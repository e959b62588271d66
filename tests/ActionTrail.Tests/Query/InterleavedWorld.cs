using System.Text;
using ActionTrail.Compaction;
using ActionTrail.Events;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Query;
using ActionTrail.Retention;
using ActionTrail.Segments;
using ActionTrail.Storage;
using ActionTrail.Tests.Ingest;
using ActionTrail.Verify;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Tests.Query;

/// <summary>What the runs of all seeds came to: a property that nothing put to the test was not tested.</summary>
internal sealed class InterleavedCounts
{
    public long Turns, Generations, Swept, Retired, Purged, Chains, Pages, Cancelled, Stopped, Outdated, Jumps, Copies, Finds;

    public override string ToString() =>
        $"{Turns} turns; {Generations} generations, {Swept} objects swept, {Retired} segments retired, {Purged} commits purged; {Chains} chains of {Pages} pages, "
        + $"{Finds} by id, {Copies} copies; {Cancelled} lookups cancelled, {Stopped} reads of wrong guesses stopped, {Outdated} pages given up; {Jumps} jumps of the clock";
}

/// <summary>The real thing over storage that takes turns: ingestion from two partitions of a hub and over HTTP, two compactors, the purge, two processes that read.</summary>
internal sealed class InterleavedWorld
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private readonly Interleaving turns;
    private readonly InterleavedCounts counts;
    private readonly MemoryTableStore tables = new();
    private readonly MemoryObjectStore objects;
    private readonly TurnTables slowTables;
    private readonly TurnObjects slowObjects;
    private readonly TurnClock clock;
    private readonly KnownAccounts accounts = new();
    private readonly List<Sample> sent = [];
    private readonly List<Sample> committed = [];
    private readonly AsyncLocal<CancellationTokenSource?> lookup = new();
    private readonly EventLookup[] processes;
    private readonly CompactionOptions compaction;
    private int ids, runs, lookups, busy;
    private bool isJumping;

    public InterleavedWorld(int seed, Interleaving turns, InterleavedCounts counts)
    {
        (this.turns, this.counts) = (turns, counts);
        clock = new(turns, Start);
        objects = new(clock);
        (slowTables, slowObjects) = (new(tables, turns), new(objects, turns));
        compaction = new()
        {
            Shards = 1 + (seed % 3),
            Settle = TimeSpan.FromSeconds(1),
            Delay = TimeSpan.Zero,
            MaxFreshCommits = 3,
            MergeCount = 3,
            KeptPlans = 1,
            ForgottenPlans = 2,
            SieveRows = seed % 3 == 0 ? 1 : 5,
            LargeAccountRows = seed % 2 == 0 ? 6 : 65_536,
        };
        processes = [NewLookup(new SegmentCacheOptions()), NewLookup(new SegmentCacheOptions { HeadBytes = 0, BlockBytes = 0 })];
    }

    public async Task RunAsync()
    {
        foreach (var table in Layout.Tables.All)
            await tables.CreateTableAsync(table, default);
        foreach (var container in Containers.All)
            await objects.CreateContainerAsync(container, default);
        accounts.Add("a");
        accounts.Add("b");
        var api = new ApiIngest(new CommitLog(slowTables, clock), slowObjects, accounts, new IngestOptions(), clock, NullLogger<ApiIngest>.Instance);
        await turns.RunAsync(
            [
                Busy(() => PublishAsync("0")), Busy(() => PublishAsync("1")), Busy(() => PostAsync(api)),
                Busy(() => ReadAsync(processes[0])), Busy(() => ReadAsync(processes[0])), Busy(() => ReadAsync(processes[1])),
                CompactAsync, CompactAsync, PurgeAsync, PassTimeAsync,
            ],
            async () =>
            {
                await api.DisposeAsync();
                await JudgeAsync();
            });
        counts.Turns += turns.Turns;
    }

    private EventLookup NewLookup(SegmentCacheOptions cache)
    {
        var options = new LookupOptions { ParallelHeads = 4 };

        // A read that stops although nobody cancelled the lookup belongs to a guess that the catalog did not confirm.
        var reads = new TurnObjects(objects, turns, () => Interlocked.Add(ref counts.Stopped, lookup.Value is { IsCancellationRequested: false } ? 1 : 0));
        return new EventLookup(new CommitCatalog(slowTables, clock, options), new SegmentSource(reads, cache), clock, options, NullLogger<EventLookup>.Instance);
    }

    /// <summary>Writers and readers: while one of them is at work, the others go on.</summary>
    private Func<Task> Busy(Func<Task> run)
    {
        busy++;
        return async () =>
        {
            try
            {
                await run();
            }
            finally
            {
                Interlocked.Decrement(ref busy);
            }
        };
    }

    /// <summary>One partition of the hub: batches, delivered again at other bounds, some by two instances at once.</summary>
    private async Task PublishAsync(string partition)
    {
        HubIngest[] instances = [NewHubIngest(), NewHubIngest()];
        var messages = new List<HubMessage>();
        for (int batch = 0, first = 0; batch < 7; batch++)
        {
            var samples = NewSamples(isOld: batch < 2);
            foreach (var sample in samples)
                messages.Add(new HubMessage(messages.Count, clock.GetUtcNow().ToUnixTimeMilliseconds() + messages.Count, Encoding.UTF8.GetBytes(sample.ToJson()), ContentType: null));
            Task[] deliveries =
            [
                instances[0].IngestAsync(Batch(partition, messages[first..]), default),
                .. turns.Next(3) == 0 ? [instances[1].IngestAsync(Batch(partition, messages[Math.Max(0, first - 2)..]), default)] : (Task[])[],
            ];
            await Task.WhenAll(deliveries);
            Committed(samples);
            first = messages.Count;
            await IdleAsync(30);
        }
    }

    private HubIngest NewHubIngest() => new(new CommitLog(slowTables, clock), slowObjects, accounts, new IngestOptions(), NullLogger<HubIngest>.Instance);

    private static HubBatch Batch(string partition, List<HubMessage> messages) =>
        new() { FullyQualifiedNamespace = IngestWorld.Namespace, EventHubName = "audit", PartitionId = partition, Messages = messages.ToArray() };

    private async Task PostAsync(ApiIngest api)
    {
        for (var n = 0; n < 7; n++)
        {
            var samples = NewSamples(isOld: false);
            var body = Encoding.UTF8.GetBytes($"[{string.Join(',', samples.Select(static one => one.ToJson()))}]");
            var result = await api.SubmitAsync(new ApiSubmission { AccountId = null, Body = body }, default);
            Assert.True(result.IsStored, string.Join("; ", result.Errors));
            Committed(samples);
            await IdleAsync(40);
        }
    }

    /// <summary>Most of the last minute, some weeks old, some just before their end; now and then one that was sent before.</summary>
    /// <param name="isOld">All of them near their end: a log that begins so is purged, and segments with nothing else are retired.</param>
    private Sample[] NewSamples(bool isOld)
    {
        lock (sent)
        {
            var samples = new List<Sample>();
            for (var count = turns.Next(8) + 1; samples.Count < count;)
            {
                if (sent.Count > 0 && !isOld && turns.Next(10) == 0 && sent[turns.Next(sent.Count)] is var copy && copy.Time > clock.GetUtcNow().AddDays(-89.5) && !samples.Contains(copy))
                {
                    samples.Add(copy);
                    counts.Copies++;
                    continue;
                }

                var age = (isOld ? 2 : turns.Next(8)) switch { 0 => TimeSpan.FromDays(20), 1 => TimeSpan.FromDays(88), 2 => TimeSpan.FromDays(89.7), _ => TimeSpan.FromSeconds(turns.Next(60)) };
                var at = DateTimeOffset.FromUnixTimeMilliseconds((clock.GetUtcNow() - age).ToUnixTimeMilliseconds() / 500 * 500);
                samples.Add(new(turns.Next(3) == 0 ? "b" : "a", $"id-{ids++}", at, $"user-{turns.Next(4)}", $"Event{turns.Next(3)}", [$"r-{turns.Next(5)}"]));
            }

            sent.AddRange(samples.Except(sent));
            return [.. samples];
        }
    }

    private void Committed(Sample[] samples)
    {
        lock (sent)
            committed.AddRange(samples);
    }

    private async Task ReadAsync(EventLookup process)
    {
        for (var chain = 0; chain < 7; chain++)
        {
            if (turns.Next(4) == 0)
                await FindAsync(process);
            else
                await ReadChainAsync(process, RandomQuery());
            await IdleAsync(10);
        }
    }

    private LookupQuery RandomQuery()
    {
        var conditions = new List<LookupCondition>();
        if (turns.Next(3) == 0)
            conditions.Add(new(EventAttribute.User, $"user-{turns.Next(4)}"));
        if (turns.Next(4) == 0)
            conditions.Add(new(EventAttribute.EventName, $"Event{turns.Next(3)}"));
        if (turns.Next(6) == 0)
            conditions.Add(new(EventAttribute.ResourceName, $"r-{turns.Next(5)}"));
        return new()
        {
            AccountId = turns.Next(4) == 0 ? "b" : "a",
            FromMs = turns.Next(3) == 0 ? clock.GetUtcNow().AddDays(-30).ToUnixTimeMilliseconds() : 0,
            ToMs = turns.Next(4) == 0 ? clock.GetUtcNow().AddSeconds(-20).ToUnixTimeMilliseconds() : clock.GetUtcNow().AddDays(30).ToUnixTimeMilliseconds(),
            Direction = turns.Next(2) == 0 ? LookupDirection.Forward : LookupDirection.Backward,
            PageSize = turns.Next(9) + 1,
            Conditions = conditions,
        };
    }

    /// <summary>All pages: what was committed before the first began is there once, save what grew too old meanwhile; nothing else is but what was sent.</summary>
    private async Task ReadChainAsync(EventLookup process, LookupQuery query)
    {
        var (before, begunAt) = (Snapshot(committed), clock.GetUtcNow());
        var seen = new List<string>();
        for (var next = query; ;)
        {
            var calledAt = clock.GetUtcNow();
            var page = await LookUpAsync(stop => process.LookupAsync(StoreName.History, next, stop));
            counts.Pages++;
            Assert.True(page.Events.Count <= query.PageSize);
            Assert.All(page.Events, found => Assert.True(found.EventTime >= calledAt.AddDays(-90), $"{found.EventTime} is past its retention at {calledAt}"));
            foreach (var found in page.Events)
            {
                var id = EventMatcher.EventId(found.Body.Span)!;
                Assert.Equal(Snapshot(sent).Single(one => one.Id == id).ToJson(), Encoding.UTF8.GetString(found.Body.Span));
                seen.Add(id);
            }

            if (page.Next is null)
                break;
            next = query with { After = page.Next };
            await turns.TurnAsync("next page", default);
        }

        counts.Chains++;
        var oldest = clock.GetUtcNow().AddDays(-90);
        Assert.Equal(seen.Count, seen.Distinct(StringComparer.Ordinal).Count());
        Assert.Empty(EventLookupTests.Expected(before.Where(one => one.Time >= oldest), query).Except(seen));
        Assert.Equal(EventLookupTests.Expected(Snapshot(sent).Where(one => one.Time >= begunAt.AddDays(-90)), query).Where(seen.Contains), seen);
    }

    /// <summary>One event by its id, whether it is committed, perhaps, or unknown.</summary>
    private async Task FindAsync(EventLookup process)
    {
        var before = Snapshot(committed);
        var all = Snapshot(sent);
        if (all.Count == 0)
            return;
        var sample = turns.Next(3) > 0 && before.Count > 0 ? before[^(turns.Next(Math.Min(6, before.Count)) + 1)] : all[turns.Next(all.Count)];
        var found = await LookUpAsync(stop => process.FindAsync(StoreName.History, sample.Account, sample.Id, stop));
        counts.Finds++;
        Assert.True(found is not null || !before.Contains(sample) || sample.Time < clock.GetUtcNow().AddDays(-90), $"{sample.Id} was committed and is not found");
        Assert.Equal(found is null ? null : sample.ToJson(), found is null ? null : Encoding.UTF8.GetString(found.Body.Span));
        Assert.Null(await LookUpAsync(stop => process.FindAsync(StoreName.History, sample.Account, "nobody's", stop)));
    }

    /// <summary>A lookup that may be given up at any request, and is then made once more; so is one that compaction overtook four times.</summary>
    private async Task<T> LookUpAsync<T>(Func<CancellationToken, Task<T>> look)
    {
        await BeginAsync(() => Interlocked.Increment(ref lookups));
        try
        {
            for (var mayCancel = turns.Next(3) == 0; ; mayCancel = false)
            {
                using var stop = new CancellationTokenSource();
                lookup.Value = stop;
                if (mayCancel)
                    turns.MayCancel(stop);
                try
                {
                    return await look(stop.Token);
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested)
                {
                    counts.Cancelled++;
                }
                catch (StoreException overtaken) when (overtaken.InnerException is ViewOutdatedException)
                {
                    counts.Outdated++;
                }
                finally
                {
                    turns.Forget(stop);
                    lookup.Value = null;
                }
            }
        }
        finally
        {
            Interlocked.Decrement(ref lookups);
        }
    }

    private async Task CompactAsync()
    {
        var compactor = new Compactor(slowTables, slowObjects, clock, compaction, NullLogger<Compactor>.Instance);
        for (var run = 0; run < 5 || Volatile.Read(ref busy) > 0; run++)
        {
            await IdleAsync(60);
            await BeginAsync(() => Interlocked.Increment(ref runs));
            counts.Swept += (await compactor.RunAsync(StoreName.History, default)).Deleted;
            Interlocked.Decrement(ref runs);
        }
    }

    private async Task PurgeAsync()
    {
        var compactor = new Compactor(slowTables, slowObjects, clock, compaction, NullLogger<Compactor>.Instance);
        var purge = new RetentionPurge(slowTables, slowObjects, clock, new RetentionOptions(), compactor);
        for (var run = 0; run < 5 || Volatile.Read(ref busy) > 0; run++)
        {
            await IdleAsync(150);
            await BeginAsync(() => Interlocked.Increment(ref runs));
            var report = await purge.RunAsync(dryRun: false, default);
            Interlocked.Decrement(ref runs);
            counts.Retired += report.Segments.Retired;
            counts.Purged += report.Partitions.Sum(static one => one.Deleted);
        }
    }

    /// <summary>Seconds pass at any time; an hour only between runs of compaction and purge, a day also between lookups: graces are longer than these.</summary>
    private async Task PassTimeAsync()
    {
        for (var jumps = 0; Volatile.Read(ref busy) > 0;)
        {
            await IdleAsync(40);
            clock.Advance(TimeSpan.FromSeconds(turns.Next(4)));
            if (jumps == 12 || turns.Next(3) > 0)
                continue;
            isJumping = true;
            var isDay = turns.Next(2) == 0;
            while (Volatile.Read(ref runs) > 0 || (isDay && Volatile.Read(ref lookups) > 0))
                await turns.TurnAsync("time waits", default);
            clock.Advance(isDay ? TimeSpan.FromHours(24 + turns.Next(26)) : TimeSpan.FromMinutes(61));
            isJumping = false;
            jumps++;
            counts.Jumps++;
        }
    }

    private async Task BeginAsync(Action begin)
    {
        while (isJumping)
            await turns.TurnAsync("waits for time", default);
        begin();
    }

    private async Task IdleAsync(int most)
    {
        for (var left = turns.Next(most); left > 0; left--)
            await turns.TurnAsync("idle", default);
    }

    /// <summary>When all is done: every process, an old one or a new one, sees all that is not too old, and the store is sound.</summary>
    private async Task JudgeAsync()
    {
        var oldest = clock.GetUtcNow().AddDays(-90);
        foreach (var process in (EventLookup[])[.. processes, NewLookup(new SegmentCacheOptions())])
        {
            foreach (var account in (string[])["a", "b"])
            {
                var query = new LookupQuery { AccountId = account, FromMs = 0, ToMs = clock.GetUtcNow().AddDays(1).ToUnixTimeMilliseconds(), PageSize = 1000 };
                var page = await process.LookupAsync(StoreName.History, query, default);
                Assert.Equal(EventLookupTests.Expected(committed.Where(one => one.Time >= oldest), query), page.Events.Select(static found => EventMatcher.EventId(found.Body.Span)!));
            }
        }

        var report = await new StoreVerifier(tables, objects, clock).VerifyAsync(StoreName.History, new VerifyOptions(), default);
        Assert.True(report.IsSound, string.Join('\n', report.Problems));
        counts.Generations += (await new CompactionLog(tables).ReadHeadAsync(StoreName.History, default)).Generation;
    }

    private List<Sample> Snapshot(List<Sample> list)
    {
        lock (sent)
            return [.. list];
    }
}
