namespace ActionTrail.Segments;

/// <summary>One event while it waits in a <see cref="SegmentBuilder"/>.</summary>
internal struct BuilderRow
{
    public long EventTimeMs;
    public ulong EventIdHash;
    public EventCoordinates At;
    public int Account;
    public int Chunk;
    public int Offset;
    public int Length;
    public int FirstValue;
    public int ValueCount;
}

/// <summary>One attribute value of a waiting event. <see cref="Code"/> is its place in the segment's <see cref="ValueDictionary"/>, set by the build.</summary>
internal struct BuilderValue
{
    public ulong Hash;
    public int Code;
    public byte Attribute;
}

/// <summary>Orders row numbers by (account rank, event time, event id hash, sequence number, index), then as they were added.</summary>
internal readonly struct RowOrder(BuilderRow[] rows, int[] accountRanks) : IComparer<int>
{
    public int Compare(int left, int right)
    {
        ref readonly var a = ref rows[left];
        ref readonly var b = ref rows[right];
        if (a.Account != b.Account)
            return accountRanks[a.Account].CompareTo(accountRanks[b.Account]);
        if (a.EventTimeMs != b.EventTimeMs)
            return a.EventTimeMs.CompareTo(b.EventTimeMs);
        if (a.EventIdHash != b.EventIdHash)
            return a.EventIdHash.CompareTo(b.EventIdHash);
        if (a.At.SequenceNumber != b.At.SequenceNumber)
            return a.At.SequenceNumber.CompareTo(b.At.SequenceNumber);
        return a.At.Index != b.At.Index ? a.At.Index.CompareTo(b.At.Index) : left.CompareTo(right);
    }
}
