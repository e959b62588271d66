namespace ActionTrail.Tests.Ingest;

/// <summary>A clock that stands where it is put. Timers run on real time, so that what waits a few milliseconds ends by itself.</summary>
internal sealed class SettableTime(DateTimeOffset now) : TimeProvider
{
    private DateTimeOffset now = now;

    public SettableTime()
        : this(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero))
    {
    }

    public override DateTimeOffset GetUtcNow() => now;

    public void Set(DateTimeOffset to) => now = to;

    public void Advance(TimeSpan by) => now += by;
}
