namespace ActionTrail.Events;

/// <summary>Values of <c>eventCategory</c> that decide which trails deliver an event. Publishers may send others; those count as management events.</summary>
public static class EventCategories
{
    public const string Management = "Management";

    /// <summary>Work on the data itself, such as reading an object of a bucket. Trails deliver these only when their selectors name the category.</summary>
    public const string Data = "Data";

    public const string Insight = "Insight";

    /// <summary>What the provider's staff did. No ordinary trail delivers these.</summary>
    public const string Platform = "Platform";

    /// <summary><c>eventType</c> of platform events.</summary>
    public const string PlatformEventType = "PlatformEvent";
}
