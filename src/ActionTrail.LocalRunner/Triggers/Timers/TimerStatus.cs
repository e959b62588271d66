namespace ActionTrail.LocalRunner.Triggers.Timers;

/// <summary>What the host remembers of a timer. <paramref name="Last"/> is <c>default</c> before the first run.</summary>
internal sealed record TimerStatus(DateTimeOffset Last, DateTimeOffset Next, DateTimeOffset LastUpdated);

/// <summary>Keeps the status of one timer. Throws nothing for a status that is not there.</summary>
internal interface ITimerStatusStore
{
    Task<TimerStatus?> LoadAsync(string functionName, CancellationToken cancellationToken);

    Task SaveAsync(string functionName, TimerStatus status, CancellationToken cancellationToken);
}
