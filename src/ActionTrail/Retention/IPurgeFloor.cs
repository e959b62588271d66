namespace ActionTrail.Retention;

/// <summary>A time that the purge must not pass. <paramref name="Reason"/>: one sentence that says who waits for what.</summary>
public sealed record PurgeFloor(DateTimeOffset Time, string Reason);

/// <summary>Says which commits somebody still needs: those whose deliveries no sealed digest names.</summary>
public interface IPurgeFloor
{
    /// <summary>Commits made at or after its time stay; null when nobody needs any.</summary>
    Task<PurgeFloor?> FindAsync(CancellationToken cancellationToken);
}
