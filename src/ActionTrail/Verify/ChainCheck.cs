using ActionTrail.Layout;

namespace ActionTrail.Verify;

/// <summary>Holds each commit of a partition against the one before it: order, gaps, times and chain links.</summary>
internal sealed class ChainCheck(VerifyReport report, PurgePosition purge)
{
    private long previous = purge.PurgedThrough;
    private byte[] link = purge.PurgedHash;
    private DateTimeOffset committedAt = DateTimeOffset.MinValue;
    private readonly Dictionary<long, byte[]> links = new() { [purge.PurgedThrough] = purge.PurgedHash };

    /// <summary>Last sequence number so far.</summary>
    public long Last => previous;

    public void Add(Commit commit, string rowKey, string name)
    {
        report.Commits++;
        if (commit.LostAt is null)
            report.Events += commit.Count;
        if (rowKey != Keys.Commit(commit.Last))
            report.Add(name, $"The row says that it ends with {commit.Last}, and its key says otherwise.");
        if (commit.First > commit.Last || commit.First <= previous)
            report.Add(name, $"The commit covers {commit.First}..{commit.Last} behind {previous}.");
        if (commit.Previous != previous)
            report.Add(name, $"The commit follows {commit.Previous}, and {previous} comes before it: a commit is missing.");
        else if (!commit.PreviousHash.AsSpan().SequenceEqual(link))
            report.Add(name, "The commit's previous chain link is not the link of the commit before it.");
        if (!Commit.ComputeHash(commit).AsSpan().SequenceEqual(commit.Hash))
            report.Add(name, "The commit's chain link does not fit its content: the row was changed.");
        if (commit.CommittedAt < committedAt)
            report.Add(name, "The commit was made before the commit before it.");
        if (previous >= 0 && commit.First > previous + 1 && commit.Previous == previous)
            report.Add(new VerifyGap(commit.Partition, previous + 1, commit.First - 1));
        (previous, link, committedAt) = (commit.Last, commit.Hash, commit.CommittedAt);
        links[commit.Last] = commit.Hash;
    }

    /// <summary>Whether a head with this end and link is one that the partition had.</summary>
    public bool HasSeen(long last, byte[] hash) => links.TryGetValue(last, out var found) && found.AsSpan().SequenceEqual(hash);
}
