namespace ActionTrail.Digests.Validation;

/// <summary>What is wrong with an object.</summary>
public enum FindingKind
{
    /// <summary>A digest names it, and it is not there.</summary>
    NotFound,

    /// <summary>It is not what was written.</summary>
    Altered,

    /// <summary>It lies elsewhere than where it was written.</summary>
    Moved,

    /// <summary>It is there, and no digest names it.</summary>
    Extra,

    /// <summary>A digest whose signature is not that of the key it names: altered, or made by somebody else.</summary>
    BadSignature,

    /// <summary>A digest signed with a key that is not among those given, or not valid at its time.</summary>
    UnknownKey,

    /// <summary>A time that no digest covers.</summary>
    Gap,
}

/// <summary>One thing that is not as it should be.</summary>
/// <param name="Kind">What.</param>
/// <param name="Object">The object, or for a gap the trail.</param>
/// <param name="Detail">One sentence.</param>
public sealed record Finding(FindingKind Kind, string Object, string Detail);

/// <summary>A trail whose digests were found.</summary>
public sealed record ValidatedTrail(string AccountId, string TrailName, string TrailId, DateTimeOffset CoveredFrom, DateTimeOffset CoveredTo);

/// <summary>What <see cref="LogValidator"/> read and found.</summary>
public sealed class ValidationReport
{
    /// <summary>Most findings that are listed; all are counted.</summary>
    public const int MaxFindings = 10_000;

    /// <summary>Most names listed of files that wait for their digest.</summary>
    public const int MaxWaiting = 100;

    private readonly List<Finding> findings = [];

    public List<ValidatedTrail> Trails { get; } = [];

    /// <summary>Digests whose signature, place and link are right.</summary>
    public long Digests { get; internal set; }

    /// <summary>Files that are as the digests say.</summary>
    public long Files { get; internal set; }

    /// <summary>Events in these, by the digests.</summary>
    public long Events { get; internal set; }

    /// <summary>Bytes read to prove them, as stored.</summary>
    public long Bytes { get; internal set; }

    /// <summary>Files that other containers hold: a trail that changed its container.</summary>
    public long Elsewhere { get; internal set; }

    /// <summary>Files delivered so late that a digest is still to come. Nothing is proved of them yet.</summary>
    public long Waiting { get; internal set; }

    /// <summary>The first of these.</summary>
    public List<string> WaitingFiles { get; } = [];

    /// <summary>Files from before the first digest of their trail. Nothing is ever proved of them.</summary>
    public long Earlier { get; internal set; }

    /// <summary>Objects that lie outside the folders of trails.</summary>
    public long Foreign { get; internal set; }

    /// <summary>Times in which trails were stopped, signed as such.</summary>
    public List<string> Pauses { get; } = [];

    /// <summary>Everything that is wrong, from the newest digest back, at most <see cref="MaxFindings"/>.</summary>
    public IReadOnlyList<Finding> Findings => findings;

    public long FindingCount { get; private set; }

    public bool IsSound => FindingCount == 0;

    internal void Add(Finding finding)
    {
        FindingCount++;
        if (findings.Count < MaxFindings)
            findings.Add(finding);
    }

    /// <summary>Puts one finding in the place of another, and takes a third one away.</summary>
    internal void Replace(Finding old, Finding better, Finding obsolete)
    {
        var at = findings.IndexOf(old);
        if (at < 0 || !findings.Remove(obsolete))
            return;
        findings[findings.IndexOf(old)] = better;
        FindingCount--;
    }
}

/// <summary>What to validate.</summary>
public sealed record ValidationOptions
{
    /// <summary>Only digests that end after this; null: back to the first one.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>Only files of digests that begin before this; null: now.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>Name or id of the one trail; null: every trail.</summary>
    public string? Trail { get; init; }

    /// <summary>Compares the uncompressed content as CloudTrail does, not the object as it is stored: for copies that were compressed anew.</summary>
    public bool ContentOnly { get; init; }

    /// <summary>Files read at once.</summary>
    public int Parallelism { get; init; } = 4;
}
