using System.Globalization;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Trails;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Delivery;

/// <summary>A delivery that waits for a person. <paramref name="Window"/> names it, beside its destination: boundary in Unix milliseconds.</summary>
public sealed record UndeliveredWindow(DestinationKind Kind, long Window, DeliveryCategory Category, string? Detail, DateTimeOffset At, int Attempts);

/// <summary>A page of undelivered windows, by destination, oldest first. <paramref name="NextToken"/> asks for the next one; null at the end.</summary>
public sealed record UndeliveredPage(IReadOnlyList<UndeliveredWindow> Items, string? NextToken);

/// <summary>What a recheck found: settled deliveries looked at, and those pending again because something is missing.</summary>
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
public sealed class DeliveryLedger(ITableStore tables, IWorkQueue queue, IEnumerable<IDestination> destinations, DeliveryOptions options, TimeProvider time, ILoggerFactory logs)
{
    public const int CountLimit = 1000;

    public const int MaxPage = 100;

    private readonly ILogger log = logs.CreateLogger<DeliveryLedger>();
    private readonly Dictionary<DestinationKind, IDestination> byKind = destinations.ToDictionary(static d => d.Kind);
    private readonly DeliveryRecords records = new(tables, options, time, logs.CreateLogger<DeliveryRecords>());

    public async Task<TrailStatusReport> ReadStatusAsync(Trail trail, CancellationToken cancellationToken)
    {
        var found = new List<DestinationStatus>();
        foreach (var kind in DestinationKinds.All)
        {
            var key = DeliveryKeys.Destination(trail.Key, kind);
            var deliveries = await records.ReadStatusAsync(key, cancellationToken);

            // One that was taken from the trail still has what it was given before.
            if (!trail.Has(kind) && deliveries.ETag is null)
                continue;
            found.Add(new()
            {
                Kind = kind,
                LatestDeliveryTime = deliveries.LatestDeliveryTime,
                LatestDeliveryError = deliveries.LatestError,
                LatestDeliveryErrorTime = deliveries.LatestErrorTime,
                IsUsable = deliveries.IsUsable,
                Pending = await CountAsync(key, DeliveryKeys.FirstPending, DeliveryKeys.AfterPending, cancellationToken),
                Undelivered = await CountAsync(key, DeliveryKeys.FirstUndelivered, DeliveryKeys.AfterUndelivered, cancellationToken),
                LastWindow = deliveries.LastWindow < 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(deliveries.LastWindow),
            });
        }

        return new() { IsLogging = trail.IsLogging, StartLoggingTime = trail.StartLoggingTime, StopLoggingTime = trail.StopLoggingTime, Destinations = found };
    }

    /// <param name="trail">The trail.</param>
    /// <param name="pageSize">1 to <see cref="MaxPage"/>.</param>
    /// <param name="token">Of the page before, or null. Null comes back when the token is none of ours.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    public async Task<UndeliveredPage?> ListUndeliveredAsync(Trail trail, int pageSize, string? token, CancellationToken cancellationToken)
    {
        var (first, after) = (DestinationKind.Blob, -1L);
        if (token is not null && !TryParse(token, out first, out after))
            return null;
        var items = new List<UndeliveredWindow>();
        foreach (var kind in DestinationKinds.All.Where(kind => kind >= first))
        {
            var from = kind == first ? DeliveryKeys.Undelivered(after + 1) : DeliveryKeys.FirstUndelivered;
            await foreach (var row in tables.QueryAsync(Tables.Deliveries, DeliveryKeys.Destination(trail.Key, kind), from, DeliveryKeys.AfterUndelivered, cancellationToken))
            {
                if (items.Count == pageSize)
                    return new(items, string.Create(CultureInfo.InvariantCulture, $"{DestinationKinds.Text(items[^1].Kind)}.{items[^1].Window}"));
                items.Add(new(
                    kind, DeliveryKeys.ParseWindow(row.RowKey), Enum.Parse<DeliveryCategory>(row.GetString("Category")), row.FindString("Detail"), row.GetTime("At"), row.GetInt32("Attempts")));
            }
        }

        return new(items, NextToken: null);
    }

    /// <summary>Has one undelivered window delivered again.</summary>
    /// <param name="trail">The trail.</param>
    /// <param name="kind">The destination; null: every one that it is undelivered to.</param>
    /// <param name="window">The window.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    public async Task<RedeliverOutcome> RedeliverAsync(Trail trail, DestinationKind? kind, long window, CancellationToken cancellationToken)
    {
        var outcome = RedeliverOutcome.NotFound;
        foreach (var one in Kinds(kind))
        {
            if (window < 0 || await records.FindAsync(DeliveryKeys.Destination(trail.Key, one), window, cancellationToken) is not { } record)
                continue;
            if (record.State == DeliveryState.Undelivered && await ReopenAsync(record, "asked for", cancellationToken))
                outcome = RedeliverOutcome.Reopened;
            else if (outcome == RedeliverOutcome.NotFound)
                outcome = RedeliverOutcome.NotUndelivered;
        }

        return outcome;
    }

    /// <summary>Has every undelivered window of a trail delivered again; returns how many deliveries that are.</summary>
    /// <param name="trail">The trail.</param>
    /// <param name="kind">The destination; null: all of them.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    public async Task<int> RedeliverAllAsync(Trail trail, DestinationKind? kind, CancellationToken cancellationToken)
    {
        var reopened = 0;
        foreach (var one in Kinds(kind))
        {
            await foreach (var row in tables.QueryAsync(
                Tables.Deliveries, DeliveryKeys.Destination(trail.Key, one), DeliveryKeys.FirstUndelivered, DeliveryKeys.AfterUndelivered, cancellationToken))
            {
                reopened += await RedeliverAsync(trail, one, DeliveryKeys.ParseWindow(row.RowKey), cancellationToken) == RedeliverOutcome.Reopened ? 1 : 0;
            }
        }

        return reopened;
    }

    /// <summary>
    /// Looks whether everything that was delivered at or after <paramref name="since"/> is still there, and has deliveries
    /// made again that miss something. For a store that forgot; reads the whole table of deliveries.
    /// </summary>
    public async Task<RecheckReport> RecheckAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        var (seen, reopened) = (0, 0);
        await foreach (var row in tables.ScanAsync(Tables.Deliveries, cancellationToken))
        {
            if (!DeliveryKeys.IsDelivery(row.PartitionKey, row.RowKey))
                continue;
            var record = DeliveryRecord.FromRow(row);
            if (record.State != DeliveryState.Done || record.DoneAt < since)
                continue;
            seen++;
            if (!await IsWholeAsync(record, cancellationToken) && await ReopenAsync(record, "something is missing", cancellationToken))
                reopened++;
        }

        return new(seen, reopened);
    }

    private async Task<bool> IsWholeAsync(DeliveryRecord record, CancellationToken cancellationToken) =>
        !byKind.TryGetValue(record.Kind, out var destination)
        || await destination.HoldsAsync(record.Order, await records.ReadObjectsAsync(record, cancellationToken), cancellationToken);

    private async Task<bool> ReopenAsync(DeliveryRecord record, string reason, CancellationToken cancellationToken)
    {
        if (!await records.ReopenAsync(record, cancellationToken))
            return false;
        DeliveryLog.Reopened(log, record.Key, record.Window, reason);

        // Lost with a death right here, the message is sent again when the open entry is due.
        await queue.SendAsync(DestinationKinds.Queue(record.Kind), record.ToMessage().ToJson(), TimeSpan.Zero, cancellationToken);
        return true;
    }

    private async Task<int> CountAsync(string key, string from, string to, CancellationToken cancellationToken)
    {
        var count = 0;
        await foreach (var row in tables.QueryAsync(Tables.Deliveries, key, from, to, cancellationToken))
        {
            if (++count == CountLimit)
                break;
        }

        return count;
    }

    private static IEnumerable<DestinationKind> Kinds(DestinationKind? kind) => kind is { } one ? [one] : DestinationKinds.All;

    private static bool TryParse(string token, out DestinationKind kind, out long window)
    {
        window = -1;
        var dot = token.IndexOf('.', StringComparison.Ordinal);
        return DestinationKinds.TryParse(dot < 0 ? "" : token[..dot], out kind)
            && long.TryParse(token.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out window) && window < long.MaxValue;
    }
}
