namespace ActionTrail.Trails;

/// <summary>
/// What one attribute of an event must be: a value that is equal to, starts or ends with one of the values of the first three lists (when any
/// of these has values), and no value that fits the other three. An event without the attribute fits no value: it fails the first three
/// and passes the others. Values compare exactly; of an attribute with several values one that fits is enough.
/// </summary>
/// <param name="Field">One of <see cref="AdvancedFields.All"/>.</param>
public sealed record FieldSelector(string Field)
{
    public IReadOnlyList<string> EqualTo { get; init; } = [];

    public IReadOnlyList<string> StartsWith { get; init; } = [];

    public IReadOnlyList<string> EndsWith { get; init; } = [];

    public IReadOnlyList<string> NotEqualTo { get; init; } = [];

    public IReadOnlyList<string> NotStartsWith { get; init; } = [];

    public IReadOnlyList<string> NotEndsWith { get; init; } = [];

    internal bool HasPositive => EqualTo.Count + StartsWith.Count + EndsWith.Count > 0;

    /// <summary>The lists under their names in JSON.</summary>
    internal IReadOnlyList<(string Name, IReadOnlyList<string> Values)> Lists =>
    [
        ("equals", EqualTo), ("startsWith", StartsWith), ("endsWith", EndsWith),
        ("notEquals", NotEqualTo), ("notStartsWith", NotStartsWith), ("notEndsWith", NotEndsWith),
    ];
}

/// <summary>Takes the events that fit all its fields. A trail takes what any of its advanced selectors takes.</summary>
/// <param name="Name">At most 1,000 characters for people, or null.</param>
/// <param name="Fields">One per field; <c>eventCategory</c> is among them.</param>
public sealed record AdvancedSelector(string? Name, IReadOnlyList<FieldSelector> Fields);

/// <summary>The attributes that advanced selectors can name, ours and CloudTrail's names of them.</summary>
public static class AdvancedFields
{
    /// <summary>An event without it counts as <c>Management</c>. Only equality; every selector names it.</summary>
    public const string EventCategory = "eventCategory";

    private static readonly Dictionary<string, Func<EventTraits, IReadOnlyList<string>>> Readers = new(StringComparer.Ordinal)
    {
        [EventCategory] = static t => [t.Category ?? Events.EventCategories.Management],
        ["eventName"] = static t => One(t.EventName),
        ["eventType"] = static t => One(t.EventType),
        ["eventSource"] = static t => One(t.EventSource),
        ["serviceName"] = static t => One(t.ServiceName),
        ["eventRW"] = static t => One(t.EventRW),
        ["readOnly"] = static t => t.EventRW switch { "Read" => ["true"], "Write" => ["false"], _ => [] },
        ["region"] = static t => One(t.Region),
        ["resourceType"] = static t => t.ResourceTypes,
        ["resources.type"] = static t => t.ResourceTypes,
        ["resourceName"] = static t => t.ResourceNames,
        ["resources.ARN"] = static t => t.ResourceNames,
        ["errorCode"] = static t => One(t.ErrorCode),
        ["userName"] = static t => One(t.UserName),
        ["userType"] = static t => One(t.UserType),
        ["accessKeyId"] = static t => One(t.AccessKeyId),
        ["sourceIpAddress"] = static t => One(t.SourceIpAddress),
    };

    /// <summary>Every name, in the order of the documents.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Readers.Keys];

    internal static Func<EventTraits, IReadOnlyList<string>> ReaderOf(string field) => Readers[field];

    private static IReadOnlyList<string> One(string? value) => value is null ? [] : [value];
}

/// <summary>The decision of advanced selectors on one event.</summary>
internal sealed class AdvancedSelection(IReadOnlyList<AdvancedSelector> selectors)
{
    private readonly Condition[][] any = [.. selectors.Select(static s => s.Fields.Select(static f => new Condition(f)).ToArray())];

    public bool Takes(EventTraits traits) => Array.Exists(any, all => Array.TrueForAll(all, condition => condition.Fits(traits)));

    private sealed class Condition(FieldSelector field)
    {
        private readonly Func<EventTraits, IReadOnlyList<string>> read = AdvancedFields.ReaderOf(field.Field);
        private readonly Values positive = new(field.EqualTo, field.StartsWith, field.EndsWith);
        private readonly Values negative = new(field.NotEqualTo, field.NotStartsWith, field.NotEndsWith);
        private readonly bool hasPositive = field.HasPositive;

        public bool Fits(EventTraits traits)
        {
            var values = read(traits);
            return (!hasPositive || values.Any(positive.Fit)) && !values.Any(negative.Fit);
        }
    }

    private sealed class Values(IReadOnlyList<string> equal, IReadOnlyList<string> starts, IReadOnlyList<string> ends)
    {
        private readonly HashSet<string> same = new(equal, StringComparer.Ordinal);

        public bool Fit(string value) =>
            same.Contains(value)
            || starts.Any(start => value.StartsWith(start, StringComparison.Ordinal))
            || ends.Any(end => value.EndsWith(end, StringComparison.Ordinal));
    }
}
