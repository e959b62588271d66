namespace ActionTrail.Layout;

/// <summary>How windows are cut. Each lane cuts the whole log into windows of its own.</summary>
public enum WindowLane
{
    /// <summary>Every half minute: an object or a request of few events costs as much as one of many.</summary>
    Regular,

    /// <summary>At every run of the scheduler, for Logstores, whose readers wait.</summary>
    Fast,
}

/// <summary>Facts about <see cref="WindowLane"/>.</summary>
public static class WindowLanes
{
    /// <summary>In the order in which a run goes through them: the fast lane begins where the regular one stands, so it must come first.</summary>
    public static IReadOnlyList<WindowLane> All { get; } = [WindowLane.Fast, WindowLane.Regular];

    /// <summary>The lane of deliveries to a destination of this kind.</summary>
    public static WindowLane Of(DestinationKind kind) => kind == DestinationKind.Logstore ? WindowLane.Fast : WindowLane.Regular;
}
