using System.Text;
using ActionTrail.Events;
using ActionTrail.Tests.Events.CloudTrail;
using ActionTrail.Tests.Events.Google;

namespace ActionTrail.Tests.Events;

public class MappedAllocationTests
{
    public static TheoryData<string> Records => new(CloudTrailRecords.Secret, CloudTrailRecords.RoleCall, CloudTrailRecords.ServiceEvent, GoogleRecords.SetPolicy);

    /// <summary>Their values are copied from buffer to buffer; only escapes cost an allocation.</summary>
    [Theory]
    [MemberData(nameof(Records))]
    public void Mapping_a_record_allocates_nothing(string record)
    {
        var message = Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat(record, 50))}]");
        var normalizer = new MessageNormalizer(new NormalizerOptions());
        var sink = new CountingSink();
        normalizer.Normalize(message, RecordingSink.Origin(), sink);
        Assert.Equal(50, sink.Accepted);

        // The least of several rounds: a collection that tests beside this one bring about empties the pool of buffers, which are then made anew.
        Assert.InRange(Enumerable.Range(0, 10).Min(_ => AllocatedPerRecord(normalizer, message, sink)), 0, 1);
    }

    private static double AllocatedPerRecord(MessageNormalizer normalizer, byte[] message, CountingSink sink)
    {
        var origin = RecordingSink.Origin();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20; i++)
        {
            normalizer.Normalize(message, origin, sink);
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / 1000.0;
    }

    private sealed class CountingSink : INormalizedSink
    {
        public int Accepted { get; private set; }

        public void Accept(ReadOnlySpan<byte> body, EventFacts facts, int index) => Accepted++;

        public void Reject(ReadOnlySpan<byte> record, Rejection reason, int index) => Assert.Fail(reason.Rule);
    }
}
