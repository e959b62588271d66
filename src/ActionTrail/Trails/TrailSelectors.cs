namespace ActionTrail.Trails;

/// <summary>Values of the five attributes that a selector names. An empty list says nothing. Values compare exactly.</summary>
public sealed record SelectorValues
{
    public IReadOnlyList<string> EventNames { get; init; } = [];

    public IReadOnlyList<string> Services { get; init; } = [];

    public IReadOnlyList<string> ResourceTypes { get; init; } = [];

    /// <summary><c>acsRegion</c> of the event.</summary>
    public IReadOnlyList<string> Regions { get; init; } = [];

    /// <summary><c>eventCategory</c> of the event; one without counts as <c>Management</c>. An empty list of included ones says all but <c>Data</c>.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    public static SelectorValues None { get; } = new();

    public bool IsEmpty => EventNames.Count + Services.Count + ResourceTypes.Count + Regions.Count + Categories.Count == 0;
}

/// <summary>
/// Which events of its account a trail takes, beside <see cref="Trail.EventRW"/> and <see cref="Trail.TrailRegion"/>: those that have
/// a value of every included list that is not empty, and no value of an excluded list. Data events are taken only when the included
/// categories name them, platform events never.
/// </summary>
public sealed record TrailSelectors
{
    public SelectorValues Include { get; init; } = SelectorValues.None;

    public SelectorValues Exclude { get; init; } = SelectorValues.None;

    /// <summary>Only events whose <c>eventAttributes.SensitiveAction</c> is true.</summary>
    public bool SensitiveOnly { get; init; }

    /// <summary>No restriction.</summary>
    public static TrailSelectors Everything { get; } = new();
}
