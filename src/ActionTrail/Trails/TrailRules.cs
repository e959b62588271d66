using System.Text.RegularExpressions;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Logstores;

namespace ActionTrail.Trails;

/// <summary>The rules of names and values (ActionTrail's field rules; container names as Blob storage has them). Every breach is named.</summary>
public static partial class TrailRules
{
    public const string AllRegions = "All";

    /// <summary>Most values in all lists of the selectors together.</summary>
    public const int MaxSelectorValues = 250;

    /// <summary>Most characters of one value.</summary>
    public const int MaxSelectorValueLength = 256;

    /// <summary>Most characters of the selectors as compact JSON.</summary>
    public const int MaxSelectorsLength = 32_000;

    /// <summary>Largest size of an object that a trail may ask for, MiB before gzip.</summary>
    public const int MaxObjectMegabytes = 256;

    /// <summary>The time of gathering that a trail may ask for: about that of ActionTrail and CloudTrail.</summary>
    public static readonly TimeSpan SlowFlush = TimeSpan.FromMinutes(5);

    private const string FlushRule = "flushAfterSeconds is 300, or not given for the deployment's own time; a trail with a container may have it.";
    private const string FixedFlushRule = "How long a trail gathers events is fixed when it is made.";
    private const string FormatRule = "format is ActionTrail, CloudTrail or Ndjson.";
    private const string NameRule = "A trail name has 6 to 36 characters: a lower-case letter, then lower-case letters, digits, '_' and '-'.";
    private const string ContainerRule = "A container name has 3 to 63 lower-case letters, digits and single hyphens, with a letter or digit at both ends.";
    private const string DestinationRule = "A trail has at least one destination.";
    internal const string InnerRule = "An Inner trail takes the platform events of all regions to a Logstore; this field does not go with it.";
    private const string OwnContainerRule = "The container belongs to the system; name one of your own.";
    private const string PrefixRule = "A prefix has 6 to 32 characters: a letter, then letters, digits, '/', '_' and '-', without an empty part between slashes.";
    private const string EventRWRule = "eventRW is Read, Write or All.";
    private const string RegionRule = "trailRegion is All or the id of one region: 1 to 64 letters, digits and '-'.";

    internal static TrailFieldError StreamMissing { get; } = new("/stream", "The operator must have configured a stream of this name for this account.");

    internal static TrailFieldError LogAnalyticsMissing { get; } = new("/logAnalytics", "The operator must have configured a Log Analytics table of this name for this account.");

    /// <summary>The rule that a container must meet beyond its name.</summary>
    internal static TrailFieldError ContainerMissing { get; } =
        new("/container", "The container must exist in the storage account of this deployment and must not serve another account.");

    public static IReadOnlyList<TrailFieldError> Check(TrailDraft draft)
    {
        var errors = new List<TrailFieldError>();
        if (draft.Name is null || !NameGrammar().IsMatch(draft.Name))
            errors.Add(new("/name", NameRule));
        if (draft.Container is null && draft.LogstoreProject is null && draft.Stream is null && draft.LogAnalytics is null)
            errors.Add(new(draft.IsInnerTrail == true ? "/logstoreProject" : "/container", DestinationRule));
        if (draft.Container is not null)
            CheckContainer(draft.Container, errors);
        if (draft.LogstoreProject is not null)
            CheckProject(draft.LogstoreProject, errors);
        if (draft.Prefix is not null)
            CheckPrefix(draft.Prefix, errors);
        CheckObjects(draft.Format, draft.MaxObjectMegabytes, errors);
        if (draft.FlushAfterSeconds is { } seconds && (seconds != SlowFlush.TotalSeconds || draft.Container is null))
            errors.Add(new("/flushAfterSeconds", FlushRule));
        CheckChoices(draft.EventRW, draft.TrailRegion, errors);
        CheckSelectors(draft.Selectors, draft.AdvancedSelectors, errors);
        if (draft.IsInnerTrail == true)
            CheckInner(draft, errors);
        return errors;
    }

    public static IReadOnlyList<TrailFieldError> Check(TrailChange change, Trail current)
    {
        var errors = new List<TrailFieldError>();
        if (!string.IsNullOrEmpty(change.Container))
            CheckContainer(change.Container, errors);
        if (!string.IsNullOrEmpty(change.LogstoreProject))
            CheckProject(change.LogstoreProject, errors);
        string?[] kept =
        [
            change.Container ?? current.Container, change.LogstoreProject ?? current.Logstore?.Project, change.Stream ?? current.Stream, change.LogAnalytics ?? current.LogAnalytics,
        ];
        if (kept.All(string.IsNullOrEmpty))
            errors.Add(new(current.IsInner ? "/logstoreProject" : "/container", DestinationRule));
        if (!string.IsNullOrEmpty(change.Prefix))
            CheckPrefix(change.Prefix, errors);
        CheckObjects(change.Format, change.MaxObjectMegabytes is 0 ? null : change.MaxObjectMegabytes, errors);
        if (change.FlushAfterSeconds is { } seconds && seconds != current.FlushAfterSeconds)
            errors.Add(new("/flushAfterSeconds", FixedFlushRule));
        CheckChoices(change.EventRW, change.TrailRegion, errors);
        if (change.IsOrganizationTrail is { } organization && organization != current.IsOrganizationTrail)
            errors.Add(new("/isOrganizationTrail", "Whether a trail covers several accounts is fixed when it is made."));
        CheckSelectors(change.Selectors, change.AdvancedSelectors, errors);
        if (change.IsInnerTrail is { } inner && inner != current.IsInner)
            errors.Add(new("/isInnerTrail", "Whether a trail takes platform events is fixed when it is made."));
        if (current.IsInner)
        {
            CheckInner(
                new()
                {
                    Container = EmptyToNull(change.Container),
                    Prefix = EmptyToNull(change.Prefix),
                    Format = change.Format,
                    MaxObjectMegabytes = change.MaxObjectMegabytes,
                    EventRW = change.EventRW,
                    TrailRegion = change.TrailRegion,
                    Selectors = change.Selectors,
                    AdvancedSelectors = change.AdvancedSelectors,
                },
                errors);
        }

        return errors;
    }

    /// <summary>Read, Write or All, written exactly so; null when it is none of these.</summary>
    public static TrailEventRW? ParseEventRW(string text) => text switch
    {
        "All" => TrailEventRW.All,
        "Read" => TrailEventRW.Read,
        "Write" => TrailEventRW.Write,
        _ => null,
    };

    /// <summary>The name of a format, written exactly so; null when it is none.</summary>
    public static ObjectFormat? ParseFormat(string text) => text switch
    {
        "ActionTrail" => ObjectFormat.ActionTrail,
        "CloudTrail" => ObjectFormat.CloudTrail,
        "Ndjson" => ObjectFormat.Ndjson,
        _ => null,
    };

    public static bool IsName(string name) => NameGrammar().IsMatch(name);

    internal static bool IsRegion(string text) => RegionGrammar().IsMatch(text);

    /// <summary>Whether there are neither control characters nor halves of surrogate pairs in it.</summary>
    internal static bool IsText(string text) => !text.Any(char.IsControl) && !HasLoneSurrogate(text);

    private static void CheckContainer(string container, List<TrailFieldError> errors)
    {
        if (!ContainerGrammar().IsMatch(container))
            errors.Add(new("/container", ContainerRule));
        else if (Layout.Containers.All.Contains(container) || container.StartsWith("azure-webjobs-", StringComparison.Ordinal))
            errors.Add(new("/container", OwnContainerRule));
    }

    /// <summary>An Inner trail takes all platform events, of all regions, to one Logstore: there is nothing to choose.</summary>
    private static void CheckInner(TrailDraft draft, List<TrailFieldError> errors)
    {
        (string Pointer, bool IsGiven)[] fields =
        [
            ("/container", draft.Container is not null), ("/prefix", draft.Prefix is not null), ("/format", draft.Format is not null), ("/maxObjectMegabytes", draft.MaxObjectMegabytes is not null),
            ("/eventRW", draft.EventRW is not (null or "All")), ("/trailRegion", draft.TrailRegion is not (null or AllRegions)), ("/isOrganizationTrail", draft.IsOrganizationTrail == true),
            ("/selectors", draft.Selectors is not null), ("/advancedSelectors", draft.AdvancedSelectors is not null),
        ];
        errors.AddRange(fields.Where(static field => field.IsGiven).Select(static field => new TrailFieldError(field.Pointer, InnerRule)));
    }

    private static string? EmptyToNull(string? text) => text?.Length == 0 ? null : text;

    private static void CheckProject(string project, List<TrailFieldError> errors)
    {
        if (!LogstoreName.IsProject(project))
            errors.Add(new("/logstoreProject", LogstoreName.ProjectRule));
    }

    private static void CheckPrefix(string prefix, List<TrailFieldError> errors)
    {
        if (!PrefixGrammar().IsMatch(prefix) || prefix.Contains("//", StringComparison.Ordinal))
            errors.Add(new("/prefix", PrefixRule));
    }

    private static void CheckObjects(string? format, int? maxMegabytes, List<TrailFieldError> errors)
    {
        if (format is not null && ParseFormat(format) is null)
            errors.Add(new("/format", FormatRule));
        if (maxMegabytes is < 1 or > MaxObjectMegabytes)
            errors.Add(new("/maxObjectMegabytes", $"An object has at most 1 to {MaxObjectMegabytes} MiB before gzip."));
    }

    private static void CheckChoices(string? eventRW, string? region, List<TrailFieldError> errors)
    {
        if (eventRW is not null && ParseEventRW(eventRW) is null)
            errors.Add(new("/eventRW", EventRWRule));
        if (region is not null && !RegionGrammar().IsMatch(region))
            errors.Add(new("/trailRegion", RegionRule));
    }

    private static void CheckSelectors(TrailSelectors? selectors, IReadOnlyList<AdvancedSelector>? advanced, List<TrailFieldError> errors)
    {
        if (advanced is not null)
            SelectorRules.Check(advanced, errors);
        if (selectors is not null && advanced is not null)
            errors.Add(new("/advancedSelectors", "A trail has selectors or advancedSelectors, not both."));
        if (selectors is null)
            return;
        var count = 0;
        foreach (var (pointer, values) in TrailJson.Lists(selectors))
        {
            count += values.Count;
            for (var i = 0; i < values.Count; i++)
            {
                if (values[i].Length is 0 or > MaxSelectorValueLength || !IsText(values[i]))
                    errors.Add(new($"/selectors/{pointer}/{i}", $"A selector value has 1 to {MaxSelectorValueLength} characters, none of them a control character."));
            }
        }

        for (var i = 0; i < selectors.Include.Categories.Count; i++)
        {
            if (selectors.Include.Categories[i] == EventCategories.Platform)
                errors.Add(new($"/selectors/categories/{i}", "Platform events are not delivered by trails of this kind."));
        }

        if (count > MaxSelectorValues)
            errors.Add(new("/selectors", $"The selectors of a trail have at most {MaxSelectorValues} values in all."));
        else if (errors.Count == 0 && TrailJson.Format(selectors).Length > MaxSelectorsLength)
            errors.Add(new("/selectors", $"The selectors of a trail have at most {MaxSelectorsLength} characters as JSON."));
    }

    private static bool HasLoneSurrogate(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogatePair(text, i))
                i++;
            else if (char.IsSurrogate(text[i]))
                return true;
        }

        return false;
    }

    [GeneratedRegex(@"^[a-z][a-z0-9_-]{5,35}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NameGrammar();

    [GeneratedRegex(@"^[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ContainerGrammar();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9/_-]{5,31}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PrefixGrammar();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9-]{0,63}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RegionGrammar();
}
