namespace ActionTrail.HistoryJobs;

/// <summary>How a call on jobs ended.</summary>
public enum HistoryOutcomeKind
{
    /// <summary>A new job.</summary>
    Created,

    /// <summary>Done; or the client token made this job before.</summary>
    Ok,

    /// <summary>The account has no such trail.</summary>
    TrailNotFound,

    /// <summary>The trail is that of a directory, which the account only sees.</summary>
    NotPermitted,

    /// <summary>Only trails of one account have history jobs.</summary>
    SeveralAccounts,

    /// <summary>The trail has no destination that a job can deliver to: a container or a Logstore.</summary>
    NoDestination,

    /// <summary>The client token made a job of another trail.</summary>
    TokenReused,

    /// <summary>The account has a job that runs.</summary>
    AlreadyRunning,

    /// <summary>The account keeps as many jobs as it may.</summary>
    QuotaExceeded,

    /// <summary>The account has no such job.</summary>
    NotFound,

    /// <summary>The job is not in a state for that.</summary>
    WrongState,

    /// <summary>A later job of the trail has taken what this one gave up.</summary>
    Superseded,

    /// <summary>The job is not in the version that the caller saw.</summary>
    PreconditionFailed,

    /// <summary>The jobs of the account change too fast. Repeat later.</summary>
    TooManyChanges,
}

/// <summary>The end of a call on jobs. <paramref name="Job"/> is set for Created and Ok, and the job that runs for AlreadyRunning.</summary>
public sealed record HistoryOutcome(HistoryOutcomeKind Kind, HistoryJob? Job = null);
