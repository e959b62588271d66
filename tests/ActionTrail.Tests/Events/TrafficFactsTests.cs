using System.Text;
using ActionTrail.Events;
using ActionTrail.Generator.Formats;

namespace ActionTrail.Tests.Events;

public class TrafficFactsTests
{
    /// <summary>Five hundred messages of each format, half of their records with oddities: what each record says is what a lookup finds.</summary>
    [Theory]
    [InlineData(TrafficFormat.CloudTrail)]
    [InlineData(TrafficFormat.GoogleAudit)]
    [InlineData(TrafficFormat.Platform)]
    [InlineData(TrafficFormat.DataEvents)]
    public void Every_event_of_the_generators_traffic_is_found_by_its_facts(TrafficFormat format)
    {
        var start = DateTimeOffset.FromUnixTimeMilliseconds(RecordingSink.ReceiveTimeMs).AddDays(-2);
        foreach (var message in FormatCorpus.Messages(format, 500, 21, new TrafficOptions { Start = start, Quirks = 0.5 }))
        {
            var sink = RecordingSink.Of(message.Body);
            Assert.Empty(sink.Rejected);
            Assert.Equal(message.Events.Count, sink.Accepted.Count);
            foreach (var (facts, stored) in message.Events.Zip(sink.Accepted))
            {
                var body = Encoding.UTF8.GetBytes(stored.Body);
                bool Finds(EventAttribute attribute, string? value) => value is null || EventMatcher.Has(body, attribute, Encoding.UTF8.GetBytes(value));
                Assert.Equal((facts.AccountId, facts.EventTime.ToUnixTimeSeconds()), (stored.Account, stored.TimeMs / 1000));
                Assert.True(Finds(EventAttribute.EventName, facts.EventName), facts.EventName);
                Assert.True(Finds(EventAttribute.User, facts.UserName), facts.UserName);
                Assert.True(Finds(EventAttribute.SourceIpAddress, facts.SourceIpAddress), facts.SourceIpAddress);
                Assert.True(Finds(EventAttribute.EventId, facts.EventId), facts.EventId);
            }
        }
    }
}
