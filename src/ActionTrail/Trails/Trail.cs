using ActionTrail.Layout;
using ActionTrail.Logstores;

namespace ActionTrail.Trails;

/// <summary>ActionTrail's states: made and never started, logging, stopped.</summary>
public enum TrailStatus
{
    Fresh,
    Enable,
    Disable,
}

/// <summary>Which events a trail takes by <c>eventRW</c>. An event that does not say is only taken by <see cref="All"/>.</summary>
public enum TrailEventRW
{
    All,
    Read,
    Write,
}

/// <summary>
/// A standing order to write events to one or more destinations: those of its account, or, for a multi-account trail, those of all accounts of a
/// directory, which the management account owns. Immutable; <see cref="TrailStore"/> changes trails.
/// Times are UTC.
/// </summary>
public sealed record Trail
{
    public required string Account { get; init; }

    /// <summary><c>^[a-z][a-z0-9_-]{5,35}$</c>, unique in the account.</summary>
    public required string Name { get; init; }

    /// <summary>See <see cref="TrailKeys.TrailId"/>: differs between trails that bore the same name one after the other.</summary>
    public required string TrailId { get; init; }

    /// <summary>Blob container in the deployment's storage account, or null.</summary>
    public string? Container { get; init; }

    /// <summary>Logstore of the account, or null.</summary>
    public LogstoreName? Logstore { get; init; }

    /// <summary>Name of an event hub that the operator has configured, or null.</summary>
    public string? Stream { get; init; }

    /// <summary>Name of a Log Analytics table that the operator has configured, or null.</summary>
    public string? LogAnalytics { get; init; }

    /// <summary><c>^[A-Za-z][A-Za-z0-9/_-]{5,31}$</c>, or null.</summary>
    public string? Prefix { get; init; }

    /// <summary>Layout of the objects.</summary>
    public ObjectFormat Format { get; init; }

    /// <summary>Most MiB of one object before gzip; null: what the deployment says.</summary>
    public int? MaxObjectMegabytes { get; init; }

    /// <summary>How many seconds events are gathered before they are written to the container; null: as long as the deployment says. Fixed at creation.</summary>
    public int? FlushAfterSeconds { get; init; }

    /// <summary>Whether digests of what is delivered are made: CloudTrail's log file validation.</summary>
    public bool LogFileValidation { get; init; } = true;

    /// <summary>Since when; null: since the trail was made.</summary>
    public DateTimeOffset? ValidatedSince { get; init; }

    /// <summary>What the owner says of the roles to write with; recorded, never used.</summary>
    public TrailWriteRoles WriteRoles { get; init; } = TrailWriteRoles.None;

    public TrailEventRW EventRW { get; init; }

    /// <summary><c>All</c>, or the one region whose events are taken.</summary>
    public string TrailRegion { get; init; } = TrailRules.AllRegions;

    /// <summary>Not asked when there are <see cref="AdvancedSelectors"/>.</summary>
    public TrailSelectors Selectors { get; init; } = TrailSelectors.Everything;

    /// <summary>In place of <see cref="Selectors"/>; null for none.</summary>
    public IReadOnlyList<AdvancedSelector>? AdvancedSelectors { get; init; }

    /// <summary>Data events taken beside; null for none.</summary>
    public DataEventSelectors? DataEvents { get; init; }

    /// <summary>The resource directory that a multi-account trail covers; null for a single-account trail. Fixed at creation.</summary>
    public string? DirectoryId { get; init; }

    public bool IsOrganizationTrail => DirectoryId is not null;

    /// <summary>Takes platform events of the account and nothing else, into a Logstore of their own form. Fixed at creation.</summary>
    public bool IsInner { get; init; }

    public required string HomeRegion { get; init; }

    public required DateTimeOffset CreateTime { get; init; }

    public required DateTimeOffset UpdateTime { get; init; }

    /// <summary>When logging was last started, or null.</summary>
    public DateTimeOffset? StartLoggingTime { get; init; }

    /// <summary>When logging was last stopped, or null.</summary>
    public DateTimeOffset? StopLoggingTime { get; init; }

    public TrailStatus Status { get; init; }

    /// <summary>When the trail logged, oldest first; old ones that no delivery window can need are dropped.</summary>
    public IReadOnlyList<TimeInterval> Intervals { get; init; } = [];

    /// <summary>When it logged before <see cref="Intervals"/>, for history jobs only: what is older than the retention is dropped, and of very many the oldest are joined.</summary>
    public IReadOnlyList<TimeInterval> FormerIntervals { get; init; } = [];

    /// <summary>Where it delivered and delivers to, when that was ever changed; see <see cref="TrailPlaces"/>.</summary>
    public IReadOnlyList<TrailPlace> Places { get; init; } = [];

    /// <summary>Until when the trail's history jobs deliver: it neither starts nor stops before, whatever the clocks say. Null when it had none.</summary>
    public DateTimeOffset? HistoryUntil { get; init; }

    /// <summary>When it was deleted; null on trails that <see cref="TrailStore"/> hands to callers.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>Version of the stored row, for If-Match; empty on a copy frozen for a delivery.</summary>
    public string ETag { get; init; } = "";

    public bool IsLogging => Status == TrailStatus.Enable;

    /// <summary>Names the trail among those of all accounts and times.</summary>
    public string Key => DeliveryKeys.Trail(Account, TrailId);

    /// <summary>What it delivers to, at least one.</summary>
    public IEnumerable<DestinationKind> Destinations => DestinationKinds.All.Where(Has);

    public bool Has(DestinationKind kind) => kind switch
    {
        DestinationKind.Blob => Container is not null,
        DestinationKind.Logstore => Logstore is not null,
        DestinationKind.Stream => Stream is not null,
        DestinationKind.LogAnalytics => LogAnalytics is not null,
        _ => throw new InvalidOperationException($"There is no kind {kind}."),
    };

    /// <summary>How the windows of deliveries to a destination are cut.</summary>
    public WindowLane LaneOf(DestinationKind kind) => kind switch
    {
        DestinationKind.Logstore => WindowLane.Fast,
        DestinationKind.Blob when FlushAfterSeconds is not null => WindowLane.Slow,
        _ => WindowLane.Regular,
    };

    /// <summary>Whether the trail was logging at the time an event was committed.</summary>
    public bool LoggedAt(DateTimeOffset committedAt) => TimeIntervals.Hold(Intervals, committedAt);
}
