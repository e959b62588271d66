using System.IO.Compression;
using System.Text;
using ActionTrail.Events;
using ActionTrail.Events.CloudEvents;

namespace ActionTrail.Tests.Events.CloudEvents;

public class BinaryModeTests
{
    private static readonly (string, string)[] Properties =
    [
        ("cloudEvents:type", "\"com.example.thing.read\""), ("cloudEvents:specversion", "\"1.0\""), ("cloudEvents:id", "\"i-1\""), ("cloudEvents:source", "\"/m\""),
        ("cloudEvents:accountid", "\"acct-1\""), ("cloudEvents:time", "\"2026-06-15T11:00:00Z\""), ("other", "\"x\""), ("cloudEvents:sequence", "5"),
    ];

    [Fact]
    public void Attributes_beside_the_message_and_its_body_make_the_structured_event_that_stands_for_it()
    {
        var mapped = CloudEventSamples.Mapped("{ \"a\": 1 }", "application/json", Properties);

        Assert.Equal(
            """{"accountid":"acct-1","id":"i-1","sequence":5,"source":"/m","specversion":"1.0","time":"2026-06-15T11:00:00Z","type":"com.example.thing.read","datacontenttype":"application/json","data":{ "a": 1 }}""",
            mapped.GetProperty("originalRecord").GetRawText());
        Assert.Equal(("Read", "1"), (mapped.At("eventRW"), mapped.At("requestParameters/a")));
    }

    [Theory]
    [InlineData("cloudEvents:")]
    [InlineData("cloudEvents_")]
    [InlineData("cloudevents_")]
    [InlineData("ce-")]
    public void Every_prefix_makes_the_same_event(string prefix)
    {
        var renamed = Properties.Select(p => (p.Item1.Replace("cloudEvents:", prefix, StringComparison.Ordinal), p.Item2)).Reverse().ToArray();

        Assert.Equal(
            CloudEventSamples.Mapped("1", null, Properties).GetRawText(),
            CloudEventSamples.Mapped("1", null, renamed).GetRawText());
    }

    [Theory]
    [InlineData("{\"a\":1}", null, "data", "{\"a\":1}")]
    [InlineData("\uFEFF{\"a\":1}", null, "data", "{\"a\":1}")]
    [InlineData("[1]", "application/json", "data", "[1]")]
    [InlineData("hello\n\"ü\"", "text/plain", "data", "hello\n\"ü\"")]
    [InlineData("{\"a\":1}", "text/plain", "data", "{\"a\":1}")]
    [InlineData("hello", null, "data_base64", "aGVsbG8=")]
    [InlineData("", null, "data", null)]
    [InlineData("", "application/json", "data", null)]
    public void The_body_is_kept_without_loss(string body, string? contentType, string member, string? value) =>
        Assert.Equal(value, CloudEventSamples.Mapped(body, contentType, Properties).GetProperty("originalRecord").At(member));

    [Fact]
    public void Bytes_that_are_no_text_are_kept_in_base64_and_gzip_is_opened()
    {
        var attributes = CloudEventAttributes.FromProperties(Properties);
        byte[] bytes = [0xFF, 0x00, 0x80];
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write("{\"a\":1}"u8);

        Assert.Contains("\"data_base64\":\"/wCA\"", Assert.Single(CloudEventSamples.Sent(bytes, "text/plain", attributes).Accepted).Body, StringComparison.Ordinal);
        Assert.Contains("\"requestParameters\":{\"a\":1}", Assert.Single(CloudEventSamples.Sent(packed.ToArray(), "application/json", attributes).Accepted).Body, StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_of_our_own_in_the_body_is_taken_over()
    {
        var body = Assert.Single(CloudEventSamples.Sent(Samples.Minimal, "application/json", Properties).Accepted).Body;

        Assert.StartsWith(Samples.Minimal[..^1] + ",\"cloudEvent\":{\"accountid\":\"acct-1\"", body, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_refused_is_whole_and_sent_again_alone_it_is_judged_the_same()
    {
        var sent = CloudEventSamples.Sent("not json", "application/json", Properties);
        var refused = Assert.Single(sent.Rejected);

        Assert.Equal((RejectCode.Malformed, "/data_base64"), (refused.Reason.Code, refused.Reason.Field));
        Assert.Contains(Convert.ToBase64String("not json"u8), refused.Record, StringComparison.Ordinal);
        Assert.Equal(refused.Reason, RecordingSink.Of(refused.Record).Only());
    }

    [Theory]
    [InlineData("cloudEvents:id", "/id", RejectCode.Missing)]
    [InlineData("cloudEvents:accountid", "/accountid", RejectCode.Missing)]
    public void A_missing_attribute_is_named(string property, string field, RejectCode code)
    {
        var reason = CloudEventSamples.Sent("1", null, [.. Properties.Where(p => p.Item1 != property)]).Only();

        Assert.Equal((code, field), (reason.Code, reason.Field));
    }

    [Theory]
    [InlineData("application/cloudevents+json", RejectCode.Missing)]
    [InlineData("application/cloudevents-batch+json; charset=utf-8", RejectCode.Missing)]
    [InlineData("application/cloudevents+avro", RejectCode.UnknownFormat)]
    public void A_content_type_of_cloud_events_must_fit_the_content(string contentType, RejectCode code) =>
        Assert.Equal(code, CloudEventSamples.Sent(Samples.Minimal, contentType).Only().Code);

    [Fact]
    public void Structured_content_beside_copies_of_its_attributes_is_read_as_structured() =>
        Assert.Equal("i-1", CloudEventSamples.Mapped(CloudEventSamples.With(), "Application/CloudEvents+json", Properties).At("originalRecord/id"));

    [Fact]
    public void Numbers_that_a_sender_made_of_text_are_text_again()
    {
        var bare = Properties.Select(p => p.Item1 switch
        {
            "cloudEvents:specversion" => (p.Item1, "1"),
            "cloudEvents:id" => (p.Item1, "17"),
            _ => p,
        }).ToArray();

        Assert.Equal(("1.0", "17"), (CloudEventSamples.Mapped("1", null, bare).At("additionalEventData/specversion"), CloudEventSamples.Mapped("1", null, bare).At("additionalEventData/id")));
    }

    [Theory]
    [InlineData("id", "plain", "plain")]
    [InlineData("ID", " caf%C3%A9%20%22x%22 ", "café \"x\"")]
    [InlineData("id", "\"a \\\"b\\\" %25\"", "a \"b\" %")]
    [InlineData("id", "100%", "100%")]
    [InlineData("id", "%FF", "%FF")]
    public void Header_values_lose_their_quotes_and_percent_escapes(string name, string value, string text)
    {
        var headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Ce-SpecVersion"] = "1.0", ["ce-" + name] = value, ["Content-Type"] = "x", ["ce-source"] = "/m", ["ce-type"] = "t", ["ce-accountid"] = "a" };

        var body = Assert.Single(CloudEventSamples.Sent([], null, CloudEventAttributes.FromHeaders(headers)).Accepted).Body;

        Assert.Equal(text, System.Text.Json.JsonDocument.Parse(body).RootElement.At("additionalEventData/id"));
    }

    [Fact]
    public void Other_headers_and_properties_make_no_cloud_event()
    {
        Assert.Null(CloudEventAttributes.FromHeaders([KeyValuePair.Create("ce-trace", "1"), KeyValuePair.Create("accept", "*/*")]));
        Assert.Null(CloudEventAttributes.FromProperties([("ce-id", "1"), ("specversion", "\"1.0\""), ("cloudEvents:", "1")]));
    }

    [Fact]
    public void Mutated_events_never_throw_and_never_harm_a_neighbour()
    {
        var random = new Random(20260722);
        var normalizer = new MessageNormalizer(new NormalizerOptions());
        string[] seeds = [CloudEventSamples.Order, CloudEventSamples.With(("data", Samples.Full)), CloudEventSamples.With(("datacontenttype", "\"application/json\""), ("data_base64", "\"eyJhIjoxfQ==\""))];
        var accepted = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new List<byte>(Encoding.UTF8.GetBytes(seeds[i % seeds.Length]));
            for (var edits = random.Next(1, 4); edits > 0; edits--)
            {
                var at = random.Next(bytes.Count);
                if (random.Next(2) == 0)
                    bytes[at] = "{}[]\",:\\0nu1d\u00ff"u8[random.Next(14)];
                else
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 30), bytes.Count - at - 1));
            }

            byte[] message = [.. Encoding.UTF8.GetBytes(Samples.Minimal + "\n"), .. bytes, .. Encoding.UTF8.GetBytes("\n" + Samples.Minimal)];
            var first = new RecordingSink();
            var second = new RecordingSink();
            normalizer.Normalize(message, RecordingSink.Origin(), first);
            normalizer.Normalize(message, RecordingSink.Origin(), second);
            Assert.Equal((Samples.Minimal, Samples.Minimal), (first.Accepted[0].Body, first.Accepted[^1].Body));
            Assert.Equal(first.Accepted.Select(a => a.Body), second.Accepted.Select(a => a.Body));
            accepted += first.Accepted.Count - 2;
        }

        Assert.InRange(accepted, 1_000, 19_000);
    }
}
