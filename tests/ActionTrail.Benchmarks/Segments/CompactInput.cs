using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Segments.Compact;

namespace ActionTrail.Benchmarks.Segments;

/// <summary>A row ready for a compaction.</summary>
internal sealed record CompactInput(byte[] Body, string AccountId, long EventTimeMs, (EventAttribute Attribute, ulong Hash)[] Values, EventCoordinates At, CommitOrigin Origin)
{
    private ulong IdHash => Values.FirstOrDefault(static v => v.Attribute == EventAttribute.EventId).Hash;

    public CompactRow ToRow(EventFacts facts)
    {
        facts.Clear();
        facts.AccountId = AccountId;
        facts.EventTimeMs = EventTimeMs;
        foreach (var (attribute, hash) in Values)
            facts.Add(attribute, hash);
        return new(Body, facts, At, Origin);
    }

    /// <summary>
    /// The events of the messages as if a hub had brought them in order, in commits of about <paramref name="perCommit"/> events, two and a half seconds after
    /// the newest of them; sorted as a compaction sorts, at most <paramref name="count"/>.
    /// </summary>
    public static List<CompactInput> Rows(IEnumerable<byte[]> messages, int count, int perCommit)
    {
        var normalizer = new MessageNormalizer(new NormalizerOptions { RetentionDays = 36_500 });
        var partition = PartitionName.Hub("bench.servicebus.windows.net", "activity", "1");
        var sink = new Sink();
        var (firstRow, firstSequence, sequence) = (0, 0, 0);
        foreach (var message in messages)
        {
            if (sink.Rows.Count >= count)
                break;
            sink.Sequence = sequence;
            normalizer.Normalize(message, new MessageOrigin(partition, sequence++, HubPayloadMaker.Start.AddYears(1).ToUnixTimeMilliseconds(), null), sink);
            if (sink.Rows.Count - firstRow < perCommit && sink.Rows.Count < count)
                continue;
            Commit(sink.Rows, firstRow, new(partition, firstSequence, sequence - 1, default));
            (firstRow, firstSequence) = (sink.Rows.Count, sequence);
        }

        if (firstRow < sink.Rows.Count)
            Commit(sink.Rows, firstRow, new(partition, firstSequence, sequence - 1, default));
        var rows = sink.Rows;
        rows.Sort(static (a, b) =>
        {
            var order = string.CompareOrdinal(a.AccountId, b.AccountId);
            order = order != 0 ? order : a.EventTimeMs.CompareTo(b.EventTimeMs);
            return order != 0 ? order : a.IdHash.CompareTo(b.IdHash);
        });
        return rows;
    }

    private static void Commit(List<CompactInput> rows, int first, CommitOrigin origin)
    {
        var newest = rows.Skip(first).Max(static row => row.EventTimeMs);
        origin = origin with { CommittedAt = DateTimeOffset.FromUnixTimeMilliseconds(newest).AddMilliseconds(2_500) };
        for (var i = first; i < rows.Count; i++)
            rows[i] = rows[i] with { Origin = origin, At = rows[i].At with { ReceiveTimeMs = newest + 1000 + (rows[i].At.SequenceNumber * 7919 % 1000) } };
    }

    private sealed class Sink : INormalizedSink
    {
        public int Sequence { get; set; }

        public List<CompactInput> Rows { get; } = [];

        public void Accept(ReadOnlySpan<byte> body, EventFacts facts, int index)
        {
            var values = new (EventAttribute, ulong)[facts.ValueCount];
            for (var i = 0; i < values.Length; i++)
                values[i] = facts[i];
            Rows.Add(new(body.ToArray(), facts.AccountId, facts.EventTimeMs, values, new(Sequence, index, 0), default));
        }

        public void Reject(ReadOnlySpan<byte> record, Rejection reason, int index) => throw new InvalidOperationException(reason.Rule);
    }
}
