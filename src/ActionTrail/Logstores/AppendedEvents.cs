using System.Text.Json;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Segments;

namespace ActionTrail.Logstores;

/// <summary>
/// A part of a delivery in the making: the events of one commit. They are kept as they are, since the segment knows the commit's sequence number
/// and a lost race changes that.
/// </summary>
internal sealed class AppendedEvents : IDisposable
{
    private readonly List<(StoredEvent Event, string Account)> events = [];
    private readonly AppendHash hash = new();
    private readonly EventScanner scanner = new(int.MaxValue / 2);
    private readonly EventFacts facts = new();

    public int Count => events.Count;

    /// <summary>Bytes of the events.</summary>
    public long Bytes { get; private set; }

    public void Add(StoredEvent one)
    {
        events.Add((one, one.AccountId));
        Bytes += one.Body.Length;
        hash.Add(one.Body.Span);
    }

    /// <summary>See <see cref="AppendHash"/>.</summary>
    public byte[] Sha256() => hash.Sha256();

    /// <summary>Lays the events on the builder as message <paramref name="sequenceNumber"/>, under <paramref name="owner"/>; their own account is an attribute.</summary>
    public void AddTo(SegmentBuilder builder, string owner, long sequenceNumber)
    {
        foreach (var (index, (one, account)) in events.Index())
        {
            facts.Clear();
            (facts.AccountId, facts.EventTimeMs) = (owner, one.EventTimeMs);
            var values = new Values { Facts = facts };
            var reader = new Utf8JsonReader(one.Body.Span, new JsonReaderOptions { MaxDepth = int.MaxValue });
            reader.Read();
            scanner.Scan(ref reader, ref values, mayWrapRecords: false);
            facts.Add(EventAttribute.RecipientAccount, System.Text.Encoding.UTF8.GetBytes(account));
            builder.Add(one.Body.Span, facts, new EventCoordinates(sequenceNumber, index, one.At.ReceiveTimeMs));
        }

        scanner.Shrink();
    }

    public void Clear()
    {
        events.Clear();
        hash.Clear();
        Bytes = 0;
    }

    public void Dispose() => hash.Dispose();

    private readonly ref struct Values : IAttributeValues
    {
        public required EventFacts Facts { get; init; }

        public bool Take(EventAttribute attribute, scoped ReadOnlySpan<byte> utf8) => Facts.Add(attribute, utf8);
    }
}
