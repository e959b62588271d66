using System.Diagnostics;
using System.Threading.Channels;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Ingest;

/// <summary>
/// The one writer of this process to one <c>api</c> partition. It takes what waits, makes one commit of it, and tells every
/// waiter: many small submissions cost one table transaction together. Other processes write to the same partition; the head's ETag
/// decides who is first.
/// </summary>
internal sealed class ApiPartitionWriter : IAsyncDisposable
{
    /// <summary>A group is closed at this many events or bytes; one submission may carry it beyond.</summary>
    private const int MaxGroupEvents = 5000;
    private const long MaxGroupBytes = 16 << 20;

    /// <summary>Submissions that may wait before submitters wait themselves; bounds the memory together with the size limit of a body.</summary>
    private const int MaxWaiting = 64;
    private const int MaxLostRaces = 50;

    /// <summary>How long the first of a group waits for company.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(5);

    private readonly Channel<Waiting> waiting = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly PartitionName partition;
    private readonly CommitLog log;
    private readonly IObjectStore objects;
    private readonly IngestBenches benches;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly EventFacts facts = new();
    private readonly Task loop;

    public ApiPartitionWriter(PartitionName partition, CommitLog log, IObjectStore objects, IngestBenches benches, TimeProvider time, ILogger logger)
    {
        this.partition = partition;
        this.log = log;
        this.objects = objects;
        this.benches = benches;
        this.time = time;
        this.logger = logger;
        loop = Task.Run(RunAsync);
    }

    /// <summary>Returns when the events (each list under one sequence number) are committed.</summary>
    /// <exception cref="StoreException">They are not, or nobody knows: repeating the same events is safe.</exception>
    /// <exception cref="OperationCanceledException">The caller stopped waiting; the events may be committed all the same.</exception>
    public async Task CommitAsync(IReadOnlyList<SubmittedEvents> events, CancellationToken cancellationToken)
    {
        var entry = new Waiting(events, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), Activity.Current?.Context ?? default);
        await waiting.Writer.WriteAsync(entry, cancellationToken);
        await entry.Done.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Takes no more, commits what waits.</summary>
    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        await loop;
    }

    private async Task RunAsync()
    {
        var group = new List<Waiting>();
        while (await waiting.Reader.WaitToReadAsync())
        {
            await GatherAsync(group);
            try
            {
                await CommitGroupAsync(group);
                group.ForEach(static entry => entry.Done.SetResult());
            }
#pragma warning disable CA1031 // Whatever it was, those who wait are told, and the loop goes on for the others.
            catch (Exception error)
#pragma warning restore CA1031
            {
                group.ForEach(entry => entry.Done.SetException(error));
            }

            group.Clear();
        }
    }

    private async Task GatherAsync(List<Waiting> group)
    {
        var (count, bytes) = (0, 0L);
        var mayLinger = true;
        while (count < MaxGroupEvents && bytes < MaxGroupBytes)
        {
            if (waiting.Reader.TryRead(out var entry))
            {
                group.Add(entry);
                count += entry.Events.Sum(static e => e.Count);
                bytes += entry.Events.Sum(static e => e.Bytes);
            }
            else if (mayLinger)
            {
                mayLinger = false;
                await Task.Delay(Linger, time);
            }
            else
            {
                return;
            }
        }
    }

    private async Task CommitGroupAsync(List<Waiting> group)
    {
        using var activity = IngestMetrics.Start(partition, group.Select(static entry => entry.Caller));
        for (var lostRaces = 0; lostRaces <= MaxLostRaces; lostRaces++)
        {
            var head = await log.ReadHeadAsync(StoreName.History, partition, CancellationToken.None);
            var bench = benches.Rent();
            try
            {
                var started = time.GetTimestamp();
                var last = head.Last;
                foreach (var entry in group)
                {
                    last++;
                    var index = 0;
                    foreach (var events in entry.Events)
                    {
                        events.AddTo(bench.Builder, facts, last, index);
                        index += events.Records;
                    }
                }

                using var made = CommitObjects.Build(StoreName.History, partition, head.Last + 1, last, bench.Builder, []);
                await Task.WhenAll(made.WriteAsync(objects, CancellationToken.None), log.AnnounceAsync(StoreName.History, partition, last, CancellationToken.None));
                var draft = new CommitDraft { IsAnnounced = true, First = head.Last + 1, Last = last, Count = made.Count, Segment = made.Segment };
                if (await log.AppendAsync(StoreName.History, partition, head, draft, CancellationToken.None) is { } commit)
                {
                    activity?.SetTag("actiontrail.events", commit.Count);
                    IngestMetrics.Committed(commit, isHub: false, time.GetElapsedTime(started));
                    logger.Committed(partition, commit.First, commit.Last, commit.Count, quarantined: 0);
                    return;
                }

                logger.LostRace(partition);
            }
            finally
            {
                benches.Return(bench);
            }
        }

        throw new StoreException(StoreErrorKind.Unavailable, $"Lost {MaxLostRaces} races in a row for {partition}.");
    }

    private sealed record Waiting(IReadOnlyList<SubmittedEvents> Events, TaskCompletionSource Done, ActivityContext Caller);
}
