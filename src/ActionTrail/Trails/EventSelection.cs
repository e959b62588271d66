using ActionTrail.Events;

namespace ActionTrail.Trails;

/// <summary>The decision of one trail on one event of its account: a function of the trail's settings and the event's bytes alone.</summary>
public sealed class EventSelection
{
    private readonly Trail trail;
    private readonly Lists include;
    private readonly Lists exclude;
    private readonly AdvancedSelection? advanced;
    private readonly DataEventSelection? dataEvents;

    public EventSelection(Trail trail)
    {
        this.trail = trail;
        include = new(trail.Selectors.Include);
        exclude = new(trail.Selectors.Exclude);
        advanced = trail.AdvancedSelectors is { } selectors ? new(selectors) : null;
        dataEvents = trail.DataEvents is { } data ? new(data, trail.HomeRegion) : null;
    }

    /// <summary>Whether it asks for all traits.</summary>
    public bool IsWide => advanced is not null || dataEvents is not null;

    /// <summary>Whether it asks for more than names, category, read/write and region.</summary>
    internal bool AsksMore => IsWide || trail.Selectors.SensitiveOnly || include.ResourceTypes.Count + exclude.ResourceTypes.Count > 0;

    public bool Takes(EventTraits traits) =>
        trail.IsInner ? traits.Category == EventCategories.Platform
        : (advanced is null ? TakesSimple(traits) : TakesRW(traits.EventRW) && TakesRegion(traits.Region) && advanced.Takes(traits))
        || (dataEvents?.Takes(traits) ?? false);

    private bool TakesSimple(EventTraits traits) =>
        TakesCategory(traits.Category ?? EventCategories.Management)
        && TakesRW(traits.EventRW)
        && TakesRegion(traits.Region)
        && (traits.IsSensitive || !trail.Selectors.SensitiveOnly)
        && Included(include.EventNames, traits.EventName)
        && Included(include.Services, traits.ServiceName)
        && Included(include.Regions, traits.Region)
        && (include.ResourceTypes.Count == 0 || traits.ResourceTypes.Any(include.ResourceTypes.Contains))
        && !Has(exclude.EventNames, traits.EventName)
        && !Has(exclude.Services, traits.ServiceName)
        && !Has(exclude.Regions, traits.Region)
        && (exclude.ResourceTypes.Count == 0 || !traits.ResourceTypes.Any(exclude.ResourceTypes.Contains));

    // Data events come in great numbers: a trail takes them only when it asks for them.
    private bool TakesCategory(string category) =>
        category != EventCategories.Platform
        && (include.Categories.Count == 0 ? category != EventCategories.Data : include.Categories.Contains(category))
        && !exclude.Categories.Contains(category);

    private bool TakesRW(string? eventRW) => trail.EventRW switch
    {
        TrailEventRW.All => true,
        TrailEventRW.Read => eventRW == "Read",
        TrailEventRW.Write => eventRW == "Write",
        _ => throw new InvalidOperationException($"There is no eventRW {trail.EventRW}."),
    };

    /// <summary>Events of global services carry no region; they belong to the home region.</summary>
    private bool TakesRegion(string? region) => trail.TrailRegion == TrailRules.AllRegions || trail.TrailRegion == (region ?? trail.HomeRegion);

    private static bool Included(HashSet<string> values, string? value) => values.Count == 0 || Has(values, value);

    private static bool Has(HashSet<string> values, string? value) => value is not null && values.Contains(value);

    private sealed class Lists(SelectorValues values)
    {
        public HashSet<string> EventNames { get; } = new(values.EventNames, StringComparer.Ordinal);

        public HashSet<string> Services { get; } = new(values.Services, StringComparer.Ordinal);

        public HashSet<string> ResourceTypes { get; } = new(values.ResourceTypes, StringComparer.Ordinal);

        public HashSet<string> Categories { get; } = new(values.Categories, StringComparer.Ordinal);

        public HashSet<string> Regions { get; } = new(values.Regions, StringComparer.Ordinal);
    }
}
