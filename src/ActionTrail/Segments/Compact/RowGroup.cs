using System.Buffers.Text;

namespace ActionTrail.Segments.Compact;

/// <summary>One event of a row group; its leaves are those of the group's list from <see cref="FirstLeaf"/> on, one per hole of its skeleton.</summary>
internal struct GroupRow
{
    public long EventTimeMs;
    public uint IdPrefix;
    public int Account;
    public int Origin;
    public int Skeleton;
    public int FirstLeaf;
    public int FirstValue;
    public int ValueCount;
    public int BodyLength;
    public EventCoordinates At;
}

/// <summary>Rows that are shredded as they come and wait to be written together. Buffers are kept through <see cref="Clear"/>.</summary>
internal sealed class RowGroup : IDisposable
{
    private readonly int maxRows;
    private readonly long maxBytes;
    private readonly EventCutter cutter = new();
    private readonly PooledArray<GroupRow> rows = new();
    private readonly PooledArray<int> leaves = new();
    private readonly PooledArray<int> latest = new();
    private readonly PooledArray<BuilderValue> values = new();
    private readonly byte[] seconds = new byte[RowText.SecondsBytes];
    private readonly byte[] milliseconds = new byte[RowText.MillisecondsBytes];
    private long spelled = long.MinValue;

    private readonly GroupAdoption adoption;

    public RowGroup(int maxRows, long maxBytes)
    {
        (this.maxRows, this.maxBytes) = (maxRows, maxBytes);
        adoption = new(Texts, Skeletons);
    }

    public SkeletonTable Skeletons { get; } = new();

    public ValueTable Texts { get; } = new();

    public Span<GroupRow> Rows => rows.Span;

    /// <summary>Numbers in <see cref="Texts"/>; the writer turns those that are foretold into their complement.</summary>
    public Span<int> Leaves => leaves.Span;

    public ReadOnlySpan<BuilderValue> Values => values.Span;

    public long EventBytes { get; private set; }

    public bool IsFull => rows.Count >= maxRows
        || Texts.MemoryBytes + Skeletons.MemoryBytes + (4L * leaves.Count) + (16L * values.Count) + (96L * rows.Count) >= maxBytes;

    public void Add(PendingRow row, int account, ReadOnlySpan<byte> accountText, int origin)
    {
        var firstLeaf = leaves.Count;
        var skeleton = row.Shredded is { } block ? Adopt(block, row.ShreddedRow) : Shred(row, accountText);
        var firstValue = values.Count;
        foreach (var value in row.Values)
            values.Add(value);
        EventBytes += row.BodyLength;
        rows.Add(new()
        {
            EventTimeMs = row.EventTimeMs,
            IdPrefix = row.IdPrefix,
            Account = account,
            Origin = origin,
            Skeleton = skeleton,
            FirstLeaf = firstLeaf,
            FirstValue = firstValue,
            ValueCount = row.Values.Length,
            BodyLength = row.BodyLength,
            At = row.At,
        });
    }

    public void Clear()
    {
        rows.Clear();
        leaves.Clear();
        latest.Clear();
        values.Clear();
        Skeletons.Clear();
        Texts.Clear();
        adoption.Clear();
        EventBytes = 0;
    }

    public long HeldBytes => cutter.HeldBytes + rows.HeldBytes + leaves.HeldBytes + latest.HeldBytes + values.HeldBytes + Skeletons.HeldBytes + Texts.HeldBytes + adoption.HeldBytes;

    public void Dispose()
    {
        cutter.Dispose();
        rows.Dispose();
        leaves.Dispose();
        latest.Dispose();
        values.Dispose();
        Skeletons.Dispose();
        Texts.Dispose();
        adoption.Dispose();
    }

    private int Shred(PendingRow row, ReadOnlySpan<byte> accountText)
    {
        var body = row.Body;
        cutter.Cut(body);
        SpellTime(row.EventTimeMs);
        var skeleton = Skeletons.Add(cutter.Text, cutter.Holes);
        var before = LatestIn(Skeletons.Entries[skeleton]);
        var own = cutter.Leaves;
        var (number, at) = (rows.Count, leaves.Count);
        leaves.Resize(at + own.Length);
        for (var i = 0; i < own.Length; i++)
            leaves[at + i] = NumberOf(body.Slice(own[i].Start, own[i].Length), accountText, number, ref before[i]);
        return skeleton;
    }

    /// <summary>What stood last in each hole of a skeleton, -1 at first: it often stands there again.</summary>
    private Span<int> LatestIn(in SkeletonEntry skeleton)
    {
        var known = latest.Count;
        if (known < skeleton.FirstHole + skeleton.HoleCount)
            latest.Resize(skeleton.FirstHole + skeleton.HoleCount)[known..].Fill(-1);
        return latest.Span.Slice(skeleton.FirstHole, skeleton.HoleCount);
    }

    private int Adopt(ShreddedBlock block, int row)
    {
        var own = block.Leaves(row);
        var at = leaves.Count;
        adoption.Leaves(block, own, leaves.Resize(at + own.Length)[at..], rows.Count);
        return adoption.Skeleton(block, row);
    }

    private int NumberOf(ReadOnlySpan<byte> leaf, ReadOnlySpan<byte> accountText, int row, ref int before)
    {
        if (leaf.SequenceEqual(accountText))
            return RowEntry.Account;
        if (leaf.Length == RowText.SecondsBytes && leaf.SequenceEqual(seconds))
            return RowEntry.Seconds;
        if (leaf.Length == RowText.MillisecondsBytes && leaf.SequenceEqual(milliseconds))
            return RowEntry.Milliseconds;
        if (before >= 0 && Texts.Text(before).SequenceEqual(leaf))
            Texts.Repeat(before, row);
        else
            before = Texts.Add(leaf, row);
        return before;
    }

    private void SpellTime(long eventTimeMs)
    {
        if (spelled == eventTimeMs)
            return;
        spelled = eventTimeMs;
        RowText.Time(eventTimeMs, milliseconds, withMilliseconds: true);
        RowText.Time(eventTimeMs, seconds, withMilliseconds: false);
    }
}

/// <summary>Spells the event time of a row as events do.</summary>
internal static class RowText
{
    public const int SecondsBytes = 20;
    public const int MillisecondsBytes = 24;

    private static readonly long FirstMs = DateTimeOffset.MinValue.ToUnixTimeMilliseconds();
    private static readonly long LastMs = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>20 or 24 bytes, UTC; zeros for a time that has no date.</summary>
    public static void Time(long unixMs, Span<byte> target, bool withMilliseconds)
    {
        target.Clear();
        if (unixMs < FirstMs || unixMs > LastMs)
            return;
        Span<byte> whole = stackalloc byte[33];
        var time = DateTimeOffset.FromUnixTimeMilliseconds(unixMs).UtcDateTime;
        Utf8Formatter.TryFormat(time, whole, out _, 'O');
        whole[..(withMilliseconds ? 23 : 19)].CopyTo(target);
        target[withMilliseconds ? 23 : 19] = (byte)'Z';
    }
}
