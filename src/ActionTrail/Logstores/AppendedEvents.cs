using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using ActionTrail.Events;
using ActionTrail.Segments;

namespace ActionTrail.Logstores;

/// <summary>
/// A part of a delivery in the making: the events of one commit. They are kept as they are, since the segment knows the commit's sequence number
/// and a lost race changes that.
/// </summary>
internal sealed class AppendedEvents : IDisposable
{
    private readonly List<(StoredEvent Event, string Account)> events = [];
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly EventScanner scanner = new(int.MaxValue / 2);
    private readonly EventFacts facts = new();

    public int Count => events.Count;

    /// <summary>Bytes of the events.</summary>
    public long Bytes { get; private set; }

    public void Add(StoredEvent one)
    {
        events.Add((one, one.AccountId));
        Bytes += one.Body.Length;
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, one.Body.Length);
        hash.AppendData(length);
        hash.AppendData(one.Body.Span);
    }

    /// <summary>SHA-256 over the events in their order, each behind its length as 4 bytes, little-endian.</summary>
    public byte[] Sha256() => hash.GetCurrentHash();

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
        hash.GetHashAndReset();
        Bytes = 0;
    }

    public void Dispose() => hash.Dispose();

    private readonly ref struct Values : IAttributeValues
    {
        public required EventFacts Facts { get; init; }

        public bool Take(EventAttribute attribute, scoped ReadOnlySpan<byte> utf8) => Facts.Add(attribute, utf8);
    }
}
