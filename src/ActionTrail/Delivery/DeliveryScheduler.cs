using ActionTrail.Directories;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Trails;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Delivery;

/// <summary>What one run of the scheduler did.</summary>
/// <param name="WindowsCut">Windows of the regular lane cut by this run.</param>
/// <param name="WindowsHandedOut">Windows of the regular lane whose deliveries were all made.</param>
/// <param name="Deliveries">Deliveries of the windows of all lanes that were handed out.</param>
/// <param name="Requeued">Pending deliveries that got another message.</param>
public sealed record ScheduleReport(int WindowsCut, int WindowsHandedOut, int Deliveries, int Requeued);

/// <summary>
/// The timer's work, every few seconds: cuts windows, hands them out, brings pending deliveries back. It may run twice at once and die
/// anywhere; the next run goes on. <see cref="StoreException"/> ends a run early and is the next one's chance.
/// </summary>
public sealed class DeliveryScheduler
{
    /// <summary>How often what is covered is written down; trails are tidied then.</summary>
    private static readonly TimeSpan CoveredStep = TimeSpan.FromMinutes(5);

    /// <summary>An entry that its delivery does not name may belong to a change under way; it is one left behind when nobody can work that long.</summary>
    private static readonly TimeSpan StaleAfter = TimeSpan.FromMinutes(15);

    /// <summary>Most deliveries of one destination that a run sends new messages for.</summary>
    private const int MaxRequeued = 16;

    private readonly ITableStore tables;
    private readonly IWorkQueue queue;
    private readonly TrailStore trails;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly StoreName store = StoreName.History;
    private readonly Dictionary<WindowLane, (WindowLog Windows, WindowFanOut FanOut)> lanes;
    private readonly DeliveryRecords records;
    private readonly DeliveryUpkeep upkeep;
    private readonly DeliveryOptions options;

    /// <summary>The boundary of the slow lane behind which this instance need not look: most runs have nothing to do there.</summary>
    private DateTimeOffset slowDone;

    public DeliveryScheduler(ITableStore tables, IWorkQueue queue, CommitLog commits, TrailStore trails, DeliveryOptions options, TimeProvider time, ILoggerFactory logs)
    {
        this.tables = tables;
        this.queue = queue;
        this.trails = trails;
        this.time = time;
        log = logs.CreateLogger<DeliveryScheduler>();
        records = new DeliveryRecords(tables, options, time, logs.CreateLogger<DeliveryRecords>());
        this.options = options;
        upkeep = new DeliveryUpkeep(tables, options, time);
        lanes = WindowLanes.All.ToDictionary(static lane => lane, lane =>
        {
            var windows = new WindowLog(tables, commits, options, lane);
            return (windows, new WindowFanOut(windows, lane, commits, trails, new DirectoryReader(tables), records, queue, options, logs.CreateLogger<WindowFanOut>()));
        });
    }

    /// <exception cref="StoreException">A store failed; what was not done is done by the next run.</exception>
    public async Task<ScheduleReport> RunAsync(CancellationToken cancellationToken)
    {
        var report = new ScheduleReport(0, 0, 0, 0);
        foreach (var lane in WindowLanes.All)
        {
            var (windows, fanOut) = lanes[lane];
            var boundary = windows.LastBoundary(time.GetUtcNow());
            if (lane == WindowLane.Slow && boundary == slowDone)
                continue;
            var cut = await windows.CutAsync(store, boundary, cancellationToken);
            var (handedOut, deliveries, complete) = await fanOut.RunAsync(store, cancellationToken);
            if (cut is not null && complete)
                await CoverAsync(lane, boundary, cancellationToken);
            if (lane == WindowLane.Slow && cut is not null && complete)
                slowDone = boundary;
            report = report with { Deliveries = report.Deliveries + deliveries };
            if (lane == WindowLane.Regular)
                report = report with { WindowsCut = cut ?? 0, WindowsHandedOut = handedOut };
        }

        return report with { Requeued = await RequeueAsync(cancellationToken) };
    }

    /// <summary>Brings back deliveries that are due and no message ended. Only due entries are read, so that a long outage of one container costs the others nothing.</summary>
    private async Task<int> RequeueAsync(CancellationToken cancellationToken)
    {
        var requeued = 0;
        var byKey = new Dictionary<string, int>(StringComparer.Ordinal);
        await foreach (var open in records.ReadDueAsync(store, cancellationToken))
        {
            // The backlog of one destination comes back in portions, or all others would queue behind it.
            var count = byKey.GetValueOrDefault(open.Key);
            if (count == MaxRequeued || !await RequeueAsync(open, cancellationToken))
                continue;
            byKey[open.Key] = count + 1;
            requeued++;
        }

        return requeued;
    }

    private async Task<bool> RequeueAsync(OpenDelivery open, CancellationToken cancellationToken)
    {
        var record = await records.FindAsync(open.Key, open.Window, cancellationToken);
        if (record is { State: DeliveryState.Pending } && record.OpenKey == open.OpenKey)
        {
            if (!await records.MoveOpenAsync(record, time.GetUtcNow() + options.RequeueAfter, cancellationToken))
                return false;
            await queue.SendAsync(DestinationKinds.Queue(record.Kind), record.ToMessage().ToJson(), TimeSpan.Zero, cancellationToken);
            DeliveryLog.Requeued(log, open.Key, open.Window);
            return true;
        }

        if (open.Due + StaleAfter < time.GetUtcNow() && (record is not null || await IsHandedOutAsync(open, cancellationToken)))
            await records.CloseAsync(open.OpenKey, cancellationToken);
        return false;
    }

    /// <summary>Before a window is handed out, an entry without delivery may still get one.</summary>
    private async Task<bool> IsHandedOutAsync(OpenDelivery open, CancellationToken cancellationToken)
    {
        if (!DeliveryKeys.TryParseKind(open.Key, out var kind))
            return false;
        foreach (var lane in WindowLanes.Possible(kind))
        {
            if (open.Window > (await lanes[lane].Windows.ReadPositionAsync(store, cancellationToken)).Window)
                return false;
        }

        return true;
    }

    /// <summary>Writes down, now and then, until when every commit has been handed out in a lane, and forgets deleted trails that lie before in all of them.</summary>
    private async Task CoverAsync(WindowLane lane, DateTimeOffset boundary, CancellationToken cancellationToken)
    {
        if (await ReadCoveredAsync(lane, cancellationToken) is { } before && boundary - before < CoveredStep)
            return;
        var covered = boundary;
        foreach (var other in lanes.Keys.Where(other => other != lane))
        {
            var until = await ReadCoveredAsync(other, cancellationToken) ?? DateTimeOffset.MinValue;
            covered = until < covered ? until : covered;
        }

        var deleted = new List<Trail>();
        await foreach (var trail in trails.ScanAsync(cancellationToken))
        {
            if (trail.DeletedAt is not null)
                deleted.Add(trail);
        }

        await trails.ForgetDeletedAsync(covered, deleted, cancellationToken);
        var (handedOut, _) = await lanes[lane].Windows.ReadPositionAsync(store, cancellationToken);
        if (lane == WindowLane.Regular)
            await upkeep.RunAsync(store, handedOut, cancellationToken);
        else
            await upkeep.PruneWindowsAsync(store, lane, handedOut, cancellationToken);
        await tables.UpsertAsync(Tables.Windows, new TableRow(WindowKeys.Lane(store, lane), WindowKeys.Covered).With("Until", boundary), cancellationToken);
    }

    private async Task<DateTimeOffset?> ReadCoveredAsync(WindowLane lane, CancellationToken cancellationToken) =>
        await tables.FindAsync(Tables.Windows, WindowKeys.Lane(store, lane), WindowKeys.Covered, cancellationToken) is { } row ? row.GetTime("Until") : null;
}
