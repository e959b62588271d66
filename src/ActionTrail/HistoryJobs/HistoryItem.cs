using ActionTrail.Delivery;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.HistoryJobs;

/// <summary>Where a work item stands. Names are stored and shown: add, never rename.</summary>
public enum HistoryItemState
{
    Pending,

    Done,

    /// <summary>Given up until a person has it tried again.</summary>
    Undelivered,

    /// <summary>The job was cancelled before the rest of the day was begun.</summary>
    Cancelled,
}

/// <summary>
/// One day of a job for one destination: the events committed in <c>[From, To)</c>, delivered piece by piece. A piece <c>[At, PieceTo)</c> is fixed before anything of it is
/// written and is then this item's for good: whoever goes on with it writes the same.
/// </summary>
public sealed record HistoryItem
{
    private const int Version = 1;

    public required string Account { get; init; }

    public required long JobId { get; init; }

    public required DestinationKind Kind { get; init; }

    public required DateTimeOffset From { get; init; }

    public required DateTimeOffset To { get; init; }

    /// <summary>What was committed before is delivered.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>End of the piece that is begun; null when none is.</summary>
    public DateTimeOffset? PieceTo { get; init; }

    public HistoryItemState State { get; init; }

    /// <summary>Attempts that failed since the last piece was delivered.</summary>
    public int Attempts { get; init; }

    /// <summary>No attempt before this time.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>When its message was sent, or a piece delivered after it; null when it wants one.</summary>
    public DateTimeOffset? SentAt { get; init; }

    public DateTimeOffset? ChangedAt { get; init; }

    public DeliveryCategory? LastCategory { get; init; }

    public string? LastDetail { get; init; }

    public long Events { get; init; }

    public long Bytes { get; init; }

    public int Objects { get; init; }

    public string ETag { get; init; } = "";

    public DateTimeOffset Day => new(From.UtcDateTime.Date, TimeSpan.Zero);

    /// <summary>End of the time whose events lie in the destination, or may: no other job takes them while this one is kept.</summary>
    internal DateTimeOffset OwnedTo => State is HistoryItemState.Done or HistoryItemState.Pending || PieceTo is not null ? To : At;

    internal HistoryMessage ToMessage() => new(Account, JobId, Day, Kind);

    internal TableRow ToRow() => new TableRow(Account, JobKeys.Item(JobId, Day, Kind))
        .With("JobId", JobId).With("Destination", DestinationKinds.Text(Kind)).With("From", From).With("To", To).With("At", At).With("PieceTo", PieceTo)
        .With("ItemState", State.ToString()).With("Attempts", Attempts).With("NotBefore", NotBefore).With("SentAt", SentAt).With("ChangedAt", ChangedAt)
        .With("LastCategory", LastCategory?.ToString()).With("LastDetail", LastDetail)
        .With("Events", Events).With("Bytes", Bytes).With("Objects", Objects).With("ItemVersion", Version);

    /// <exception cref="StoreException">Corrupt: the row is not one that <see cref="ToRow"/> makes.</exception>
    internal static HistoryItem FromRow(TableRow row)
    {
        if (row.GetInt32("ItemVersion") > Version || !Enum.TryParse<HistoryItemState>(row.GetString("ItemState"), out var state) || !Enum.IsDefined(state)
            || !DestinationKinds.TryParse(row.GetString("Destination"), out var kind))
            throw new StoreException(StoreErrorKind.Corrupt, $"Work item {row.PartitionKey} / {row.RowKey} is unreadable or from a newer version.");
        return new()
        {
            Account = row.PartitionKey,
            JobId = row.GetInt64("JobId"),
            Kind = kind,
            From = row.GetTime("From"),
            To = row.GetTime("To"),
            At = row.GetTime("At"),
            PieceTo = row.FindTime("PieceTo"),
            State = state,
            Attempts = row.GetInt32("Attempts"),
            NotBefore = row.FindTime("NotBefore"),
            SentAt = row.FindTime("SentAt"),
            ChangedAt = row.FindTime("ChangedAt"),
            LastCategory = Enum.TryParse<DeliveryCategory>(row.FindString("LastCategory"), out var category) ? category : null,
            LastDetail = row.FindString("LastDetail"),
            Events = row.GetInt64("Events"),
            Bytes = row.GetInt64("Bytes"),
            Objects = row.GetInt32("Objects"),
            ETag = row.ETag ?? "",
        };
    }
}
