namespace ActionTrail.Cli.Send;

/// <summary>Lets so many records through per second on average; no rate lets all through.</summary>
internal sealed class Pace(int? recordsPerSecond, TimeProvider time)
{
    private DateTimeOffset free = DateTimeOffset.MinValue;

    /// <summary>Waits until these records may go.</summary>
    public async Task WaitAsync(int records, CancellationToken cancellationToken)
    {
        if (recordsPerSecond is not { } rate)
            return;
        var now = time.GetUtcNow();
        if (free > now)
            await Task.Delay(free - now, time, cancellationToken);
        free = (free > now ? free : now) + TimeSpan.FromSeconds((double)records / rate);
    }
}
