using System.Globalization;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Trails;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Delivery;

/// <summary>What people ask of a trail (ActionTrail's GetTrailStatus and what it lacks). Times are UTC.</summary>
public sealed record TrailStatusReport
{
    public required bool IsLogging { get; init; }

    public DateTimeOffset? StartLoggingTime { get; init; }

    public DateTimeOffset? StopLoggingTime { get; init; }

    /// <summary>When an object was last written.</summary>
    public DateTimeOffset? LatestDeliveryTime { get; init; }

    /// <summary>What went wrong at the last attempt; null when it went well.</summary>
    public string? LatestDeliveryError { get; init; }

    public DateTimeOffset? LatestDeliveryErrorTime { get; init; }

    /// <summary>False when the last attempt found the container gone or closed to us.</summary>
    public required bool ContainerStatus { get; init; }

    /// <summary>Deliveries under way, counted to <see cref="DeliveryLedger.CountLimit"/>.</summary>
    public required int Pending { get; init; }

    /// <summary>Deliveries that wait for a person, counted to <see cref="DeliveryLedger.CountLimit"/>.</summary>
    public required int Undelivered { get; init; }

    /// <summary>Boundary of the newest window that is settled.</summary>
    public DateTimeOffset? LastWindow { get; init; }
}

/// <summary>A delivery that waits for a person. <paramref name="Window"/> names it: boundary in Unix milliseconds.</summary>
public sealed record UndeliveredWindow(long Window, DeliveryCategory Category, string? Detail, DateTimeOffset At, int Attempts);

/// <summary>A page of undelivered windows, oldest first. <paramref name="NextToken"/> asks for the next one; null at the end.</summary>
public sealed record UndeliveredPage(IReadOnlyList<UndeliveredWindow> Items, string? NextToken);

/// <summary>What a recheck found: settled deliveries looked at, and those pending again because an object is missing.</summary>
public sealed record RecheckReport(int Checked, int Reopened);

/// <summary>How a call for one delivery ended.</summary>
public enum RedeliverOutcome
{
    /// <summary>It is pending again.</summary>
    Reopened,

    /// <summary>It is not undelivered: pending, done, or just reopened by somebody else.</summary>
    NotUndelivered,

    /// <summary>The trail has no delivery of that window.</summary>
    NotFound,
}

/// <summary>Reads and mends the deliveries of trails.</summary>
public sealed class DeliveryLedger(ITableStore tables, IObjectStore objects, IWorkQueue queue, DeliveryOptions options, TimeProvider time, ILoggerFactory logs)
{
    public const int CountLimit = 1000;

    public const int MaxPage = 100;

    private readonly ILogger log = logs.CreateLogger<DeliveryLedger>();
    private readonly DeliveryRecords records = new(tables, options, time, logs.CreateLogger<DeliveryRecords>());

    public async Task<TrailStatusReport> ReadStatusAsync(Trail trail, CancellationToken cancellationToken)
    {
        var deliveries = await records.ReadStatusAsync(trail.Key, cancellationToken);
        return new()
        {
            IsLogging = trail.IsLogging,
            StartLoggingTime = trail.StartLoggingTime,
            StopLoggingTime = trail.StopLoggingTime,
            LatestDeliveryTime = deliveries.LatestDeliveryTime,
            LatestDeliveryError = deliveries.LatestError,
            LatestDeliveryErrorTime = deliveries.LatestErrorTime,
            ContainerStatus = deliveries.ContainerUsable,
            Pending = await CountAsync(trail, DeliveryKeys.FirstPending, DeliveryKeys.AfterPending, cancellationToken),
            Undelivered = await CountAsync(trail, DeliveryKeys.FirstUndelivered, DeliveryKeys.AfterUndelivered, cancellationToken),
            LastWindow = deliveries.LastWindow < 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(deliveries.LastWindow),
        };
    }

    /// <param name="trail">The trail.</param>
    /// <param name="pageSize">1 to <see cref="MaxPage"/>.</param>
    /// <param name="token">Of the page before, or null. Null comes back when the token is none of ours.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    public async Task<UndeliveredPage?> ListUndeliveredAsync(Trail trail, int pageSize, string? token, CancellationToken cancellationToken)
    {
        var after = -1L;
        if (token is not null && (!long.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out after) || after == long.MaxValue))
            return null;
        var items = new List<UndeliveredWindow>();
        var rows = tables.QueryAsync(Tables.Deliveries, trail.Key, DeliveryKeys.Undelivered(after + 1), DeliveryKeys.AfterUndelivered, cancellationToken);
        await foreach (var row in rows)
        {
            if (items.Count == pageSize)
                return new(items, items[^1].Window.ToString(CultureInfo.InvariantCulture));
            items.Add(new(
                DeliveryKeys.ParseWindow(row.RowKey), Enum.Parse<DeliveryCategory>(row.GetString("Category")), row.FindString("Detail"), row.GetTime("At"), row.GetInt32("Attempts")));
        }

        return new(items, NextToken: null);
    }

    /// <summary>Has one undelivered window delivered again.</summary>
    public async Task<RedeliverOutcome> RedeliverAsync(Trail trail, long window, CancellationToken cancellationToken)
    {
        if (window < 0 || await records.FindAsync(trail.Key, window, cancellationToken) is not { } record)
            return RedeliverOutcome.NotFound;
        return record.State == DeliveryState.Undelivered && await ReopenAsync(record, "asked for", cancellationToken) ? RedeliverOutcome.Reopened : RedeliverOutcome.NotUndelivered;
    }

    /// <summary>Has every undelivered window of a trail delivered again; returns how many.</summary>
    public async Task<int> RedeliverAllAsync(Trail trail, CancellationToken cancellationToken)
    {
        var reopened = 0;
        await foreach (var row in tables.QueryAsync(Tables.Deliveries, trail.Key, DeliveryKeys.FirstUndelivered, DeliveryKeys.AfterUndelivered, cancellationToken))
            reopened += await RedeliverAsync(trail, DeliveryKeys.ParseWindow(row.RowKey), cancellationToken) == RedeliverOutcome.Reopened ? 1 : 0;
        return reopened;
    }

    /// <summary>
    /// Looks whether the objects of every delivery that was done at or after <paramref name="since"/> are still there, and has those
    /// written again that miss one. For a store that forgot; reads the whole table of deliveries.
    /// </summary>
    public async Task<RecheckReport> RecheckAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        var (seen, reopened) = (0, 0);
        await foreach (var row in tables.ScanAsync(Tables.Deliveries, cancellationToken))
        {
            if (row.PartitionKey == DeliveryKeys.Open || !row.RowKey.StartsWith(DeliveryKeys.FirstDelivery, StringComparison.Ordinal))
                continue;
            var record = DeliveryRecord.FromRow(row);
            if (record.State != DeliveryState.Done || record.DoneAt < since)
                continue;
            seen++;
            if (!await IsWholeAsync(record, cancellationToken) && await ReopenAsync(record, "an object is missing", cancellationToken))
                reopened++;
        }

        return new(seen, reopened);
    }

    private async Task<bool> IsWholeAsync(DeliveryRecord record, CancellationToken cancellationToken)
    {
        foreach (var one in await records.ReadObjectsAsync(record, cancellationToken))
        {
            if (await objects.FindAsync(record.Trail.Container, one.Name, cancellationToken) is null)
                return false;
        }

        return true;
    }

    private async Task<bool> ReopenAsync(DeliveryRecord record, string reason, CancellationToken cancellationToken)
    {
        if (!await records.ReopenAsync(record, cancellationToken))
            return false;
        DeliveryLog.Reopened(log, record.Trail.Key, record.Window, reason);

        // Lost with a death right here, the message is sent again when the open entry is due.
        await queue.SendAsync(Queues.DeliverBlob, record.ToMessage().ToJson(), TimeSpan.Zero, cancellationToken);
        return true;
    }

    private async Task<int> CountAsync(Trail trail, string from, string to, CancellationToken cancellationToken)
    {
        var count = 0;
        await foreach (var row in tables.QueryAsync(Tables.Deliveries, trail.Key, from, to, cancellationToken))
        {
            if (++count == CountLimit)
                break;
        }

        return count;
    }
}
