using System.Runtime.InteropServices;
using ActionTrail.Segments;

namespace ActionTrail.Query;

/// <summary>A row that matches by hash.</summary>
internal readonly record struct Candidate(LookupPosition Position, LookupSource Source, SegmentHead Head, int Row)
{
    /// <summary>Of rows with one position, the one committed first comes first, whatever the query's direction.</summary>
    public int CompareCommitOrder(in Candidate other)
    {
        if (ReferenceEquals(Source, other.Source) && Row == other.Row)
            return 0;
        var order = Source.OriginOf(Head, Row).CompareTo(other.Source.OriginOf(other.Head, other.Row));
        if (order != 0)
            return order;
        var (mine, theirs) = (Head.At(Row), other.Head.At(other.Row));
        return (mine.SequenceNumber, mine.Index).CompareTo((theirs.SequenceNumber, theirs.Index));
    }

    public FoundEvent ToFound(ReadOnlyMemory<byte> body)
    {
        var (origin, at) = (Source.OriginOf(Head, Row), Head.At(Row));
        return new(
            body, DateTimeOffset.FromUnixTimeMilliseconds(Position.EventTimeMs), DateTimeOffset.FromUnixTimeMilliseconds(at.ReceiveTimeMs),
            origin.CommittedAt, origin.Partition, at.SequenceNumber, at.Index);
    }
}

/// <summary>The best rows so far: at most the wanted number, and all that tie with the last of them.</summary>
internal sealed class Candidates(LookupPlan plan, int wanted)
{
    /// <summary>
    /// Rows of fresh segments kept of one event, the first committed of them. The others are copies: an event sent a million times is not decoded
    /// as often. Compaction keeps one.
    /// </summary>
    private const int MaxCopies = 64;

    /// <summary>Rows of a compacted segment that are looked through at once; the next ones only when these do not suffice.</summary>
    private const int SliceRows = 8192;

    private readonly List<int> matches = [];
    private readonly LookupPosition? after = LookupPosition.OfRow(plan.Query.After);
    private bool trimmed = true;

    public List<Candidate> Rows { get; } = [];

    public int Heads { get; private set; }

    public int Matches { get; private set; }

    /// <summary>Rows were left out, or segments left unopened, that come after the ones kept.</summary>
    public bool MayHaveMore { get; private set; }

    public void Add(LookupSource source, SegmentHead head)
    {
        Heads++;
        if (!head.TryFindAccount(plan.Query.AccountId, out var rows))
            return;
        var (first, end) = (head.FirstAtOrAfter(rows, plan.FromMs), head.FirstAtOrAfter(rows, plan.ToMs));
        var kept = 0;
        while (first < end)
        {
            // Copies that collapse are only in fresh segments, which are small: they are looked through as a whole.
            if (source.Commit is null && (kept >= wanted || IsBehind(head.EventTimeMs(plan.Backward ? end - 1 : first))))
            {
                MayHaveMore = true;
                break;
            }

            var (fromMs, toMs) = source.Commit is null ? Slice(head, first, end) : (plan.FromMs, plan.ToMs);
            kept += Select(source, head, rows, fromMs, toMs);
            (first, end) = plan.Backward ? (first, head.FirstAtOrAfter(rows, fromMs)) : (head.FirstAtOrAfter(rows, toMs), end);
            if (source.Commit is not null)
                break;
        }

        if (Rows.Count > 4 * (wanted + 256))
            Trim();
    }

    /// <summary>True when no event of this segment, nor of any segment after it in the plan's order, can come before the last wanted row or tie with it.</summary>
    public bool IsCompleteBefore(LookupSource next)
    {
        Trim();
        var complete = IsBehind(plan.Backward ? next.Segment.MaxEventTimeMs : next.Segment.MinEventTimeMs);
        MayHaveMore |= complete;
        return complete;
    }

    public void Trim()
    {
        if (trimmed)
            return;
        Rows.Sort((a, b) =>
        {
            var order = plan.Backward ? b.Position.CompareInTime(a.Position) : a.Position.CompareInTime(b.Position);
            return order != 0 ? order : a.CompareCommitOrder(b);
        });
        trimmed = true;
        DropCopies();
        if (Rows.Count <= wanted)
            return;
        var keep = wanted;
        while (keep < Rows.Count && Rows[keep].Position == Rows[wanted - 1].Position)
            keep++;
        MayHaveMore |= keep < Rows.Count;
        Rows.RemoveRange(keep, Rows.Count - keep);
    }

    /// <summary>The rows that come next, whole milliseconds of them: rows of one position are never parted.</summary>
    private (long FromMs, long ToMs) Slice(SegmentHead head, int first, int end)
    {
        if (end - first <= SliceRows)
            return (head.EventTimeMs(first), head.EventTimeMs(end - 1) + 1);
        return plan.Backward
            ? (head.EventTimeMs(end - SliceRows), head.EventTimeMs(end - 1) + 1)
            : (head.EventTimeMs(first), Math.Max(head.EventTimeMs(first + SliceRows), head.EventTimeMs(first) + 1));
    }

    /// <summary>Whether an event of this time comes after all that are wanted.</summary>
    private bool IsBehind(long timeMs)
    {
        if (!trimmed && Rows.Count >= wanted)
            Trim();
        return Rows.Count >= wanted && (plan.Backward ? timeMs < Rows[wanted - 1].Position.EventTimeMs : timeMs > Rows[wanted - 1].Position.EventTimeMs);
    }

    private int Select(LookupSource source, SegmentHead head, in AccountRows rows, long fromMs, long toMs)
    {
        matches.Clear();
        head.Select(rows, fromMs, toMs, plan.Filters, matches);
        Matches += matches.Count;
        var before = Rows.Count;
        foreach (var row in matches)
        {
            var position = LookupPosition.OfRow(head.EventTimeMs(row), head.EventIdPrefix(row));
            if (after is null || (plan.Backward ? position.CompareInTime(after.Value) < 0 : position.CompareInTime(after.Value) > 0))
            {
                Rows.Add(new Candidate(position, source, head, row));
                trimmed = false;
            }
        }

        return Rows.Count - before;
    }

    private void DropCopies()
    {
        LookupPosition? before = null;
        var copies = new Dictionary<ulong, int>();
        var kept = 0;
        for (var i = 0; i < Rows.Count; i++)
        {
            var row = Rows[i];
            if (row.Position != before)
                copies.Clear();
            before = row.Position;
            if (row.Source.Commit is null || ++CollectionsMarshal.GetValueRefOrAddDefault(copies, row.Head.EventIdHash(row.Row), out _) <= MaxCopies)
                Rows[kept++] = row;
        }

        Rows.RemoveRange(kept, Rows.Count - kept);
    }
}
