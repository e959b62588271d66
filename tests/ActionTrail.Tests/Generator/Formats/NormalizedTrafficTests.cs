using System.Text.Json;
using ActionTrail.Events;
using ActionTrail.Events.CloudEvents;
using ActionTrail.Generator.Formats;
using ActionTrail.Layout;
using ActionTrail.Tests.Events;

namespace ActionTrail.Tests.Generator.Formats;

/// <summary>Every generated message becomes the events that its facts promise: the generator and the mappings judge each other. No secret that the generator planted is stored.</summary>
public sealed class NormalizedTrafficTests
{
    private static readonly DateTimeOffset End = DateTimeOffset.FromUnixTimeMilliseconds(RecordingSink.ReceiveTimeMs);

    public static TheoryData<TrafficFormat, int, double> Runs
    {
        get
        {
            var runs = new TheoryData<TrafficFormat, int, double>();
            foreach (var format in TrafficFormats.All)
            {
                runs.Add(format, 1, 0);
                runs.Add(format, 2, 0.4);
            }
            return runs;
        }
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void Every_event_of_a_message_is_found_as_its_facts_say(TrafficFormat format, int seed, double quirks)
    {
        var normalizer = new MessageNormalizer(new NormalizerOptions());
        foreach (var message in FormatCorpus.Messages(format, 60, seed, new TrafficOptions { Start = End.AddDays(-1), Quirks = quirks }))
        {
            var sink = new RecordingSink();
            normalizer.Normalize(message.Body, Origin(message), sink);
            Assert.Empty(sink.Rejected);
            Assert.Equal(message.Events.Count, sink.Accepted.Count);
            for (var i = 0; i < message.Events.Count; i++)
                Compare(message.Events[i], sink.Accepted[i].Body, sink.Accepted[i].Account, sink.Accepted[i].TimeMs);
        }
    }

    private static void Compare(ExpectedEvent expected, string stored, string account, long timeMs)
    {
        Assert.DoesNotContain(PlantedSecrets.Marker, stored, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(stored);
        var found = document.RootElement;
        Assert.Equal(expected.AccountId, account);
        Assert.Equal(expected.EventTime.ToUnixTimeSeconds(), timeMs / 1000);
        Assert.Equal(expected.EventName, found.GetProperty("eventName").GetString(), ignoreCase: true);
        if (expected.EventId is not null)
            Assert.Equal(expected.EventId, found.GetProperty("eventId").GetString());
        if (expected.UserName is not null)
            Assert.Equal(expected.UserName, found.GetProperty("userIdentity").GetProperty("userName").GetString());
        if (expected.SourceIpAddress is not null)
            Assert.Equal(expected.SourceIpAddress, found.GetProperty("sourceIpAddress").GetString());
    }

    private static MessageOrigin Origin(HubMessage message) => new(PartitionName.Api(0), 1, RecordingSink.ReceiveTimeMs, message.ContentType)
    {
        CloudEvent = message.Properties.Count == 0 ? null : CloudEventAttributes.FromProperties([.. message.Properties.Select(p => (p.Key, JsonSerializer.Serialize(p.Value)))]),
    };
}
