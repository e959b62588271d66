using System.Runtime.CompilerServices;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Trails;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Delivery;

/// <summary>An entry that says when to look at a delivery again.</summary>
internal readonly record struct OpenDelivery(string OpenKey, DateTimeOffset Due, long Window, string Key);

/// <summary>
/// The rows of deliveries. Each change of a delivery, its index rows and the destination's status is one transaction. A pending delivery
/// always has an entry under <see cref="DeliveryKeys.Open"/>: the entry is written before the row names it and deleted after the row
/// let go of it, so that a death in between leaves an entry too many, never one too few.
/// </summary>
internal sealed class DeliveryRecords(ITableStore tables, DeliveryOptions options, TimeProvider time, ILogger<DeliveryRecords> log)
{
    private const int MaxTries = 20;
    private const int RowsPerTransaction = 50;

    public async Task<DeliveryRecord?> FindAsync(string key, long window, CancellationToken cancellationToken) =>
        await tables.FindAsync(Tables.Deliveries, key, DeliveryKeys.Delivery(window), cancellationToken) is { } row ? DeliveryRecord.FromRow(row) : null;

    /// <summary>Makes the delivery unless it was made before; true when it is pending and wants a message.</summary>
    public async Task<bool> AddAsync(StoreName store, DeliveryOrder order, Coverage coverage, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var openKey = await OpenAsync(now + options.RequeueAfter, store, order.Window, order.Key, cancellationToken);
        var record = new DeliveryRecord { Store = store, Kind = order.Kind, Window = order.Window, Trail = order.Trail, Coverage = coverage, CreatedAt = now, OpenKey = openKey };
        try
        {
            await tables.SubmitAsync(
                Tables.Deliveries,
                [TableAction.Insert(record.ToRow()), TableAction.Insert(new TableRow(order.Key, DeliveryKeys.Pending(order.Window)))],
                cancellationToken);
            return true;
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Conflict)
        {
            return await FindAsync(order.Key, order.Window, cancellationToken) is { State: DeliveryState.Pending };
        }
    }

    /// <summary>Records what was written.</summary>
    public async Task DoneAsync(DeliveryRecord record, DeliveryOutcome outcome, IReadOnlyList<DeliveredObject> objects, CancellationToken cancellationToken)
    {
        var unsealed = await NewObjectsAsync(record, objects, cancellationToken);
        if (objects.Count > DeliveredObjects.MaxInline)
            await WriteObjectsAsync(record, objects, cancellationToken);
        var now = time.GetUtcNow();
        await SettleAsync(
            record,
            r => r with
            {
                State = DeliveryState.Done,
                NotBefore = null,
                LastAttemptAt = now,
                LastCategory = outcome.Category,
                LastDetail = null,
                DoneAt = now,
                Events = objects.Sum(static o => (long)o.Events),
                Bytes = objects.Sum(static o => o.Bytes),
                ObjectCount = objects.Count,
                Objects = objects.Count > DeliveredObjects.MaxInline ? [] : objects,
                Unsealed = unsealed.Count > 0 ? r.Unsealed + 1 : r.Unsealed,
            },
            status => Delivered(status, record, objects.Count > 0 ? now : null, unsealed.Count > 0)
                .Counted(now, new MinuteCounts(objects.Sum(static o => (long)o.Events), 0, objects.Sum(static o => o.Bytes), 1, 0)),
            status => unsealed.Count > 0 ? UnsealedRow(record, status, now, unsealed) : null,
            cancellationToken);
    }

    /// <summary>What a digest must name: objects that no attempt before recorded. For the first of the trail its digests are looked after from now on.</summary>
    private async Task<IReadOnlyList<DeliveredObject>> NewObjectsAsync(DeliveryRecord record, IReadOnlyList<DeliveredObject> objects, CancellationToken cancellationToken)
    {
        if (options.DigestInterval is null || record.Kind != DestinationKind.Blob || !record.Trail.LogFileValidation || objects.Count == 0)
            return [];
        var known = record.DoneAt is null ? [] : (await ReadObjectsAsync(record, cancellationToken)).Select(static o => o.Name).ToHashSet(StringComparer.Ordinal);
        var added = objects.Where(o => !known.Contains(o.Name)).ToList();
        if (added.Count > 0 && (await ReadStatusAsync(record.Trail.Key, cancellationToken)).ClosedThrough is null)
            await DigestRegistry.AddAsync(tables, record.Trail, time.GetUtcNow(), cancellationToken);
        return added;
    }

    private static TrailDeliveries Delivered(TrailDeliveries status, DeliveryRecord record, DateTimeOffset? wroteAt, bool isForDigest) =>
        status.Delivered(record.Window, wroteAt) with { ClosedThrough = isForDigest ? status.ClosedThrough ?? 0 : status.ClosedThrough };

    private TableAction UnsealedRow(DeliveryRecord record, TrailDeliveries status, DateTimeOffset now, IReadOnlyList<DeliveredObject> objects) => UnsealedDeliveries.Row(
        record.Trail.Key, UnsealedDeliveries.HourOf(now, options.DigestInterval!.Value, status.ClosedThrough ?? 0), record.Window, record.Unsealed, record.Trail.Container!, objects);

    /// <summary>Gives the delivery up until a person has it made again.</summary>
    public Task ParkAsync(DeliveryRecord record, DeliveryOutcome outcome, long events, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var index = new TableRow(record.Key, DeliveryKeys.Undelivered(record.Window))
            .With("Store", record.Store.ToString()).With("Category", outcome.Category.ToString()).With("Detail", outcome.Detail).With("At", now).With("Attempts", record.Attempts + 1);
        return SettleAsync(
            record,
            r => Failed(r, outcome, now) with { State = DeliveryState.Undelivered, NotBefore = null },
            status => status.Failed(outcome, now, next: null).Counted(now, Failure(events)),
            _ => TableAction.Insert(index),
            cancellationToken);
    }

    /// <summary>Leaves the delivery pending until <paramref name="next"/>.</summary>
    public async Task PostponeAsync(DeliveryRecord record, DeliveryOutcome outcome, DateTimeOffset next, long events, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var openKey = await OpenAsync(next, record.Store, record.Window, record.Key, cancellationToken);
        var change = (DeliveryRecord r) => Failed(r, outcome, now) with { NotBefore = next, OpenKey = openKey };
        if (await ChangeAsync(record, change, status => status.Failed(outcome, now, next).Counted(now, Failure(events)), static _ => [], cancellationToken) is not { } before)
            return;

        // Two attempts that failed in the same millisecond share one entry: the second must not close what the first opened.
        if (before.OpenKey != openKey)
            await CloseAsync(before.OpenKey, cancellationToken);
    }

    /// <summary>Makes a settled delivery pending again; false when it is no longer as <paramref name="record"/> says.</summary>
    public async Task<bool> ReopenAsync(DeliveryRecord record, CancellationToken cancellationToken)
    {
        var openKey = await OpenAsync(time.GetUtcNow() + options.RequeueAfter, record.Store, record.Window, record.Key, cancellationToken);
        var reopened = record with { State = DeliveryState.Pending, Attempts = 0, NotBefore = null, OpenKey = openKey };
        var actions = new List<TableAction>
        {
            TableAction.Replace(reopened.ToRow(), record.ETag),
            TableAction.Insert(new TableRow(record.Key, DeliveryKeys.Pending(record.Window))),
        };
        if (record.State == DeliveryState.Undelivered)
            actions.Add(TableAction.Delete(record.Key, DeliveryKeys.Undelivered(record.Window)));
        return await TryAsync(actions, cancellationToken);
    }

    /// <summary>Entries that are due, soonest first.</summary>
    public async IAsyncEnumerable<OpenDelivery> ReadDueAsync(StoreName store, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in tables.QueryAsync(Tables.Deliveries, DeliveryKeys.Open, fromRowKey: null, DeliveryKeys.OpenUntil(time.GetUtcNow()), cancellationToken))
        {
            if (!DeliveryKeys.TryParseOpen(row.RowKey, out var due, out var window, out var key))
                throw new StoreException(StoreErrorKind.Corrupt, $"'{row.RowKey}' is no entry of an open delivery.");
            if (row.FindString("Store") == store.ToString())
                yield return new(row.RowKey, DateTimeOffset.FromUnixTimeMilliseconds(due), window, key);
        }
    }

    /// <summary>Moves the entry of a pending delivery to a later time; false when somebody else changed the delivery.</summary>
    public async Task<bool> MoveOpenAsync(DeliveryRecord record, DateTimeOffset due, CancellationToken cancellationToken)
    {
        var openKey = await OpenAsync(due, record.Store, record.Window, record.Key, cancellationToken);
        if (openKey == record.OpenKey || !await TryAsync([TableAction.Replace((record with { OpenKey = openKey }).ToRow(), record.ETag)], cancellationToken))
            return false;
        await CloseAsync(record.OpenKey, cancellationToken);
        return true;
    }

    public Task CloseAsync(string openKey, CancellationToken cancellationToken) =>
        tables.DeleteAsync(Tables.Deliveries, DeliveryKeys.Open, openKey, etag: null, cancellationToken);

    public async Task<TrailDeliveries> ReadStatusAsync(string key, CancellationToken cancellationToken) =>
        TrailDeliveries.FromRow(key, await tables.FindAsync(Tables.Deliveries, key, DeliveryKeys.Status, cancellationToken));

    /// <summary>Writes the status as it is here; false when somebody else changed it.</summary>
    public async Task<bool> TryWriteAsync(TrailDeliveries status, CancellationToken cancellationToken)
    {
        await RegisterAsync(status, cancellationToken);
        return await TryAsync([status.ToAction()], cancellationToken);
    }

    public async Task<IReadOnlyList<DeliveredObject>> ReadObjectsAsync(DeliveryRecord record, CancellationToken cancellationToken)
    {
        if (record.ObjectCount <= DeliveredObjects.MaxInline)
            return record.Objects;
        var objects = new List<DeliveredObject>();
        var (from, to) = DeliveryKeys.DeliveredObjects(record.Window);
        await foreach (var row in tables.QueryAsync(Tables.Deliveries, record.Key, from, to, cancellationToken))
            objects.AddRange(DeliveredObjects.Parse(row.GetString("Object")));
        return objects;
    }

    /// <summary>Before there is a status: whoever looks after all deliveries finds them by their keys.</summary>
    private Task RegisterAsync(TrailDeliveries status, CancellationToken cancellationToken) =>
        status.ETag is null ? tables.UpsertAsync(Tables.Deliveries, new TableRow(DeliveryKeys.Keys, status.Key), cancellationToken) : Task.CompletedTask;

    private async Task<string> OpenAsync(DateTimeOffset due, StoreName store, long window, string key, CancellationToken cancellationToken)
    {
        var openKey = DeliveryKeys.OpenRow(due, window, key);
        await tables.UpsertAsync(Tables.Deliveries, new TableRow(DeliveryKeys.Open, openKey).With("Store", store.ToString()), cancellationToken);
        return openKey;
    }

    private async Task SettleAsync(
        DeliveryRecord record, Func<DeliveryRecord, DeliveryRecord> change, Func<TrailDeliveries, TrailDeliveries> status, Func<TrailDeliveries, TableAction?> index, CancellationToken cancellationToken)
    {
        var pending = TableAction.Delete(record.Key, DeliveryKeys.Pending(record.Window));
        if (await ChangeAsync(record, change, status, summary => index(summary) is { } one ? [pending, one] : [pending], cancellationToken) is { } before)
            await CloseAsync(before.OpenKey, cancellationToken);
    }

    /// <summary>Changes a delivery as long as it is pending: another attempt that ended first has the say. Returns the delivery as it was before the change, null when it was not changed.</summary>
    private async Task<DeliveryRecord?> ChangeAsync(
        DeliveryRecord record,
        Func<DeliveryRecord, DeliveryRecord> change,
        Func<TrailDeliveries, TrailDeliveries> status,
        Func<TrailDeliveries, IReadOnlyList<TableAction>> indexes,
        CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            var summary = await ReadStatusAsync(record.Key, cancellationToken);
            await RegisterAsync(summary, cancellationToken);
            var next = status(summary);
            var actions = new List<TableAction>([TableAction.Replace(change(record).ToRow(), record.ETag), next.ToAction(), .. indexes(summary)]);
            if (summary.Counts is { } hour && hour.Hour != next.Counts?.Hour)
                actions.Add(TableAction.Upsert(TrailDeliveries.HourRow(record.Key, hour)));
            if (await TryAsync(actions, cancellationToken))
                return record;
            if (await FindAsync(record.Key, record.Window, cancellationToken) is not { State: DeliveryState.Pending } current)
                return null;
            record = current;
        }

        DeliveryLog.Contended(log, record.Key, record.Window);
        return null;
    }

    private async Task<bool> TryAsync(IReadOnlyList<TableAction> actions, CancellationToken cancellationToken)
    {
        try
        {
            await tables.SubmitAsync(Tables.Deliveries, actions, cancellationToken);
            return true;
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.Conflict or StoreErrorKind.NotFound)
        {
            return false;
        }
    }

    private async Task WriteObjectsAsync(DeliveryRecord record, IReadOnlyList<DeliveredObject> objects, CancellationToken cancellationToken)
    {
        foreach (var chunk in objects.Index().Chunk(RowsPerTransaction))
        {
            var rows = chunk.Select(o => TableAction.Upsert(new TableRow(record.Key, DeliveryKeys.DeliveredObject(record.Window, o.Index)).With("Object", DeliveredObjects.Format([o.Item]))));
            await tables.SubmitAsync(Tables.Deliveries, [.. rows], cancellationToken);
        }
    }

    private static MinuteCounts Failure(long events) => new(0, events, 0, 0, 1);

    private static DeliveryRecord Failed(DeliveryRecord record, DeliveryOutcome outcome, DateTimeOffset now) =>
        record with { Attempts = record.Attempts + 1, LastAttemptAt = now, LastCategory = outcome.Category, LastDetail = outcome.Detail };
}
