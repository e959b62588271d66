namespace ActionTrail.HistoryJobs;

/// <summary>A job with its work items by day, then destination.</summary>
public sealed record HistoryProgress(HistoryJob Job, IReadOnlyList<HistoryItem> Items)
{
    public long Events => Items.Sum(static i => i.Events);

    public long Bytes => Items.Sum(static i => i.Bytes);

    public int Objects => Items.Sum(static i => i.Objects);

    /// <summary>Work items of which nothing is left to do.</summary>
    public int Settled => Items.Count(static i => i.State != HistoryItemState.Pending);

    public IEnumerable<HistoryItem> Undelivered => Items.Where(static i => i.State == HistoryItemState.Undelivered);

    /// <summary>When something last changed.</summary>
    public DateTimeOffset UpdatedAt => Items.Max(static i => i.ChangedAt) is { } changed && changed > Job.UpdatedAt ? changed : Job.UpdatedAt;

    /// <summary>How much of the time is delivered, 0 to 100; 100 only for a job that is complete.</summary>
    public int Percent
    {
        get
        {
            if (Job.State == HistoryJobState.Complete)
                return 100;
            var whole = Items.Sum(static i => (i.To - i.From).TotalSeconds);
            var delivered = Items.Sum(static i => ((i.State == HistoryItemState.Done ? i.To : i.At) - i.From).TotalSeconds);
            return whole <= 0 ? 0 : Math.Min(99, (int)(100 * delivered / whole));
        }
    }
}
