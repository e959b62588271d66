using ActionTrail.Segments;

namespace ActionTrail.Query;

/// <summary>Rows of one segment that are events of a query, ascending, so oldest first: a range when all rows of it are, else a list.</summary>
internal sealed class MatchedRows
{
    private readonly int first;
    private readonly List<int>? list;

    public MatchedRows(LookupSource source, SegmentHead head, int first, int end) => (Source, Head, this.first, Count) = (source, head, first, end - first);

    public MatchedRows(LookupSource source, SegmentHead head, List<int> list) => (Source, Head, this.list, Count) = (source, head, list, list.Count);

    public LookupSource Source { get; }

    public SegmentHead Head { get; }

    public int Count { get; }

    /// <summary>The row at a place from 0 to before <see cref="Count"/>.</summary>
    public int this[int at] => list is null ? first + at : list[at];

    public LookupPosition PositionAt(int at) => LookupPosition.OfRow(Head.EventTimeMs(this[at]), Head.EventIdPrefix(this[at]));

    /// <summary>The first place from <paramref name="from"/> on whose row is not before <paramref name="position"/>, or <see cref="Count"/>.</summary>
    public int FirstNotBefore(LookupPosition position, int from)
    {
        int low = from, high = Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (PositionAt(middle).CompareInTime(position) < 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>Counts by value; answers how many rows have any.</summary>
    public int CountValues(Events.EventAttribute attribute, Dictionary<uint, ValueTally> tallies) =>
        list is null ? Head.CountValues(attribute, first, first + Count, tallies) : Head.CountValues(attribute, list, tallies);

    public MatchedRows Without(HashSet<int> rows)
    {
        if (rows.Count == 0)
            return this;
        var kept = new List<int>(Count);
        for (var at = 0; at < Count; at++)
        {
            if (!rows.Contains(this[at]))
                kept.Add(this[at]);
        }

        return new(Source, Head, kept);
    }
}

/// <summary>A segment on its way through a sweep.</summary>
internal sealed class MatchCursor
{
    /// <summary>Places from where on two or more rows share one position, in a fresh segment, which may hold copies; ascending.</summary>
    private readonly Queue<int> ties = new();

    private readonly HashSet<int> copies = [];

    public MatchCursor(MatchedRows rows)
    {
        Rows = rows;
        if (rows.Source.Commit is null)
            return;
        for (var at = 1; at < rows.Count; at++)
        {
            if (rows.PositionAt(at) == rows.PositionAt(at - 1) && (at == 1 || rows.PositionAt(at - 2) != rows.PositionAt(at)))
                ties.Enqueue(at - 1);
        }
    }

    public MatchedRows Rows { get; }

    public int At { get; private set; }

    public bool IsDone => At == Rows.Count;

    public LookupPosition Position => Rows.PositionAt(At);

    /// <summary>A row of it waits for the answer whether it is a copy.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>Passes rows that no other segment has a copy of: all before <paramref name="limit"/>, up to copies within the segment. False when the next row is at the limit or such a copy.</summary>
    public bool Advance(LookupPosition? limit)
    {
        var end = limit is { } position ? Rows.FirstNotBefore(position, At) : Rows.Count;
        if (ties.TryPeek(out var tie))
            end = Math.Min(end, tie);
        if (end == At)
            return false;
        At = end;
        return true;
    }

    /// <summary>Passes one row and gives it.</summary>
    public int Take()
    {
        if (ties.TryPeek(out var tie) && tie == At)
            ties.Dequeue();
        return Rows[At++];
    }

    public void Exclude(int row) => copies.Add(row);

    /// <summary>The rows that count.</summary>
    public MatchedRows Counted() => Rows.Without(copies);
}
