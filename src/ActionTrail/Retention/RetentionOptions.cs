namespace ActionTrail.Retention;

/// <summary>Settings of the purge.</summary>
public sealed class RetentionOptions
{
    /// <summary>How long events are kept after their event time. Default 90 days.</summary>
    public int Days { get; set; } = 90;

    /// <summary>How long marked commits stay before they are deleted. Default one day.</summary>
    public TimeSpan Grace { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How old an object that no commit names must be before it is deleted. Default one day.</summary>
    public TimeSpan OrphanGrace { get; set; } = TimeSpan.FromDays(1);
}
