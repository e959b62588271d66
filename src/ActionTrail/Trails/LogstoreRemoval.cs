using ActionTrail.Layout;
using ActionTrail.Logstores;
using ActionTrail.Storage;

namespace ActionTrail.Trails;

/// <summary>How a call to delete a Logstore ended.</summary>
public enum LogstoreRemovalOutcome
{
    /// <summary>Nobody finds it any more; its store is erased a grace later.</summary>
    Deleted,
    NotFound,
    PreconditionFailed,

    /// <summary>A trail delivers to it, or one that was deleted or pointed elsewhere still has to.</summary>
    InUse,
}

/// <summary>Deletes Logstores that no trail writes to.</summary>
public sealed class LogstoreRemoval(ITableStore tables, LogstoreRegistry logstores)
{
    /// <summary>Commits appear at most seconds after their time.</summary>
    private static readonly TimeSpan Lateness = TimeSpan.FromMinutes(1);

    /// <param name="account">Owner.</param>
    /// <param name="name">Which.</param>
    /// <param name="ifMatch">The version that the caller saw, or null for any.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    /// <returns>How it ended, and for <see cref="LogstoreRemovalOutcome.InUse"/> who uses it, for people.</returns>
    public async Task<(LogstoreRemovalOutcome Outcome, string? User)> DeleteAsync(string account, LogstoreName name, string? ifMatch, CancellationToken cancellationToken)
    {
        if (await logstores.FindAsync(account, name, cancellationToken) is not { } logstore)
            return (LogstoreRemovalOutcome.NotFound, null);
        if (ifMatch is not null && ifMatch != logstore.ETag)
            return (LogstoreRemovalOutcome.PreconditionFailed, null);
        if (await FindUserAsync(account, name, withFormer: true, cancellationToken) is { } user)
            return (LogstoreRemovalOutcome.InUse, user);
        var outcome = await logstores.DeleteAsync(logstore, cancellationToken);

        // A trail that came meanwhile saw the old one and has none now. Who makes a trail looks again after it as well: of the two looks one sees the other.
        if (outcome == LogstoreOutcome.Changed && await FindUserAsync(account, name, withFormer: false, cancellationToken) is not null)
            await logstores.EnsureOwedAsync(account, name, logstore.Schema, cancellationToken);
        return (outcome switch
        {
            LogstoreOutcome.Changed => LogstoreRemovalOutcome.Deleted,
            LogstoreOutcome.NotFound => LogstoreRemovalOutcome.NotFound,
            _ => LogstoreRemovalOutcome.PreconditionFailed,
        }, null);
    }

    private async Task<string?> FindUserAsync(string account, LogstoreName name, bool withFormer, CancellationToken cancellationToken)
    {
        await foreach (var row in tables.QueryAsync(Tables.Trails, account, fromRowKey: null, toRowKey: null, cancellationToken))
        {
            var isDeleted = TrailKeys.IsTombstone(row.RowKey);
            if (!isDeleted && !TrailKeys.IsTrail(row.RowKey))
                continue;
            var trail = TrailRow.Read(row);
            if (!isDeleted && trail.Logstore == name)
                return $"Trail {trail.Name} delivers to it.";
            if (withFormer && EndOf(trail, name) is { } end && await IsDeliveringAsync(trail, end, cancellationToken))
                return $"Trail {trail.Name} {(isDeleted ? "was deleted" : "delivered to it")}, and what was committed before may not be delivered yet; repeat in ten minutes.";
        }

        return null;
    }

    /// <summary>When a trail that does not deliver there any more ceased to: it was deleted, or pointed elsewhere. Null: it never did.</summary>
    private static DateTimeOffset? EndOf(Trail trail, LogstoreName name) => trail.Logstore == name
        ? trail.DeletedAt
        : trail.Places.Where(p => p.Kind == DestinationKind.Logstore && LogstoreName.OfTrail(p.Name, trail.Name, trail.IsInner) == name).Max(static p => p.Time.Stop);

    /// <summary>Whether windows up to the end are still to be handed out, or deliveries to be made.</summary>
    private async Task<bool> IsDeliveringAsync(Trail trail, DateTimeOffset end, CancellationToken cancellationToken)
    {
        if (trail.Intervals.Count == 0)
            return false;
        var covered = await tables.FindAsync(Tables.Windows, WindowKeys.Lane(StoreName.History, WindowLane.Fast), WindowKeys.Covered, cancellationToken);
        if (covered is null || covered.GetTime("Until") < end + Lateness)
            return true;

        // Windows that a trail was handed after it was pointed elsewhere go there; a deleted one is handed only what is from before.
        var after = trail.DeletedAt is null ? DeliveryKeys.Pending((end + Lateness).ToUnixTimeMilliseconds()) : DeliveryKeys.AfterPending;
        var key = DeliveryKeys.Destination(trail.Key, DestinationKind.Logstore);
        await foreach (var unused in tables.QueryAsync(Tables.Deliveries, key, DeliveryKeys.FirstPending, after, cancellationToken))
            return true;
        return false;
    }
}
