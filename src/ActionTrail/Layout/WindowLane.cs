namespace ActionTrail.Layout;

/// <summary>How windows are cut. Each lane cuts the whole log into windows of its own.</summary>
public enum WindowLane
{
    /// <summary>Every half minute: an object or a request of few events costs as much as one of many.</summary>
    Regular,

    /// <summary>At every run of the scheduler, for Logstores, whose readers wait.</summary>
    Fast,

    /// <summary>Every five minutes, for containers of trails that ask for fewer and larger objects.</summary>
    Slow,
}

/// <summary>Facts about <see cref="WindowLane"/>.</summary>
public static class WindowLanes
{
    /// <summary>In the order in which a run goes through them: the others begin where the regular one stands, so it comes last.</summary>
    public static IReadOnlyList<WindowLane> All { get; } = [WindowLane.Fast, WindowLane.Slow, WindowLane.Regular];

    /// <summary>The lanes of which one is that of a trail's deliveries to a destination of this kind.</summary>
    public static IReadOnlyList<WindowLane> Possible(DestinationKind kind) => kind switch
    {
        DestinationKind.Logstore => [WindowLane.Fast],
        DestinationKind.Blob => [WindowLane.Regular, WindowLane.Slow],
        _ => [WindowLane.Regular],
    };
}
