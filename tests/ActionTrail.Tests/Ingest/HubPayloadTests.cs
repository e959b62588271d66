using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActionTrail.Ingest;

namespace ActionTrail.Tests.Ingest;

public sealed class HubPayloadTests
{
    [Fact]
    public void The_captured_binary_batch_yields_bodies_and_coordinates()
    {
        using var payload = HubPayload.Decode(Capture("EhManyBin-1"));

        var batch = payload.Batch!;
        Assert.Equal(("shim.servicebus.windows.net", "activity", "1"), (batch.FullyQualifiedNamespace, batch.EventHubName, batch.PartitionId));
        Assert.Null(batch.Damage);
        Assert.Equal(["{\"records\":[{\"time\":\"2026-01-02T03:04:05.678Z\",\"operationName\":\"X\"}]}", "not json é"], Texts(payload));
        Assert.Equal([0L, 1L], batch.Messages.ToArray().Select(m => m.SequenceNumber));
        var enqueued = new DateTimeOffset(2026, 11, 22, 7, 4, 25, 83, TimeSpan.Zero).ToUnixTimeMilliseconds();
        Assert.Equal([enqueued, enqueued + 16], batch.Messages.ToArray().Select(m => m.EnqueuedTimeMs));
    }

    [Fact]
    public void The_captured_text_batch_yields_the_same_bodies()
    {
        using var payload = HubPayload.Decode(Capture("EhManyStr-1"));

        Assert.Equal(["{\"records\":[{\"time\":\"2026-01-02T03:04:05.678Z\",\"operationName\":\"X\"}]}", "not json é"], Texts(payload));
        Assert.Equal(2, payload.Batch!.Messages.Length);
    }

    [Fact]
    public void A_captured_retry_is_a_batch_like_any_other()
    {
        using var payload = HubPayload.Decode(Capture("EhRetry-2"));

        Assert.Equal("retryhub", payload.Batch!.EventHubName);
        Assert.Equal(["r1"], Texts(payload));
    }

    [Theory]
    [InlineData("EhOneBin-1", "{\"records\":[{\"time\":\"2026-01-02T03:04:05.678Z\",\"operationName\":\"X\"}]}")]
    [InlineData("EhOneBin-2", "not json é")]
    [InlineData("EhOne-1", "{\"records\":[{\"time\":\"2026-01-02T03:04:05.678Z\",\"operationName\":\"X\"}]}")]
    public void The_single_form_has_a_message_and_no_coordinates_that_could_be_trusted(string capture, string text)
    {
        using var payload = HubPayload.Decode(Capture(capture));

        Assert.Null(payload.Batch);
        Assert.Equal([text], Texts(payload));
    }

    [Fact]
    public void A_manual_run_has_a_message_and_no_batch()
    {
        var body = "{\"Data\":{\"events\":\"[\\\"aGVsbG8=\\\"]\"},\"Metadata\":{\"Offset\":\"-1\",\"SequenceNumber\":\"0\"}}"u8.ToArray();

        using var payload = HubPayload.Decode(body);

        Assert.Null(payload.Batch);
        Assert.Equal(["hello"], Texts(payload));
    }

    [Theory]
    [InlineData("[0,1]", "[\"2026-11-22T07:04:25\",\"2026-11-22T07:04:26.5\"]")]
    [InlineData("\"[\\\"0\\\",\\\"1\\\"]\"", "\"[\\\"2026-11-22T07:04:25Z\\\",\\\"2026-11-22T08:04:26.5+01:00\\\"]\"")]
    public void Coordinates_are_read_from_arrays_and_from_text_of_arrays(string numbers, string times)
    {
        using var payload = HubPayload.Decode(Body("\"[\\\"YQ==\\\",\\\"Yg==\\\"]\"", numbers, times));

        var start = new DateTimeOffset(2026, 11, 22, 7, 4, 25, TimeSpan.Zero).ToUnixTimeMilliseconds();
        Assert.Equal([(0L, start), (1L, start + 1500)], payload.Batch!.Messages.ToArray().Select(m => (m.SequenceNumber, m.EnqueuedTimeMs)));
    }

    [Theory]
    [InlineData("\"[\\\"YQ==\\\",\\\"Yg==\\\"]\"", "a", "b")]
    [InlineData("[\"YQ==\",\"Yg==\"]", "a", "b")]
    [InlineData("\"[\\u0022YQ==\\u0022,\\u0022Yg==\\u0022]\"", "a", "b")]
    [InlineData("\"[ \\\"YQ==\\\" , \\\"Yg==\\\" ]\"", "a", "b")]
    [InlineData("\"[\\\"\\\",null]\"", "", "")]
    [InlineData("\"[{\\\"x\\\":1},[2]]\"", "{\"x\":1}", "[2]")]
    [InlineData("\"[\\\"{\\\\\\\"x\\\\\\\":1}\\\",\\\"no base64!\\\"]\"", "{\"x\":1}", "no base64!")]
    [InlineData("\"[\\\"8J+Yg\\\\u0041==\\\",\\\"8J+YgA==\\\"]\"", "😀", "😀")]
    public void Bodies_are_read_from_every_spelling_of_the_array(string events, string first, string second)
    {
        using var payload = HubPayload.Decode(Body(events, "\"[7,8]\"", "\"[\\\"2026-11-22T07:04:25\\\",\\\"2026-11-22T07:04:25\\\"]\""));

        Assert.Null(payload.Batch!.Damage);
        Assert.Equal([first, second], Texts(payload));
    }

    [Theory]
    [InlineData("\"[\\\"YQ==\\\"]\"")]
    [InlineData("\"[\\\"YQ==\\\",\\\"Yg==\\\"\"")]
    [InlineData("\"[\\\"YQ==\\\",\\\"Yg==\\\"] x\"")]
    [InlineData("17")]
    public void A_batch_that_cannot_be_read_keeps_its_coordinates_and_its_bytes(string events)
    {
        var body = Body(events, "\"[7,8]\"", "\"[\\\"2026-11-22T07:04:25\\\",\\\"2026-11-22T07:04:26\\\"]\"");

        using var payload = HubPayload.Decode(body);

        var damage = payload.Batch!.Damage!;
        Assert.Equal((7L, 8L), (damage.First, damage.Last));
        Assert.Equal(new DateTimeOffset(2026, 11, 22, 7, 4, 26, TimeSpan.Zero).ToUnixTimeMilliseconds(), damage.EnqueuedTimeMs);
        Assert.True(damage.Payload.Span.SequenceEqual(body));
        Assert.True(payload.Messages.IsEmpty);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"Data\":{}}")]
    [InlineData("{\"Data\":{\"events\":\"[\\\"YQ==\\\"]\"},\"Metadata\":{\"SequenceNumberArray\":\"[0]\"}}")]
    [InlineData("{\"Data\":{\"events\":\"[\\\"YQ==\\\"]\"},\"Metadata\":{\"PartitionContext\":{\"FullyQualifiedNamespace\":\"n\",\"EventHubName\":\"h\",\"PartitionId\":\"0\"},\"SequenceNumberArray\":\"[0]\"}}")]
    [InlineData("{\"Data\":{\"events\":\"[\\\"YQ==\\\"]\"},\"Metadata\":{\"PartitionContext\":{\"FullyQualifiedNamespace\":\"n\",\"EventHubName\":\"h\",\"PartitionId\":\"0\"},\"SequenceNumberArray\":\"[\\\"x\\\"]\",\"EnqueuedTimeUtcArray\":\"[\\\"2026-11-22T07:04:25\\\"]\"}}")]
    [InlineData("{\"Data\":{\"events\":\"[\\\"YQ==\\\"]\"},\"Metadata\":{\"PartitionContext\":{\"FullyQualifiedNamespace\":\"n\",\"EventHubName\":\"h\",\"PartitionId\":\"0\"},\"SequenceNumberArray\":\"[-1]\",\"EnqueuedTimeUtcArray\":\"[\\\"2026-11-22T07:04:25\\\"]\"}}")]
    [InlineData("{\"Data\":{\"events\":\"[\\\"YQ==\\\"]\"},\"Metadata\":{\"PartitionContext\":{\"FullyQualifiedNamespace\":\"n\",\"EventHubName\":\"h\",\"PartitionId\":\"0\"},\"SequenceNumberArray\":\"[0]\",\"EnqueuedTimeUtcArray\":\"[\\\"soon\\\"]\"}}")]
    [InlineData("{\"Data\":{\"events\":\"[\\\"YQ==\\\"]\"")]
    public void A_body_without_usable_coordinates_is_refused(string body) =>
        Assert.Throws<HubPayloadException>(() => HubPayload.Decode(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void The_content_type_is_taken_from_the_properties()
    {
        var node = JsonNode.Parse(Capture("EhManyBin-1"))!;
        node["Metadata"]!["PropertiesArray"] = "[{\"k\":{\"deep\":[1,2]},\"content-type\":\"application/json\"},{}]";

        using var payload = HubPayload.Decode(Encoding.UTF8.GetBytes(node.ToJsonString()));

        Assert.Equal(["application/json", null], payload.Batch!.Messages.ToArray().Select(m => m.ContentType));
    }

    [Fact]
    public void Random_bodies_of_random_sizes_come_back_byte_for_byte()
    {
        var random = new Random(42);
        for (var round = 0; round < 200; round++)
        {
            var bodies = Enumerable.Range(0, random.Next(0, 20)).Select(_ =>
            {
                var bytes = new byte[random.Next(0, 300)];
                random.NextBytes(bytes);
                return bytes;
            }).ToArray();
            var inner = "[" + string.Join(',', bodies.Select(b => $"\\\"{Convert.ToBase64String(b)}\\\"")) + "]";
            var numbers = "[" + string.Join(',', bodies.Select((_, i) => i)) + "]";
            var times = "[" + string.Join(',', bodies.Select(_ => "\\\"2026-11-22T07:04:25.1\\\"")) + "]";

            using var payload = HubPayload.Decode(Body($"\"{inner}\"", $"\"{numbers}\"", $"\"{times}\""));

            Assert.Equal(bodies, payload.Messages.ToArray().Select(m => m.Body.ToArray()));
        }
    }

    [Fact]
    public void Nothing_is_allocated_per_event()
    {
        long Allocated(int count)
        {
            var body = Body(
                "\"[" + string.Join(',', Enumerable.Repeat("\\\"" + new string('Q', 800) + "\\\"", count)) + "]\"",
                "\"[" + string.Join(',', Enumerable.Range(0, count)) + "]\"",
                "\"[" + string.Join(',', Enumerable.Repeat("\\\"2026-11-22T07:04:25.1234567\\\"", count)) + "]\"");
            HubPayload.Decode(body).Dispose();
            HubPayload.Decode(body).Dispose();
            var before = GC.GetAllocatedBytesForCurrentThread();
            HubPayload.Decode(body).Dispose();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.InRange(Allocated(2000) - Allocated(1000), -100, 100);
    }

    private static byte[] Capture(string name)
    {
        using var capture = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Ingest", "captures", name + ".json")));
        return Encoding.UTF8.GetBytes(capture.RootElement.GetProperty("body").GetRawText());
    }

    private static byte[] Body(string events, string numbers, string times) => Encoding.UTF8.GetBytes(
        $$$"""{"Data":{"events":{{{events}}} },"Metadata":{"TriggerPartitionContext":{"FullyQualifiedNamespace":"n","EventHubName":"h","PartitionId":0},"SequenceNumberArray":{{{numbers}}},"EnqueuedTimeUtcArray":{{{times}}} }}""");

    private static IEnumerable<string> Texts(HubPayload payload) => payload.Messages.ToArray().Select(m => Encoding.UTF8.GetString(m.Body.Span));
}
