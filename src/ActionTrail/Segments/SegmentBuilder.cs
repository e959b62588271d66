using System.Buffers;
using System.Text;
using ActionTrail.Events;

namespace ActionTrail.Segments;

/// <summary>
/// Gathers the events of one commit and builds a level 0 segment of them (format AUD1, <c>docs/storage-layout.md</c>). Buffers are
/// pooled and kept through <see cref="Clear"/>; not thread-safe. The same events in the same order give the same bytes.
/// </summary>
public sealed class SegmentBuilder : IDisposable
{
    /// <summary>Most bytes of one event.</summary>
    public const int MaxEventBytes = SegmentFormat.MaxBlockBytes;

    /// <summary>Most events.</summary>
    public const int MaxEvents = 1024 * 1024;

    /// <summary>Most bytes of all events together; commit before it is reached.</summary>
    public const long MaxRawBytes = 1024L * 1024 * 1024;

    private readonly BodyArena bodies = new();
    private readonly Dictionary<string, int> accounts = new(StringComparer.Ordinal);
    private readonly HashSet<uint> recipients = [];
    private readonly SegmentSections sections = new();
    private readonly List<string> sortedAccounts = [];
    private PooledArray<BuilderValue> values = new();
    private BuilderRow[] rows = [];
    private int[] accountRanks = [];
    private int[] order = [];
    private int nextAccount;

    /// <summary>Events added and not removed.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of these events.</summary>
    public long RawBytes { get; private set; }

    /// <summary>The accounts of these events, in no order.</summary>
    public IReadOnlyCollection<string> Accounts => accounts.Keys;

    /// <summary>Told of each event that <see cref="Remove"/> takes out; <paramref name="body"/> is valid during the call.</summary>
    public delegate void RemovedEvent(ReadOnlySpan<byte> body, in EventCoordinates at);

    /// <summary>Adds an event; body and facts are copied.</summary>
    /// <exception cref="ArgumentException">The body is empty or larger than <see cref="MaxEventBytes"/>, or the account id is empty, longer than 255 UTF-8 bytes or no well-formed text.</exception>
    /// <exception cref="InvalidOperationException">All events together would exceed <see cref="MaxRawBytes"/> or <see cref="MaxEvents"/>.</exception>
    public void Add(ReadOnlySpan<byte> body, EventFacts facts, in EventCoordinates at)
    {
        if (body.Length is 0 or > MaxEventBytes)
            throw new ArgumentException($"An event has 1 to {MaxEventBytes} bytes, not {body.Length}.", nameof(body));
        if (at.Index < 0)
            throw new ArgumentException("The index of an event is not negative.", nameof(at));
        if (Count == MaxEvents || RawBytes + body.Length > MaxRawBytes)
            throw new InvalidOperationException($"A segment holds at most {MaxEvents} events of {MaxRawBytes} bytes together.");
        if (!accounts.TryGetValue(facts.AccountId, out var account))
            account = AddAccount(facts.AccountId);

        var (chunk, offset) = bodies.Append(body);
        if (Count == rows.Length)
            GrowRows();
        ref var row = ref rows[Count++];
        row.EventTimeMs = facts.EventTimeMs;
        row.At = at;
        row.Account = account;
        row.Chunk = chunk;
        row.Offset = offset;
        row.Length = body.Length;
        row.FirstValue = values.Count;
        row.ValueCount = facts.ValueCount;
        row.EventIdHash = AddValues(facts);
        RawBytes += body.Length;
    }

    /// <summary>Takes out every event of an account, in the order they were added; returns how many there were.</summary>
    public int Remove(string accountId, RemovedEvent removed)
    {
        if (!accounts.Remove(accountId, out var account))
            return 0;
        var kept = 0;
        for (var i = 0; i < Count; i++)
        {
            ref var row = ref rows[i];
            if (row.Account != account)
            {
                rows[kept++] = row;
                continue;
            }

            RawBytes -= row.Length;
            removed(bodies.Get(row.Chunk, row.Offset, row.Length), row.At);
        }

        var count = Count - kept;
        Count = kept;
        return count;
    }

    /// <summary>Builds the segment; the builder keeps its events until <see cref="Clear"/>.</summary>
    /// <exception cref="InvalidOperationException">There are no events.</exception>
    public SegmentImage Build()
    {
        if (Count == 0)
            throw new InvalidOperationException("A segment holds at least one event.");
        RankAccounts();
        var sorted = order.AsSpan(0, Count);
        for (var i = 0; i < sorted.Length; i++)
            sorted[i] = i;
        sorted.Sort(new RowOrder(rows, accountRanks));
        return sections.Write(new(rows, sorted, values.Span, bodies, sortedAccounts, recipients, RawBytes));
    }

    /// <summary>Empties the builder and keeps its buffers.</summary>
    public void Clear()
    {
        Count = 0;
        RawBytes = 0;
        nextAccount = 0;
        accounts.Clear();
        recipients.Clear();
        sortedAccounts.Clear();
        values.Clear();
        bodies.Clear();
    }

    public void Dispose()
    {
        Clear();
        bodies.Dispose();
        values.Dispose();
        sections.Dispose();
        ArrayPool<BuilderRow>.Shared.Return(rows);
        ArrayPool<int>.Shared.Return(order);
        ArrayPool<int>.Shared.Return(accountRanks);
        rows = [];
        order = [];
        accountRanks = [];
        values = new();
    }

    private int AddAccount(string accountId)
    {
        if (accountId.Length is 0 or > SegmentFormat.MaxAccountBytes || !IsStorable(accountId))
            throw new ArgumentException($"'{accountId}' is no account id of 1 to {SegmentFormat.MaxAccountBytes} UTF-8 bytes.", nameof(accountId));
        accounts.Add(accountId, nextAccount);
        return nextAccount++;
    }

    private static bool IsStorable(string accountId)
    {
        for (var i = 0; i < accountId.Length;)
        {
            if (!Rune.TryGetRuneAt(accountId, i, out var rune))
                return false;
            i += rune.Utf16SequenceLength;
        }

        return Encoding.UTF8.GetByteCount(accountId) <= SegmentFormat.MaxAccountBytes;
    }

    private ulong AddValues(EventFacts facts)
    {
        ulong eventId = 0;
        var hasId = false;
        for (var i = 0; i < facts.ValueCount; i++)
        {
            var (attribute, hash) = facts[i];
            if (attribute == EventAttribute.EventId && !hasId)
                (eventId, hasId) = (hash, true);
            else if (attribute == EventAttribute.RecipientAccount)
                recipients.Add((uint)(hash >> 32));
            values.Add(new() { Attribute = (byte)attribute, Hash = hash });
        }

        return eventId;
    }

    private void RankAccounts()
    {
        sortedAccounts.Clear();
        sortedAccounts.AddRange(accounts.Keys);
        sortedAccounts.Sort(StringComparer.Ordinal);
        if (accountRanks.Length < nextAccount)
        {
            ArrayPool<int>.Shared.Return(accountRanks);
            accountRanks = ArrayPool<int>.Shared.Rent(nextAccount);
        }

        for (var i = 0; i < sortedAccounts.Count; i++)
            accountRanks[accounts[sortedAccounts[i]]] = i;
    }

    private void GrowRows()
    {
        var larger = ArrayPool<BuilderRow>.Shared.Rent(Math.Max(256, 2 * rows.Length));
        rows.AsSpan(0, Count).CopyTo(larger);
        ArrayPool<BuilderRow>.Shared.Return(rows);
        rows = larger;
        ArrayPool<int>.Shared.Return(order);
        order = ArrayPool<int>.Shared.Rent(rows.Length);
    }
}
