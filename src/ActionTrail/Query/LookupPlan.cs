using System.Text;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Segments;

namespace ActionTrail.Query;

/// <summary>A query made ready: its conditions hashed, its commits in the order in which they are opened.</summary>
internal sealed class LookupPlan
{
    private readonly byte[][] values;

    public LookupPlan(LookupQuery query, long fromMs, long toMs, List<Commit> commits)
    {
        Query = query;
        FromMs = fromMs;
        ToMs = toMs;
        Commits = commits;
        values = [.. query.Conditions.Select(condition => Encoding.UTF8.GetBytes(condition.Value))];
        Filters = [.. query.Conditions.Select((condition, i) => new AttributeFilter(condition.Attribute, Hash64.Of(values[i])))];
        commits.Sort(Backward
            ? (a, b) => b.Segment!.MaxEventTimeMs.CompareTo(a.Segment!.MaxEventTimeMs)
            : (a, b) => a.Segment!.MinEventTimeMs.CompareTo(b.Segment!.MinEventTimeMs));
    }

    public LookupQuery Query { get; }

    public bool Backward => Query.Direction == LookupDirection.Backward;

    public long FromMs { get; }

    public long ToMs { get; }

    public List<Commit> Commits { get; }

    public AttributeFilter[] Filters { get; }

    /// <summary>True when every condition holds on the event itself: hashes only propose.</summary>
    public bool Holds(ReadOnlySpan<byte> body)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (!EventMatcher.Has(body, Query.Conditions[i].Attribute, values[i]))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>A row that matches by hash.</summary>
internal readonly record struct Candidate(LookupPosition Position, Commit Commit, SegmentHead Head, int Row, EventCoordinates At)
{
    /// <summary>Of rows with one position, the one committed first comes first, whatever the query's direction.</summary>
    public int CompareCommitOrder(in Candidate other)
    {
        var order = Commit.CommittedAt.CompareTo(other.Commit.CommittedAt);
        order = order != 0 ? order : string.CompareOrdinal(Commit.Partition.ToString(), other.Commit.Partition.ToString());
        order = order != 0 ? order : At.SequenceNumber.CompareTo(other.At.SequenceNumber);
        return order != 0 ? order : At.Index.CompareTo(other.At.Index);
    }

    public FoundEvent ToFound(ReadOnlyMemory<byte> body) => new(
        body, DateTimeOffset.FromUnixTimeMilliseconds(Position.EventTimeMs), DateTimeOffset.FromUnixTimeMilliseconds(At.ReceiveTimeMs),
        Commit.CommittedAt, Commit.Partition, At.SequenceNumber, At.Index);
}

/// <summary>The best rows so far: at most the wanted number, and all that tie with the last of them.</summary>
internal sealed class Candidates(LookupPlan plan, int wanted)
{
    /// <summary>Rows kept of one position, the first committed of them. The others are copies: an event sent a million times is not decoded as often.</summary>
    private const int MaxCopies = 64;

    private readonly List<int> matches = [];
    private bool trimmed = true;

    public List<Candidate> Rows { get; } = [];

    public int Heads { get; private set; }

    public int Matches { get; private set; }

    /// <summary>Rows were left out, or segments left unopened, that come after the ones kept.</summary>
    public bool MayHaveMore { get; private set; }

    public void Add(Commit commit, SegmentHead head)
    {
        Heads++;
        if (!head.TryFindAccount(plan.Query.AccountId, out var rows))
        {
            return;
        }

        matches.Clear();
        head.Select(rows, plan.FromMs, plan.ToMs, plan.Filters, matches);
        Matches += matches.Count;
        var after = plan.Query.After;
        foreach (var row in matches)
        {
            var position = new LookupPosition(head.EventTimeMs(row), head.EventIdHash(row));
            if (after is null || (plan.Backward ? position.CompareInTime(after.Value) < 0 : position.CompareInTime(after.Value) > 0))
            {
                Rows.Add(new Candidate(position, commit, head, row, head.At(row)));
                trimmed = false;
            }
        }

        if (Rows.Count > 4 * (wanted + 256))
        {
            Trim();
        }
    }

    /// <summary>True when no event of this commit, nor of any commit after it in the plan's order, can come before the last wanted row or tie with it.</summary>
    public bool IsCompleteBefore(Commit next)
    {
        Trim();
        if (Rows.Count < wanted)
        {
            return false;
        }

        var last = Rows[wanted - 1].Position.EventTimeMs;
        var complete = plan.Backward ? next.Segment!.MaxEventTimeMs < last : next.Segment!.MinEventTimeMs > last;
        MayHaveMore |= complete;
        return complete;
    }

    public void Trim()
    {
        if (trimmed)
        {
            return;
        }

        Rows.Sort((a, b) =>
        {
            var order = plan.Backward ? b.Position.CompareInTime(a.Position) : a.Position.CompareInTime(b.Position);
            return order != 0 ? order : a.CompareCommitOrder(b);
        });
        trimmed = true;
        DropCopies();
        if (Rows.Count <= wanted)
        {
            return;
        }

        var keep = wanted;
        while (keep < Rows.Count && Rows[keep].Position == Rows[wanted - 1].Position)
        {
            keep++;
        }

        MayHaveMore |= keep < Rows.Count;
        Rows.RemoveRange(keep, Rows.Count - keep);
    }

    private void DropCopies()
    {
        LookupPosition? before = null;
        var (kept, copies) = (0, 0);
        for (var i = 0; i < Rows.Count; i++)
        {
            var row = Rows[i];
            copies = row.Position == before ? copies + 1 : 1;
            before = row.Position;
            if (copies <= MaxCopies)
            {
                Rows[kept++] = row;
            }
        }

        Rows.RemoveRange(kept, Rows.Count - kept);
    }
}
