using System.Text;
using ActionTrail.Events;
using ActionTrail.Layout;

namespace ActionTrail.Tests.Events;

/// <summary>Keeps copies of all it is given.</summary>
internal sealed class RecordingSink : INormalizedSink
{
    public static readonly long ReceiveTimeMs = DateTimeOffset.Parse("2026-06-15T12:00:00Z", System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();

    public List<(string Body, string Account, long TimeMs, List<(EventAttribute Attribute, ulong Hash)> Values, int Index)> Accepted { get; } = [];

    public List<(string Record, Rejection Reason, int Index)> Rejected { get; } = [];

    public int Count => Accepted.Count + Rejected.Count;

    public static RecordingSink Of(ReadOnlySpan<byte> message, NormalizerOptions? options = null)
    {
        var sink = new RecordingSink();
        new MessageNormalizer(options ?? new NormalizerOptions()).Normalize(message, Origin(), sink);
        return sink;
    }

    public static RecordingSink Of(string message) => Of(Encoding.UTF8.GetBytes(message));

    public static MessageOrigin Origin() => new(PartitionName.Api(0), 1, ReceiveTimeMs, null);

    public void Accept(ReadOnlySpan<byte> body, EventFacts facts, int index)
    {
        var values = Enumerable.Range(0, facts.ValueCount).Select(i => facts[i]).ToList();
        Accepted.Add((Encoding.UTF8.GetString(body), facts.AccountId, facts.EventTimeMs, values, index));
    }

    public void Reject(ReadOnlySpan<byte> record, Rejection reason, int index) => Rejected.Add((Encoding.Latin1.GetString(record), reason, index));

    public Rejection Only()
    {
        Assert.Empty(Accepted);
        return Assert.Single(Rejected).Reason;
    }
}
