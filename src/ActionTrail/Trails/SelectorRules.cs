using ActionTrail.Events;

namespace ActionTrail.Trails;

/// <summary>The rules of advanced selectors (CloudTrail's limits) and of data event selectors (ActionTrail's).</summary>
public static class SelectorRules
{
    /// <summary>Most values in all advanced selectors of a trail together.</summary>
    public const int MaxAdvancedValues = 500;

    /// <summary>Most characters of a selector's name.</summary>
    public const int MaxNameLength = 1000;

    /// <summary>Most characters of one value.</summary>
    public const int MaxValueLength = 2048;

    /// <summary>Most data event selectors of a trail.</summary>
    public const int MaxDataEventSelectors = 20;

    /// <summary>Most values of one condition of a data event selector, both lists together.</summary>
    public const int MaxConditionValues = 10;

    private static readonly string[] Categories = [EventCategories.Management, EventCategories.Data, EventCategories.Insight];

    /// <param name="selectors">What was asked.</param>
    /// <param name="errors">Gets every fault, with pointers from <c>/advancedSelectors</c>.</param>
    internal static void Check(IReadOnlyList<AdvancedSelector> selectors, List<TrailFieldError> errors)
    {
        const string root = "/advancedSelectors";
        var found = errors.Count;
        if (selectors.Count == 0)
            errors.Add(new(root, "At least one selector."));
        for (var i = 0; i < selectors.Count; i++)
            Check(selectors[i], $"{root}/{i}", errors);
        if (selectors.Sum(static s => s.Fields.Sum(static f => f.Lists.Sum(static l => l.Values.Count))) > MaxAdvancedValues)
            errors.Add(new(root, $"The advanced selectors of a trail have at most {MaxAdvancedValues} values in all."));
        else if (errors.Count == found && SelectorJson.Format(selectors).Length > TrailRules.MaxSelectorsLength)
            errors.Add(new(root, $"The advanced selectors of a trail have at most {TrailRules.MaxSelectorsLength} characters as JSON."));
    }

    /// <summary>Every fault, with pointers from the root of the request.</summary>
    public static IReadOnlyList<TrailFieldError> Check(DataEventSelectors selectors)
    {
        var errors = new List<TrailFieldError>();
        if (selectors.Selectors.Count is 0 or > MaxDataEventSelectors)
            errors.Add(new("/eventSelectors", $"1 to {MaxDataEventSelectors} selectors."));
        for (var i = 0; i < selectors.Selectors.Count; i++)
        {
            var one = selectors.Selectors[i];
            if (!IsValue(one.ServiceName, 64))
                errors.Add(new($"/eventSelectors/{i}/serviceName", "The name of a service, 1 to 64 characters."));
            Check(one.EventName, $"/eventSelectors/{i}/eventName", errors);
            Check(one.ResourceArn, $"/eventSelectors/{i}/resourceArn", errors);
        }

        if (selectors.IsTrailAllRegion == selectors.TrailRegionIds.Count > 0)
            errors.Add(new("/trailRegionIds", "The regions, unless isTrailAllRegion is true; then none."));
        for (var i = 0; i < selectors.TrailRegionIds.Count; i++)
        {
            if (!TrailRules.IsRegion(selectors.TrailRegionIds[i]))
                errors.Add(new($"/trailRegionIds/{i}", "The id of a region: 1 to 64 letters, digits and '-'."));
        }

        if (errors.Count == 0 && SelectorJson.Format(selectors).Length > TrailRules.MaxSelectorsLength)
            errors.Add(new("/eventSelectors", $"The data event selectors of a trail have at most {TrailRules.MaxSelectorsLength} characters as JSON."));
        return errors;
    }

    private static void Check(AdvancedSelector selector, string pointer, List<TrailFieldError> errors)
    {
        if (selector.Name is { } name && (name.Length > MaxNameLength || !TrailRules.IsText(name)))
            errors.Add(new(pointer + "/name", $"A name has at most {MaxNameLength} characters, none of them a control character."));
        if (!selector.Fields.Any(static f => f.Field == AdvancedFields.EventCategory))
            errors.Add(new(pointer + "/fieldSelectors", "Every selector says eventCategory."));
        for (var i = 0; i < selector.Fields.Count; i++)
        {
            var field = selector.Fields[i];
            var at = $"{pointer}/fieldSelectors/{i}";
            if (!AdvancedFields.All.Contains(field.Field, StringComparer.Ordinal))
                errors.Add(new(at + "/field", $"One of {string.Join(", ", AdvancedFields.All)}."));
            else if (selector.Fields.Take(i).Any(f => f.Field == field.Field))
                errors.Add(new(at + "/field", "Every field stands once in a selector."));
            Check(field, at, errors);
        }
    }

    private static void Check(FieldSelector field, string pointer, List<TrailFieldError> errors)
    {
        if (field.Lists.All(static l => l.Values.Count == 0))
            errors.Add(new(pointer, "A field has at least one value."));
        foreach (var (name, values) in field.Lists)
        {
            for (var i = 0; i < values.Count; i++)
            {
                if (!IsValue(values[i], MaxValueLength))
                    errors.Add(new($"{pointer}/{name}/{i}", $"A value has 1 to {MaxValueLength} characters, none of them a control character."));
                else if (field.Field == AdvancedFields.EventCategory && !Categories.Contains(values[i], StringComparer.Ordinal))
                    errors.Add(new($"{pointer}/{name}/{i}", $"eventCategory is one of {string.Join(", ", Categories)}."));
            }
        }

        if (field.Field is AdvancedFields.EventCategory or "readOnly" && field.Lists.Skip(1).Any(static l => l.Values.Count > 0))
            errors.Add(new(pointer, $"{field.Field} takes equals only."));
        if (field.Field == "readOnly" && field.EqualTo.Any(static v => v is not ("true" or "false")))
            errors.Add(new(pointer + "/equals", "readOnly is true or false."));
    }

    private static void Check(ValueCondition condition, string pointer, List<TrailFieldError> errors)
    {
        if (condition.EqualTo.Count > 0 && condition.NotEqualTo.Count > 0)
            errors.Add(new(pointer, "equals or notEquals, not both."));
        if (condition.EqualTo.Count + condition.NotEqualTo.Count > MaxConditionValues)
            errors.Add(new(pointer, $"At most {MaxConditionValues} values."));
        foreach (var (name, values) in ((string, IReadOnlyList<string>)[])[("equals", condition.EqualTo), ("notEquals", condition.NotEqualTo)])
        {
            for (var i = 0; i < values.Count; i++)
            {
                if (!IsValue(values[i], MaxValueLength))
                    errors.Add(new($"{pointer}/{name}/{i}", $"A value has 1 to {MaxValueLength} characters, none of them a control character."));
            }
        }
    }

    private static bool IsValue(string text, int max) => text.Length > 0 && text.Length <= max && TrailRules.IsText(text);
}
