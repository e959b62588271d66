using ActionTrail.Events;

namespace ActionTrail.Trails;

/// <summary>A value must be one of the first list, or none of the second. Both empty: any value, or none at all.</summary>
public sealed record ValueCondition
{
    public IReadOnlyList<string> EqualTo { get; init; } = [];

    public IReadOnlyList<string> NotEqualTo { get; init; } = [];

    public static ValueCondition Any { get; } = new();
}

/// <summary>Data events of one service.</summary>
/// <param name="ServiceName"><c>serviceName</c> of the events.</param>
/// <param name="ReadWriteType">By <c>eventRW</c>.</param>
/// <param name="EventName"><c>eventName</c>.</param>
/// <param name="ResourceArn">Names of resources; of several, one that is equal is enough, and none may be of the second list.</param>
public sealed record DataEventSelector(string ServiceName, TrailEventRW ReadWriteType, ValueCondition EventName, ValueCondition ResourceArn);

/// <summary>
/// The data events that a trail takes beside what its selectors take (ActionTrail's data event selector). Events are of category <c>Data</c>
/// and fit one of the selectors; the trail's eventRW and region say nothing about them.
/// </summary>
/// <param name="IsTrailAllRegion">Data events of all regions.</param>
/// <param name="TrailRegionIds">The regions otherwise. An event without a region belongs to the trail's home region.</param>
/// <param name="Selectors">1 to 20.</param>
public sealed record DataEventSelectors(bool IsTrailAllRegion, IReadOnlyList<string> TrailRegionIds, IReadOnlyList<DataEventSelector> Selectors);

/// <summary>The decision of data event selectors on one event.</summary>
internal sealed class DataEventSelection(DataEventSelectors selectors, string homeRegion)
{
    public bool Takes(EventTraits traits) =>
        traits.Category == EventCategories.Data
        && (selectors.IsTrailAllRegion || selectors.TrailRegionIds.Contains(traits.Region ?? homeRegion, StringComparer.Ordinal))
        && selectors.Selectors.Any(s => Takes(s, traits));

    private static bool Takes(DataEventSelector selector, EventTraits traits) =>
        selector.ServiceName == traits.ServiceName
        && (selector.ReadWriteType == TrailEventRW.All || selector.ReadWriteType.ToString() == traits.EventRW)
        && Fits(selector.EventName, traits.EventName is null ? [] : [traits.EventName])
        && Fits(selector.ResourceArn, traits.ResourceNames);

    private static bool Fits(ValueCondition condition, IReadOnlyList<string> values) =>
        (condition.EqualTo.Count == 0 || values.Any(v => condition.EqualTo.Contains(v, StringComparer.Ordinal)))
        && !values.Any(v => condition.NotEqualTo.Contains(v, StringComparer.Ordinal));
}
