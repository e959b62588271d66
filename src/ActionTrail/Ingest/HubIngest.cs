using System.Collections.Concurrent;
using System.Diagnostics;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Ingest;

/// <summary>
/// Turns batches of an event hub into commits: each sequence number is stored at most once and, when a call has returned, exactly
/// once. Safe to call for any batch, again and with other batch boundaries, from any number of instances.
/// </summary>
public sealed class HubIngest
{
    /// <summary>Every lost race is a commit of another instance; so many in a row mean that something else is wrong.</summary>
    private const int MaxLostRaces = 50;

    /// <summary>A commit whose oldest message waited longer in the hub is worth a warning.</summary>
    private static readonly TimeSpan WorryingLag = TimeSpan.FromMinutes(5);

    private readonly CommitLog log;
    private readonly IObjectStore objects;
    private readonly IAccountAdmission admission;
    private readonly IngestOptions options;
    private readonly ILogger<HubIngest> logger;
    private readonly IngestBenches benches;
    private readonly HubRestore restore;
    private readonly ConcurrentDictionary<PartitionName, long> acknowledged = new();

    public HubIngest(CommitLog log, IObjectStore objects, IAccountAdmission admission, IngestOptions options, ILogger<HubIngest> logger)
    {
        this.log = log;
        this.objects = objects;
        this.admission = admission;
        this.options = options;
        this.logger = logger;
        benches = new IngestBenches(options.Normalizer);
        restore = new HubRestore(log, objects, admission, options, benches, logger);
    }

    /// <summary>Commits the batch. Everything stored derives from the messages alone, so that any attempt at the same messages makes the same objects.</summary>
    /// <exception cref="StoreException">The store is away, throttles or refuses. What was committed stays; the caller has the batch delivered again.</exception>
    public async Task<HubIngestResult> IngestAsync(HubBatch batch, CancellationToken cancellationToken)
    {
        var partition = PartitionName.Hub(batch.FullyQualifiedNamespace, batch.EventHubName, batch.PartitionId);
        if (batch.Damage is { } damage)
            return await QuarantineAsync(partition, damage, cancellationToken);
        var placement = HubPlacement.Of(batch.Messages);
        var result = default(HubIngestResult);
        var isFirstRound = true;
        for (var lostRaces = 0; ;)
        {
            // 1. Where the log ends, and what of the batch is new. What this process saw committed is looked up before the head is
            //    read, so that a commit between the two cannot make the head look old.
            var known = acknowledged.GetValueOrDefault(partition, -1);
            var head = await log.ReadHeadAsync(StoreName.History, partition, cancellationToken);
            var hubBase = placement.BaseBehind(head);
            var first = placement.FirstBehind(head.Last, hubBase);
            if (isFirstRound && first > 0)
                result = result with { Restored = await restore.RestoreAsync(partition, placement.Slice(0, first), hubBase, cancellationToken) };
            isFirstRound = false;
            if (first == placement.Count)
                return result with { Duplicates = batch.Messages.Length - result.Messages };
            CheckStoreWentOn(partition, head, known, placement[first].SequenceNumber + hubBase);

            // 2. Commit as much of it as one segment takes; the rest comes in the next round.
            var bench = benches.Rent();
            try
            {
                var count = Fill(bench, partition, placement, first, hubBase);
                await bench.SettleAccountsAsync(admission, options.CreateAccountsOnSight, cancellationToken);
                if (await CommitAsync(bench, partition, head, placement.Slice(first, count), hubBase, cancellationToken) is not { } commit)
                {
                    logger.LostRace(partition);
                    if (++lostRaces > MaxLostRaces)
                        throw new StoreException(StoreErrorKind.Unavailable, $"Lost {lostRaces} races in a row for {partition}.");
                    continue;
                }

                lostRaces = 0;
                result = result with
                {
                    Messages = result.Messages + count,
                    Events = result.Events + commit.Count,
                    Quarantined = result.Quarantined + (commit.Quarantine?.Count ?? 0),
                };
                if (first + count == placement.Count)
                    return result with { Duplicates = batch.Messages.Length - result.Messages };
            }
            finally
            {
                benches.Return(bench);
            }
        }
    }

    private int Fill(IngestBench bench, PartitionName partition, HubPlacement placement, int first, long hubBase)
    {
        var index = first;
        while (index < placement.Count && bench.Bytes < options.MaxCommitBytes && bench.Count < options.MaxCommitEvents)
        {
            var message = placement[index++];
            bench.Normalize(message.Body.Span, message.OriginAt(partition, message.SequenceNumber + hubBase));
        }

        return index - first;
    }

    private async Task<Commit?> CommitAsync(IngestBench bench, PartitionName partition, PartitionHead head, ReadOnlyMemory<HubMessage> messages, long hubBase, CancellationToken cancellationToken)
    {
        var (first, last) = (messages.Span[0].SequenceNumber + hubBase, messages.Span[^1].SequenceNumber + hubBase);
        if (hubBase != head.HubBase)
            logger.HubMadeAnew(partition, messages.Span[0].SequenceNumber, head.Last);
        if (head.Last >= 0 && first > head.Last + 1)
            logger.HubGap(partition, head.Last + 1, first - 1);
        var (oldestMs, newestMs) = (long.MaxValue, long.MinValue);
        foreach (ref readonly var message in messages.Span)
        {
            oldestMs = Math.Min(oldestMs, message.EnqueuedTimeMs);
            newestMs = Math.Max(newestMs, message.EnqueuedTimeMs);
        }

        var commit = await AppendAsync(bench, partition, head, first, last, hubBase, newestMs, cancellationToken);
        if (commit is not null)
            TellLag(commit, oldestMs);
        return commit;
    }

    private void TellLag(Commit commit, long oldestMs)
    {
        var lag = commit.CommittedAt - DateTimeOffset.FromUnixTimeMilliseconds(oldestMs);
        IngestMetrics.Behind(lag);
        if (lag > WorryingLag)
            logger.BehindHub(commit.Partition, lag);
    }

    /// <summary>Order: quarantine, segment, commit; the announcement beside the objects. What is left when the process dies in between is an orphan that nothing names.</summary>
    private async Task<Commit?> AppendAsync(IngestBench bench, PartitionName partition, PartitionHead head, long first, long last, long hubBase, long newestMs, CancellationToken cancellationToken)
    {
        using var activity = IngestMetrics.Start(partition, []);
        var started = Stopwatch.GetTimestamp();
        using var made = CommitObjects.Build(StoreName.History, partition, first, last, bench.Builder, bench.Quarantined);
        await Task.WhenAll(made.WriteAsync(objects, cancellationToken), log.AnnounceAsync(StoreName.History, partition, last, cancellationToken));
        var draft = new CommitDraft
        {
            IsAnnounced = true,
            First = first,
            Last = last,
            Count = made.Count,
            Segment = made.Segment,
            Quarantine = made.Quarantine,
            HubBase = hubBase,
            LastEnqueuedMs = newestMs,
        };
        var commit = await log.AppendAsync(StoreName.History, partition, head, draft, cancellationToken);
        if (commit is not null)
        {
            acknowledged[partition] = last;
            activity?.SetTag("actiontrail.events", commit.Count);
            IngestMetrics.Committed(commit, isHub: true, Stopwatch.GetElapsedTime(started));
            logger.Committed(partition, first, last, commit.Count, commit.Quarantine?.Count ?? 0);
            if (commit.Quarantine is { Count: > 0 } quarantine)
                logger.Quarantined(partition, first, last, quarantine.Count);
        }

        return commit;
    }

    /// <summary>
    /// A store that lost acknowledged commits (an emulator that was killed, a fail-over to a copy that lagged) must not be given
    /// later messages: the head would pass over the lost ones, and their re-delivery would be dropped as known. As long as this
    /// process remembers, it refuses, until the lost messages are delivered again.
    /// </summary>
    private void CheckStoreWentOn(PartitionName partition, PartitionHead head, long known, long first)
    {
        if (head.Last >= known)
            return;
        logger.StoreWentBack(partition, head.Last, known);
        if (first > head.Last + 1)
            throw new StoreException(StoreErrorKind.Unavailable, $"The store lost {partition} {head.Last + 1}..{known}: deliver from there again.");
    }

    private async Task<HubIngestResult> QuarantineAsync(PartitionName partition, HubDamage damage, CancellationToken cancellationToken)
    {
        for (var lostRaces = 0; lostRaces <= MaxLostRaces; lostRaces++)
        {
            var head = await log.ReadHeadAsync(StoreName.History, partition, cancellationToken);
            var isNewHub = damage.Last + head.HubBase <= head.Last && damage.EnqueuedTimeMs > head.LastEnqueuedMs;
            var hubBase = isNewHub ? head.Last + 1 : head.HubBase;
            var (first, last) = (Math.Max(damage.First + hubBase, head.Last + 1), damage.Last + hubBase);
            if (last <= head.Last)
                return new HubIngestResult { Duplicates = 1 };
            logger.DamagedBatch(partition, first, last, damage.Rule);
            var bench = benches.Rent();
            try
            {
                bench.Quarantine(new QuarantineRecord(first, Index: 0, damage.EnqueuedTimeMs, new Rejection(RejectCode.Malformed, Field: null, damage.Rule), damage.Payload));
                if (await AppendAsync(bench, partition, head, first, last, hubBase, damage.EnqueuedTimeMs, cancellationToken) is not null)
                    return new HubIngestResult { Messages = 1, Quarantined = 1 };
            }
            finally
            {
                benches.Return(bench);
            }
        }

        throw new StoreException(StoreErrorKind.Unavailable, $"Lost {MaxLostRaces} races in a row for {partition}.");
    }
}
