using ActionTrail.Delivery;
using ActionTrail.HistoryJobs;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using ActionTrail.Tests.Query;
using Xunit.Abstractions;

namespace ActionTrail.Tests.HistoryJobs;

/// <summary>
/// Random lives: commits to several partitions, a trail that starts and stops, jobs made, cancelled, tried again and deleted unfinished, a container that breaks, compaction
/// that frees what they read, digests that are sealed meanwhile, and faults and deaths at any request. In the end the trail and its jobs together delivered every event once, to the
/// container and, in every other life, to a Logstore, and every object is named by one digest.
/// </summary>
public sealed class HistorySimulationTests(ITestOutputHelper output)
{
    [Fact]
    public async Task The_trail_and_its_jobs_together_deliver_every_event_once()
    {
        var (faults, events, jobs, digests) = (0, 0, 0L, 0);
        for (var seed = 1; seed <= 40; seed++)
        {
            var options = new HistoryOptions { Parallelism = 1 + (seed % 3), EventsPerPiece = seed % 2 == 0 ? 60 : 500_000, Retention = TimeSpan.FromDays(10) };
            var delivery = new DeliveryOptions { DigestInterval = TimeSpan.FromHours(1) };
            var hasLogstore = seed % 4 > 1;
            var life = new Life(seed, hasLogstore ? await HistoryBench.StartWithLogstoreAsync(options, delivery) : await HistoryBench.StartAsync(options, delivery), hasLogstore);
            await life.BeginAsync();
            for (var step = 0; step < 120; step++)
                await life.StepAsync();
            jobs += await life.EndAsync();
            events += life.Expected.Count;
            faults += life.Faults;
            digests += life.Digests;
        }

        output.WriteLine($"{faults} faults and deaths survived, {jobs} jobs, {events} events found once each, {digests} digests");
        Assert.True(faults > 300, $"{faults} faults");
        Assert.True(events > 1500, $"{events} events");
        Assert.True(jobs > 100, $"{jobs} jobs");
        Assert.True(digests > 300, $"{digests} digests");
    }

    private sealed class Life(int seed, HistoryBench bench, bool hasLogstore)
    {
        private readonly Random random = new(seed);

        public List<string> Expected { get; } = [];

        public int Faults { get; private set; }

        public int Digests { get; private set; }

        public async Task BeginAsync()
        {
            for (var i = 0; i < 6; i++)
            {
                await CommitAsync();
                bench.World.Clock.Advance(random.Next(3600, 40_000));
            }

            await bench.CreateTrailAsync();
        }

        public async Task StepAsync()
        {
            bench.World.Clock.Advance(random.Next(5) == 0 ? random.NextDouble() * 7200 : random.NextDouble() * 30);
            switch (random.Next(13))
            {
                case 0 or 1 or 2:
                    await CommitAsync();
                    break;
                case 3:
                    await (random.Next(2) == 0 ? bench.World.Trails.StartAsync(HistoryBench.Account, HistoryBench.TrailName, default) : bench.World.Trails.StopAsync(HistoryBench.Account, HistoryBench.TrailName, default));
                    break;
                case 4:
                    await UnderFaultsAsync(() => bench.Jobs().CreateAsync(HistoryBench.Account, HistoryBench.TrailName, clientToken: null, default));
                    break;
                case 5:
                    await ChangeJobAsync();
                    break;
                case 6:
                    BreakOrHeal();
                    break;
                case 7:
                    await UnderFaultsAsync(() => bench.World.Scheduler().RunAsync(default));
                    await bench.World.DrainAsync();
                    await bench.World.DrainAsync(Queues.DeliverLogstore);
                    break;
                case 8:
                    await UnderFaultsAsync(() => bench.Steps().RunAsync(default));
                    break;
                case 9:
                    await CompactAsync();
                    break;
                case 10:
                    await UnderFaultsAsync(() => bench.Digests!.SealAsync());
                    break;
                default:
                    await UnderFaultsAsync(RunSomeAsync);
                    break;
            }
        }

        /// <summary>Heals everything, has what failed tried again, and makes a last job for what is left.</summary>
        public async Task<long> EndAsync()
        {
            bench.World.Outages.Broken.Clear();
            await bench.SettleAsync();
            foreach (var trail in await bench.World.Trails.ListAsync(HistoryBench.Account, default))
                await bench.World.Ledger().RedeliverAllAsync(trail, kind: null, default);
            await bench.SettleAsync();
            var jobs = await bench.Jobs().ListAsync(HistoryBench.Account, default);
            foreach (var job in jobs.Where(static job => job.State == HistoryJobState.Failed))
            {
                // A later job may have what was never begun; what was begun is this one's, and only it may go on.
                if ((await bench.Jobs().RetryAsync(HistoryBench.Account, job.JobId, ifMatch: null, default)).Kind == HistoryOutcomeKind.Superseded)
                    Assert.All((await bench.ProgressAsync(job.JobId)).Undelivered, static item => Assert.Null(item.PieceTo));
                await bench.SettleAsync();
            }

            var last = await bench.CreateJobAsync();
            await bench.SettleAsync();
            Assert.Equal(HistoryJobState.Complete, (await bench.ProgressAsync(last.JobId)).Job.State);
            Assert.Equal(Expected.Order(StringComparer.Ordinal), await bench.DeliveredAsync());
            if (hasLogstore)
                Assert.Equal(Expected.Order(StringComparer.Ordinal), await bench.AppendedAsync());
            bench.Digests!.NextHour();
            await bench.Digests.SealAsync();
            await bench.Digests.ProveAsync();
            Digests = (await bench.Digests.DigestsAsync()).Count;
            return last.JobId;
        }

        private async Task CommitAsync()
        {
            var events = Enumerable.Range(0, random.Next(1, 4)).Select(_ => bench.World.Event(HistoryBench.Account)).ToList();
            events.Add(bench.World.Event("rival"));
            if (random.Next(3) == 0)
                events.Add(events[0]);
            await bench.World.CommitAsync(PartitionName.Api(random.Next(3)), [.. events.Select(static e => (e, e.ToBytes()))]);
            Expected.AddRange(events.Where(static e => e.Account == HistoryBench.Account).Select(static e => e.EventId).Distinct());
        }

        private async Task ChangeJobAsync()
        {
            var jobs = await bench.Jobs().ListAsync(HistoryBench.Account, default);
            if (jobs.Count == 0)
                return;
            var job = jobs[0];
            if (random.Next(2) == 0)
                await UnderFaultsAsync(() => bench.Jobs().CancelAsync(HistoryBench.Account, job.JobId, ifMatch: null, default));
            else if (job.State == HistoryJobState.Failed)
                await UnderFaultsAsync(() => bench.Jobs().RetryAsync(HistoryBench.Account, job.JobId, ifMatch: null, default));
        }

        /// <summary>Refusals that last would leave days that are begun to a job that a later one supersedes; those are told in the documents and not exactly once.</summary>
        private void BreakOrHeal()
        {
            StoreErrorKind[] kinds = [StoreErrorKind.Unavailable, StoreErrorKind.Throttled];
            if (random.Next(3) > 0)
                bench.World.Outages.Broken.Remove(HistoryBench.Container);
            else
                bench.World.Outages.Broken[HistoryBench.Container] = kinds[random.Next(kinds.Length)];
        }

        private async Task CompactAsync()
        {
            var compaction = new HandCompaction(bench.World.Tables, bench.World.Objects, bench.World.Clock, shards: 1, rowsPerSegment: random.Next(3, 60));
            await compaction.RunAsync();
            if (random.Next(2) == 0)
                await compaction.SweepAsync();
        }

        private async Task RunSomeAsync()
        {
            var messages = await bench.World.Queue.ReceiveAsync(Queues.DeliverHistory, 1 + random.Next(4), TimeSpan.FromSeconds(1 + random.Next(60)), default);
            foreach (var message in messages.OrderBy(_ => random.Next()))
            {
                Assert.True(HistoryMessage.TryParse(message.Text, out var parsed));
                if (random.Next(10) > 0)
                    await bench.Run().DeliverAsync(parsed, default);
                if (random.Next(10) == 0)
                    await Task.WhenAll(Task.Run(() => bench.Run().DeliverAsync(parsed, default)), Task.Run(() => bench.Run().DeliverAsync(parsed, default)));
                if (random.Next(5) > 0)
                    await bench.World.Queue.DeleteAsync(Queues.DeliverHistory, message, default);
            }
        }

        private async Task UnderFaultsAsync(Func<Task> action)
        {
            if (random.Next(3) > 0)
                bench.World.Faults.FailAt(random.Next(25), StorageFaults.Modes[random.Next(StorageFaults.Modes.Count)]);
            try
            {
                await action();
            }
            catch (Exception e) when (e is StoreException or SimulatedCrashException)
            {
                // Died or refused; what follows goes on from what is stored.
            }

            Faults += bench.World.Faults.Fired ? 1 : 0;
            bench.World.Faults.Reset();
        }
    }
}
