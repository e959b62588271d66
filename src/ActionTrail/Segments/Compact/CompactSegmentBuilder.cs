using System.Security.Cryptography;
using System.Text;
using ActionTrail.Events;
using ActionTrail.Layout;

namespace ActionTrail.Segments.Compact;

/// <summary>
/// Builds a segment of level 1 or 2 (format AUD1, <c>docs/storage-layout.md</c>) from events of many commits. Rows come by account id (ordinal),
/// event time and the upper 32 bits of the event id's hash; rows that agree in all three come in any order. The same event (account, time, id) is
/// kept once, the copy that was committed first (ADR 0008).
/// </summary>
/// <remarks>
/// Memory: one row group (at most 65,536 rows and some 64 MiB of distinct text) besides the segment that grows. Buffers are pooled and kept
/// through <see cref="Clear"/>; not thread-safe. The same rows give the same bytes.
/// </remarks>
public sealed class CompactSegmentBuilder : IDisposable
{
    /// <summary>Stored bytes at which a segment is <see cref="IsFull"/>.</summary>
    public const long FullBytes = 160L * 1024 * 1024;

    /// <summary>Different events with one time and one hash that are held against each other; a heap of more is not searched for copies.</summary>
    private const int MaxPending = 64;

    /// <summary>Bytes of waiting rows beyond which no further ones wait.</summary>
    private const long MaxPendingBytes = 32L * 1024 * 1024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly int level;
    private readonly RowGroup group;
    private readonly GroupWriter writer = new();
    private readonly SectionList sections = new();
    private readonly PooledBytes blocks = new();
    private readonly PooledBytes head = new();
    private readonly List<(string Id, byte[] Text, int Rows)> accounts = [];
    private readonly HashSet<uint> recipients = [];
    private readonly List<CommitOrigin> origins = [];
    private readonly Dictionary<CommitOrigin, int> originNumbers = [];
    private readonly List<PendingRow> pending = [];
    private readonly Stack<PendingRow> spare = new();
    private int groups;
    private long pendingBytes;
    private int written;
    private string? account;
    private long minTime = long.MaxValue;
    private long maxTime = long.MinValue;

    /// <param name="level">1 or 2; a number in the header, nothing else.</param>
    public CompactSegmentBuilder(int level)
        : this(level, CompactFormat.MaxGroupRows, CompactFormat.MaxGroupBytes)
    {
    }

    /// <summary>With smaller row groups, for tests.</summary>
    internal CompactSegmentBuilder(int level, int groupRows, long groupBytes = CompactFormat.MaxGroupBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(level, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, 2);
        this.level = level;
        group = new(groupRows, groupBytes);
        Clear();
    }

    /// <summary>Rows added and kept.</summary>
    public int Count => written + group.Rows.Length + pending.Count;

    /// <summary>Copies that were left out.</summary>
    public int Copies { get; private set; }

    /// <summary>Bytes of the events kept.</summary>
    public long RawBytes { get; private set; }

    /// <summary>Bytes of the buffers that the builder has rented, without those of the segment that grows: what its memory costs.</summary>
    internal long HeldBytes => group.HeldBytes + writer.HeldBytes + pending.Concat(spare).Sum(static row => row.HeldBytes);

    /// <summary>Bytes of the segment so far, as rented.</summary>
    internal long SegmentBytes => blocks.HeldBytes + head.HeldBytes;

    /// <summary>True when the segment is to be built before more rows come: it has its 16 row groups, or it is large.</summary>
    public bool IsFull => groups >= CompactFormat.FullGroups || blocks.Length >= FullBytes;

    /// <summary>Adds a row.</summary>
    /// <exception cref="ArgumentException">The row comes before the last one in the order, its body is empty or too large, or its coordinates are impossible.</exception>
    /// <exception cref="InvalidOperationException">The segment <see cref="IsFull"/>.</exception>
    public void Add(in CompactRow row)
    {
        if (IsFull)
            throw new InvalidOperationException("The segment is full.");
        Check(row);
        var order = account is null ? 1 : string.CompareOrdinal(row.Facts.AccountId, account);
        if (order == 0 && pending.Count > 0)
            order = (row.Facts.EventTimeMs, CompactRow.IdPrefix(row.Facts)).CompareTo((pending[0].EventTimeMs, pending[0].IdPrefix));
        if (order < 0)
            throw new ArgumentException("Rows come by account, event time and event id hash.", nameof(row));
        if (order == 0 && IsCopy(row))
            return;
        if (order > 0 || pending.Count >= MaxPending || pendingBytes >= MaxPendingBytes)
            Flush();
        if (row.Facts.AccountId != account)
            OpenAccount(row.Facts.AccountId);
        if (row.Facts.Find(EventAttribute.RecipientAccount) is { } recipient)
            recipients.Add((uint)(recipient >> 32));
        Pend(row);
    }

    /// <summary>Builds the segment. The builder can then only be cleared.</summary>
    /// <exception cref="InvalidOperationException">There are no rows.</exception>
    public SegmentImage Build()
    {
        Flush();
        CloseGroup();
        if (written == 0)
            throw new InvalidOperationException("A segment holds at least one event.");
        WriteFacts();
        WriteAccounts();
        WriteOrigins();
        sections.Write(head);
        var headOffset = blocks.Length;
        blocks.Write(head.Written);
        SegmentFormat.WriteHeader(blocks.At(0, SegmentFormat.HeaderBytes), written, headOffset, (byte)level, CompactFormat.Form);
        var (length, sha256) = (blocks.Length, SHA256.HashData(blocks.Written));
        return new(blocks.Detach(), length)
        {
            HeadOffset = headOffset,
            Count = written,
            MinEventTimeMs = minTime,
            MaxEventTimeMs = maxTime,
            Sha256 = sha256,
            Accounts = AccountSummary.Of(accounts.Select(static one => one.Id), recipients),
        };
    }

    /// <summary>Empties the builder and keeps its buffers.</summary>
    public void Clear()
    {
        pending.ForEach(Spare);
        pending.Clear();
        group.Clear();
        sections.Clear();
        head.Reset();
        blocks.Reset();
        blocks.GetSpan(SegmentFormat.HeaderBytes);
        blocks.Advance(SegmentFormat.HeaderBytes);
        accounts.Clear();
        recipients.Clear();
        origins.Clear();
        originNumbers.Clear();
        (groups, written, Copies, RawBytes, pendingBytes, account) = (0, 0, 0, 0, 0, null);
        (minTime, maxTime) = (long.MaxValue, long.MinValue);
    }

    public void Dispose()
    {
        Clear();
        while (spare.TryPop(out var row))
            row.Dispose();
        group.Dispose();
        writer.Dispose();
        sections.Dispose();
        blocks.Dispose();
        head.Dispose();
    }

    private static void Check(in CompactRow row)
    {
        if (row.BodyLength is 0 or > SegmentBuilder.MaxEventBytes)
            throw new ArgumentException($"An event has 1 to {SegmentBuilder.MaxEventBytes} bytes, not {row.BodyLength}.", nameof(row));
        if (row.At.Index < 0 || row.At.SequenceNumber < row.Origin.First || row.At.SequenceNumber > row.Origin.Last)
            throw new ArgumentException("The event does not stand in its commit.", nameof(row));
        if (Utf8.GetByteCount(row.Facts.AccountId) is 0 or > SegmentFormat.MaxAccountBytes)
            throw new ArgumentException($"'{row.Facts.AccountId}' is no account id of 1 to {SegmentFormat.MaxAccountBytes} UTF-8 bytes.", nameof(row));
    }

    /// <summary>Whether the row is a copy of a waiting one; the one that was committed first stays.</summary>
    private bool IsCopy(in CompactRow row)
    {
        foreach (var one in pending)
        {
            if (!one.IsCopyOf(row))
                continue;
            Copies++;
            if (one.IsCommittedAfter(row))
            {
                RawBytes += row.BodyLength - one.BodyLength;
                one.Set(row);
            }

            return true;
        }

        return false;
    }

    private void Pend(in CompactRow row)
    {
        if (!spare.TryPop(out var one))
            one = new PendingRow();
        one.Set(row);
        pending.Add(one);
        pendingBytes += row.BodyLength;
        RawBytes += row.BodyLength;
    }

    private void Flush()
    {
        if (pending.Count > 1)
            pending.Sort(static (a, b) => a.CompareCommits(b));
        foreach (var row in pending)
        {
            var current = accounts.Count - 1;
            group.Add(row, current, accounts[current].Text, OriginNumber(row.Origin));
            accounts[current] = accounts[current] with { Rows = accounts[current].Rows + 1 };
            minTime = Math.Min(minTime, row.EventTimeMs);
            maxTime = Math.Max(maxTime, row.EventTimeMs);
            Spare(row);
            if (group.IsFull)
                CloseGroup();
        }

        pending.Clear();
        pendingBytes = 0;
    }

    private void Spare(PendingRow row)
    {
        row.Forget();
        spare.Push(row);
    }

    private void CloseGroup()
    {
        if (group.Rows.IsEmpty)
            return;
        writer.Write(blocks, head, sections, group, groups, origins);
        written += group.Rows.Length;
        groups++;
        group.Clear();
    }

    private void OpenAccount(string accountId)
    {
        account = accountId;
        accounts.Add((accountId, Encoding.UTF8.GetBytes(accountId), 0));
    }

    private int OriginNumber(CommitOrigin origin)
    {
        if (originNumbers.TryGetValue(origin, out var number))
            return number;
        origins.Add(origin);
        originNumbers.Add(origin, origins.Count - 1);
        return origins.Count - 1;
    }

    private void WriteFacts()
    {
        var start = head.Length;
        head.WriteUInt32((uint)written);
        head.WriteUInt32((uint)accounts.Count);
        head.WriteUInt32((uint)groups);
        head.WriteUInt32((uint)origins.Count);
        head.WriteUInt32((uint)level);
        head.WriteUInt32(0);
        head.WriteUInt64((ulong)minTime);
        head.WriteUInt64((ulong)maxTime);
        head.WriteUInt64((ulong)RawBytes);
        sections.End(head, CompactTag.Facts, 0, start);
    }

    private void WriteAccounts()
    {
        using var raw = new PooledBytes();
        foreach (var (_, text, rows) in accounts)
        {
            raw.WriteByte((byte)text.Length);
            raw.Write(text);
            raw.WriteVarint(rows);
        }

        var start = head.Length;
        Packing.Write(head, raw.Written, CompactQuality.Tables);
        sections.End(head, CompactTag.Accounts, 0, start);
    }

    private void WriteOrigins()
    {
        using var raw = new PooledBytes();
        CommitOrigin before = default;
        string? partition = null;
        foreach (var origin in origins)
        {
            // An empty name: the partition of the origin before.
            var name = origin.Partition.ToString();
            raw.WriteByte(name == partition ? (byte)0 : (byte)name.Length);
            if (name != partition)
                raw.Write(Encoding.ASCII.GetBytes(name));
            raw.WriteZigzag(unchecked(origin.First - before.First));
            raw.WriteVarint(unchecked((ulong)(origin.Last - origin.First)));
            raw.WriteZigzag(origin.CommittedAt.UtcTicks - before.CommittedAt.UtcTicks);
            (before, partition) = (origin, name);
        }

        var start = head.Length;
        Packing.Write(head, raw.Written, CompactQuality.Tables);
        sections.End(head, CompactTag.Origins, 0, start);
    }
}
