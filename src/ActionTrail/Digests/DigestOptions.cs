namespace ActionTrail.Digests;

/// <summary>Settings of digests.</summary>
public sealed class DigestOptions
{
    /// <summary>Whether digests are made at all: without signing keys they are not.</summary>
    public bool IsEnabled { get; set; }

    /// <summary>Length of the interval of one digest, whole seconds. Default one hour.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long after its end an interval is sealed; clocks of instances differ less. Default two minutes.</summary>
    public TimeSpan Settle { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>A digest that is late by more is told (message 6405): a container or a key that is away for a shorter time mends itself.</summary>
    public TimeSpan OverdueAlarm { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Trails sealed at a time.</summary>
    public int Parallelism { get; set; } = 8;

    /// <summary>How long writing one digest may take; a container that is slower is told by the trail's status and tried again by the next run. Default two minutes.</summary>
    public TimeSpan WriteDeadline { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>After this a run leaves the rest to the next one.</summary>
    public TimeSpan RunLimit { get; set; } = TimeSpan.FromMinutes(7);
}
