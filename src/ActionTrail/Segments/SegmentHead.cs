using ActionTrail.Events;

namespace ActionTrail.Segments;

/// <summary>
/// The head of a segment of any level: everything but the bodies. Immutable, safe for many readers at once, read in place from the bytes it
/// was parsed from. Rows are sorted by account (ordinal); those of one account by (event time, event id hash, coordinates).
/// </summary>
public abstract class SegmentHead
{
    private readonly AccountRows[] accounts;

    private protected SegmentHead(AccountRows[] accounts) => this.accounts = accounts;

    /// <summary>Number of rows, at least 1.</summary>
    public required int Count { get; init; }

    /// <summary>Bytes that holding this head costs, for caches.</summary>
    public required int MemoryBytes { get; init; }

    /// <summary>Where the head starts in the object.</summary>
    public required long HeadOffset { get; init; }

    /// <summary>Oldest event, Unix milliseconds.</summary>
    public required long MinEventTimeMs { get; init; }

    /// <summary>Newest event, Unix milliseconds, inclusive.</summary>
    public required long MaxEventTimeMs { get; init; }

    /// <summary>0: one commit, as it came; 1 and 2: many commits, compacted.</summary>
    public abstract int Level { get; }

    /// <summary>All accounts, sorted ordinally; their rows follow one another.</summary>
    public IReadOnlyList<AccountRows> Accounts => accounts;

    public abstract int BlockCount { get; }

    /// <param name="head">The bytes from <paramref name="headOffset"/> to the end of the object; kept, not copied: they must not change.</param>
    /// <param name="headOffset">Where they start in the object.</param>
    /// <param name="segmentLength">Bytes of the whole object.</param>
    /// <exception cref="SegmentFormatException">They are no head of a readable segment.</exception>
    public static SegmentHead Parse(ReadOnlyMemory<byte> head, long headOffset, long segmentLength) =>
        HeadReader.Parse(head, headOffset, segmentLength);

    public bool TryFindAccount(string accountId, out AccountRows rows)
    {
        int low = 0, high = accounts.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = string.CompareOrdinal(accounts[middle].AccountId, accountId);
            if (order == 0)
            {
                rows = accounts[middle];
                return true;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        rows = default;
        return false;
    }

    /// <summary>The account of a row.</summary>
    public string AccountId(int row)
    {
        int low = 0, high = accounts.Length - 1;
        Checked(row);
        while (low < high)
        {
            var middle = (low + high + 1) >>> 1;
            if (accounts[middle].First <= row)
                low = middle;
            else
                high = middle - 1;
        }

        return accounts[low].AccountId;
    }

    /// <summary>Event time of a row, Unix milliseconds.</summary>
    public abstract long EventTimeMs(int row);

    /// <summary><see cref="Layout.Hash64"/> of the event id, 0 when the event has none. Levels 1 and 2 know its upper 32 bits only; the lower ones are 0.</summary>
    public abstract ulong EventIdHash(int row);

    /// <summary>The upper 32 bits of <see cref="EventIdHash"/>, which every level knows: by account, time and this, segments of all levels have one order.</summary>
    public uint EventIdPrefix(int row) => (uint)(EventIdHash(row) >> 32);

    public abstract EventCoordinates At(int row);

    /// <summary>The commit that brought the row's event; null at level 0, where the catalog row of the segment says it.</summary>
    public abstract CommitOrigin? OriginOf(int row);

    /// <summary>
    /// Adds to <paramref name="matches"/> the rows of an account with <paramref name="fromMs"/> ≤ event time &lt; <paramref name="toMs"/>
    /// for which every filter holds by hash, ascending. The caller verifies the values on the bodies.
    /// </summary>
    public void Select(in AccountRows rows, long fromMs, long toMs, ReadOnlySpan<AttributeFilter> filters, List<int> matches)
    {
        if (rows.First < 0 || rows.Count < 0 || rows.First > Count - rows.Count)
            throw new ArgumentException("These rows are not of this segment.", nameof(rows));
        var first = FirstAtOrAfter(rows, fromMs);
        var end = FirstAtOrAfter(rows, toMs);
        if (first < end)
            SelectIn(first, end, filters, matches);
    }

    /// <summary>The first row of the account with an event time not before <paramref name="timeMs"/>, or the row after its last.</summary>
    public int FirstAtOrAfter(in AccountRows rows, long timeMs)
    {
        int low = rows.First, high = rows.First + rows.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (EventTimeMs(middle) < timeMs)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>
    /// Counts the rows <paramref name="first"/> to before <paramref name="end"/> by value: adds to <paramref name="tallies"/> how many have it, by the
    /// upper 32 bits of the value's hash. Nothing is decoded; a row that has the value spells it.
    /// </summary>
    /// <returns>How many of the rows have any value.</returns>
    public abstract int CountValues(EventAttribute attribute, int first, int end, Dictionary<uint, ValueTally> tallies);

    /// <summary>As <see cref="CountValues(EventAttribute, int, int, Dictionary{uint, ValueTally})"/>, for rows that <see cref="Select"/> found.</summary>
    public abstract int CountValues(EventAttribute attribute, IReadOnlyList<int> rows, Dictionary<uint, ValueTally> tallies);

    /// <summary>Adds the values of one row to <paramref name="prefixes"/>, by the upper 32 bits of their hashes.</summary>
    public abstract void ReadValues(EventAttribute attribute, int row, List<uint> prefixes);

    /// <summary>Fills in what the head knows of a row: account, event time, values by hash. Of hashes levels 1 and 2 know the upper 32 bits, which is all that a compaction needs.</summary>
    public abstract void ReadFacts(int row, EventFacts facts);

    /// <summary>The block with the body of a row.</summary>
    public abstract int BlockOf(int row);

    /// <summary>Bytes of the body of a row; at levels 1 and 2 the mean of its block.</summary>
    public abstract int BodyLength(int row);

    public abstract BlockRange Block(int block);

    /// <summary>Decodes a block from the bytes of its range, which are not kept.</summary>
    /// <exception cref="SegmentFormatException">The bytes are not that block.</exception>
    public abstract SegmentBlock Decode(int block, ReadOnlyMemory<byte> stored);

    private protected abstract void SelectIn(int first, int end, ReadOnlySpan<AttributeFilter> filters, List<int> matches);

    private protected int Checked(int row) => (uint)row < (uint)Count ? row : throw new ArgumentOutOfRangeException(nameof(row), row, "No such row.");
}
