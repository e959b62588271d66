using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Trails;

namespace ActionTrail.HistoryJobs;

/// <summary>Where a job stands. Names are stored and shown: add, never rename.</summary>
public enum HistoryJobState
{
    /// <summary>Its work items are being made.</summary>
    Initializing,

    Delivering,

    /// <summary>Every day is delivered.</summary>
    Complete,

    /// <summary>Every day is delivered or given up, at least one is given up.</summary>
    Failed,

    /// <summary>No day is begun any more; what was begun is brought to its end.</summary>
    Cancelling,

    Cancelled,

    /// <summary>Gone for everybody. What was begun is brought to its end, so that digests name what was written; then its rows are deleted.</summary>
    Deleting,
}

/// <summary>What a job takes for one destination of its trail: the events of commits made in these times. Oldest first, disjoint, each with an end.</summary>
public sealed record HistoryTarget(DestinationKind Kind, IReadOnlyList<TimeInterval> Takes);

/// <summary>
/// An order to deliver what a trail did not: the events that were committed in <c>[From, Until)</c> while it was not logging, as far as no earlier job has them.
/// Everything is frozen at its creation. Immutable; <see cref="HistoryJobStore"/> changes jobs. Times are UTC.
/// </summary>
public sealed record HistoryJob
{
    private const int Version = 1;

    public required string Account { get; init; }

    /// <summary>From 1, in the order of the account's jobs.</summary>
    public required long JobId { get; init; }

    public required HistoryJobState State { get; init; }

    /// <summary>As it was when the job was made; its logging times are in <see cref="Targets"/>.</summary>
    public required Trail Trail { get; init; }

    public required IReadOnlyList<HistoryTarget> Targets { get; init; }

    public required DateTimeOffset From { get; init; }

    public required DateTimeOffset Until { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its state last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When it came to its end; null before.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Row key of the client token that made it, or null.</summary>
    public string? TokenKey { get; init; }

    public string ETag { get; init; } = "";

    /// <summary>Whether it holds the account's place for a running job.</summary>
    public bool IsRunning => State is HistoryJobState.Initializing or HistoryJobState.Delivering or HistoryJobState.Cancelling;

    /// <summary>The times that the job takes for the destination, which it has.</summary>
    public IReadOnlyList<TimeInterval> TakesFor(DestinationKind kind) => Targets.First(t => t.Kind == kind).Takes;

    internal TableRow ToRow()
    {
        var row = new TableRow(Account, JobKeys.Job(JobId))
            .With("JobId", JobId).With("JobState", State.ToString()).With("From", From).With("Until", Until)
            .With("JobCreatedAt", CreatedAt).With("JobUpdatedAt", UpdatedAt).With("JobEndedAt", EndedAt).With("TokenKey", TokenKey)
            .With("Destinations", string.Join(' ', Targets.Select(static t => DestinationKinds.Text(t.Kind)))).With("JobVersion", Version);
        foreach (var target in Targets)
            row.WithText(Property(target.Kind), TimeIntervals.Format(target.Takes));
        return TrailRow.Write(row, Trail);
    }

    /// <exception cref="StoreException">Corrupt: the row is not one that <see cref="ToRow"/> makes.</exception>
    internal static HistoryJob FromRow(TableRow row)
    {
        if (row.GetInt32("JobVersion") > Version || !Enum.TryParse<HistoryJobState>(row.GetString("JobState"), out var state) || !Enum.IsDefined(state))
            throw new StoreException(StoreErrorKind.Corrupt, $"Job {row.PartitionKey} / {row.RowKey} is unreadable or from a newer version.");
        return new()
        {
            Account = row.PartitionKey,
            JobId = row.GetInt64("JobId"),
            State = state,
            Trail = TrailRow.Read(row) with { ETag = "" },
            Targets = [.. row.GetString("Destinations").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => ReadTarget(row, text))],
            From = row.GetTime("From"),
            Until = row.GetTime("Until"),
            CreatedAt = row.GetTime("JobCreatedAt"),
            UpdatedAt = row.GetTime("JobUpdatedAt"),
            EndedAt = row.FindTime("JobEndedAt"),
            TokenKey = row.FindString("TokenKey"),
            ETag = row.ETag ?? "",
        };
    }

    private static HistoryTarget ReadTarget(TableRow row, string text) => DestinationKinds.TryParse(text, out var kind)
        ? new(kind, TimeIntervals.Parse(row.GetText(Property(kind))))
        : throw new StoreException(StoreErrorKind.Corrupt, $"Job {row.PartitionKey} / {row.RowKey} has an unknown destination '{text}'.");

    private static string Property(DestinationKind kind) => $"Takes{kind}";
}
