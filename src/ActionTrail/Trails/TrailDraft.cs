namespace ActionTrail.Trails;

/// <summary>What a caller asks of a new trail, as it was sent; <see cref="TrailRules"/> judges it. Null: not given.</summary>
public sealed record TrailDraft
{
    public string? Name { get; init; }

    public string? Container { get; init; }

    public string? Prefix { get; init; }

    /// <summary>Name of the stream to deliver to.</summary>
    public string? Stream { get; init; }

    /// <summary>Name of the Log Analytics table to deliver to.</summary>
    public string? LogAnalytics { get; init; }

    /// <summary><c>ActionTrail</c> (default), <c>CloudTrail</c> or <c>Ndjson</c>.</summary>
    public string? Format { get; init; }

    /// <summary>Most MiB of an object before gzip; null: what the deployment says.</summary>
    public int? MaxObjectMegabytes { get; init; }

    /// <summary>Seconds in which events are gathered before they are written to the container: 300; null: as long as the deployment says.</summary>
    public int? FlushAfterSeconds { get; init; }

    /// <summary>Project of the Logstore to deliver to.</summary>
    public string? LogstoreProject { get; init; }

    /// <summary>Whether digests of what is delivered are made; null: they are.</summary>
    public bool? LogFileValidation { get; init; }

    /// <summary>Role names to record with the trail.</summary>
    public TrailWriteRoles WriteRoles { get; init; } = TrailWriteRoles.None;

    /// <summary><c>Read</c>, <c>Write</c> or <c>All</c> (default).</summary>
    public string? EventRW { get; init; }

    /// <summary><c>All</c> (default) or a region.</summary>
    public string? TrailRegion { get; init; }

    public bool? IsOrganizationTrail { get; init; }

    /// <summary>True: the account's one trail of platform events.</summary>
    public bool? IsInnerTrail { get; init; }

    public TrailSelectors? Selectors { get; init; }

    /// <summary>In place of <see cref="Selectors"/>.</summary>
    public IReadOnlyList<AdvancedSelector>? AdvancedSelectors { get; init; }
}

/// <summary>What a caller asks to change. Null: stays as it is.</summary>
public sealed record TrailChange
{
    /// <summary>Empty: no container from now on.</summary>
    public string? Container { get; init; }

    /// <summary>Empty: no Logstore from now on; what was delivered to it stays.</summary>
    public string? LogstoreProject { get; init; }

    /// <summary>Empty: no stream from now on.</summary>
    public string? Stream { get; init; }

    /// <summary>Empty: no Log Analytics table from now on.</summary>
    public string? LogAnalytics { get; init; }

    /// <summary>Empty: no prefix from now on.</summary>
    public string? Prefix { get; init; }

    public string? Format { get; init; }

    /// <summary>0: what the deployment says from now on.</summary>
    public int? MaxObjectMegabytes { get; init; }

    /// <summary>May repeat what the trail has, never change it.</summary>
    public int? FlushAfterSeconds { get; init; }

    public bool? LogFileValidation { get; init; }

    /// <summary>Role names to record with the trail; an empty one takes it away.</summary>
    public TrailWriteRoles WriteRoles { get; init; } = TrailWriteRoles.None;

    public string? EventRW { get; init; }

    public string? TrailRegion { get; init; }

    /// <summary>May repeat what the trail is, never change it.</summary>
    public bool? IsOrganizationTrail { get; init; }

    /// <summary>Likewise.</summary>
    public bool? IsInnerTrail { get; init; }

    /// <summary>Replaces all selectors of the trail, advanced ones too.</summary>
    public TrailSelectors? Selectors { get; init; }

    /// <summary>Replaces all selectors of the trail.</summary>
    public IReadOnlyList<AdvancedSelector>? AdvancedSelectors { get; init; }
}

/// <summary>One fault of a request. <paramref name="Pointer"/>: JSON pointer into the body; <paramref name="Rule"/>: the rule it breaks, one sentence.</summary>
public sealed record TrailFieldError(string Pointer, string Rule);

/// <summary>How a call on trails ended.</summary>
public enum TrailOutcomeKind
{
    /// <summary>A new trail, in state Fresh.</summary>
    Created,

    /// <summary>Done; the trail as it is now (as it was, for a deletion).</summary>
    Ok,

    /// <summary>The request breaks rules, all of which are named.</summary>
    Invalid,

    /// <summary>The account has a trail of that name.</summary>
    NameTaken,

    /// <summary>The account has as many single-account trails as it may, the directory has its multi-account trail, or the account its Inner trail.</summary>
    QuotaExceeded,

    /// <summary>The trail needs a Logstore that is not there, and the account has as many as it may.</summary>
    LogstoreQuotaExceeded,

    /// <summary>The account has no such trail, and sees none.</summary>
    NotFound,

    /// <summary>A multi-account trail is made and changed by the management account of a directory or its delegated administrators; the account is neither.</summary>
    NotPermitted,

    /// <summary>The container does not exist or is not this account's: the answer is the same, so that nobody learns of another's.</summary>
    ContainerMissing,

    /// <summary>The trail is not in the version that the caller saw.</summary>
    PreconditionFailed,

    /// <summary>The trail changes too fast, or was started and stopped too often while deliveries wait. Repeat later.</summary>
    TooManyChanges,
}

/// <summary>The end of a call on trails. <paramref name="Trail"/> is set for Created and Ok; <paramref name="Errors"/> for Invalid and ContainerMissing.</summary>
public sealed record TrailOutcome(TrailOutcomeKind Kind, Trail? Trail, IReadOnlyList<TrailFieldError> Errors)
{
    internal static TrailOutcome Of(TrailOutcomeKind kind) => new(kind, null, []);

    internal static TrailOutcome Ok(Trail trail) => new(TrailOutcomeKind.Ok, trail, []);
}
