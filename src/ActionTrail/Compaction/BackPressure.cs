using ActionTrail.Layout;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Compaction;

/// <summary>
/// Slows ingestion down while compaction is behind. Compaction says so in one row while its backlog is older than <see cref="CompactionOptions.BacklogAlarm"/>;
/// whoever takes batches in asks here how long to keep the answer to one back: nothing at the alarm, <see cref="LongestDelay"/> at four times its age. The
/// events are stored before that. A row that compaction did not renew for a quarter of an hour says nothing: what stands still is not helped by waiting.
/// </summary>
public sealed class BackPressure(ITableStore tables, TimeProvider time, CompactionOptions options, ILogger<BackPressure> logger)
{
    /// <summary>Bounds what is lost in throughput: a partition still takes thirty batches in a minute.</summary>
    public static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Validity = TimeSpan.FromMinutes(15);

    private readonly Lock gate = new();
    private DateTimeOffset lookedAt = DateTimeOffset.MinValue;
    private TimeSpan delay;

    /// <summary>How long to keep the answer to a batch back; zero as a rule, and while the store does not say.</summary>
    public async Task<TimeSpan> DelayAsync(StoreName store, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        lock (gate)
        {
            if (now - lookedAt < LookInterval)
                return delay;
            lookedAt = now;
        }

        var found = await FindAsync(store, now, cancellationToken);
        lock (gate)
        {
            if (found > TimeSpan.Zero && delay == TimeSpan.Zero)
                logger.HoldsBack(found);
            else if (found == TimeSpan.Zero && delay > TimeSpan.Zero)
                logger.HoldsBackNoMore();
            return delay = found;
        }
    }

    /// <summary>Keeps the answer to a batch back for as long as <see cref="DelayAsync"/> says.</summary>
    public async Task HoldAsync(StoreName store, CancellationToken cancellationToken)
    {
        var held = await DelayAsync(store, cancellationToken);
        if (held == TimeSpan.Zero)
            return;
        CompactionMetrics.HeldBack(held);
        await Task.Delay(held, time, cancellationToken);
    }

    private async Task<TimeSpan> FindAsync(StoreName store, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            if (await tables.FindAsync(Tables.Progress, store.ToString(), CompactionKeys.Backlog, cancellationToken) is not { } row || now - row.GetTime("At") > Validity)
                return TimeSpan.Zero;
            var beyond = (now - row.GetTime("OldestAt") - options.BacklogAlarm) / (3 * options.BacklogAlarm);
            return LongestDelay * Math.Clamp(beyond, 0, 1);
        }
        catch (StoreException error)
        {
            // The batch is stored: that nobody can say how far compaction is must not make it a failed one.
            logger.BacklogUnknown(error);
            return TimeSpan.Zero;
        }
    }
}
