using System.Text;
using System.Text.Json;
using ActionTrail.Events.CloudEvents;
using ActionTrail.Ingest;
using ActionTrail.Layout;

namespace ActionTrail.Tests.Ingest;

/// <summary>CloudEvents in binary mode on their way through the hub: application properties that the host passes on.</summary>
public sealed class HubCloudEventsTests
{
    private const string Attributes = """{"cloudEvents:specversion":"1.0","cloudEvents:id":"i-1","cloudEvents:source":"/m","cloudEvents:type":"t.read","cloudEvents:accountid":"1001","n":5}""";

    [Fact]
    public async Task A_batch_of_the_host_with_messages_of_all_modes_is_stored()
    {
        var world = await IngestWorld.CreateAsync();
        string[] bodies = ["{\"a\":1}", world.EventJson("e1"), Structured(), $"[{Structured("s-2")},{Structured("s-3")}]"];
        using var payload = HubPayload.Decode(Body(world, bodies, [Attributes, "{}", "{}", "{\"x\":true}"], [null, null, "application/cloudevents+json", "application/cloudevents-batch+json"]));

        var result = await world.NewHubIngest().IngestAsync(payload.Batch!, default);

        Assert.Equal((4, 5, 0), (result.Messages, result.Events, result.Quarantined));
        Assert.NotNull(payload.Messages.Span[0].CloudEvent);
        Assert.All(payload.Messages.ToArray()[1..], static m => Assert.Null(m.CloudEvent));
        var names = new List<string>();
        await world.VerifyAsync(e => names.Add(JsonDocument.Parse(e.Body).RootElement.GetProperty("eventName").GetString()!));
        Assert.Equal(["CreateThing", "s.made", "s.made", "s.made", "t.read"], names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_is_quarantined_keeps_its_attributes_and_can_be_replayed()
    {
        var world = await IngestWorld.CreateAsync();
        world.Options.CreateAccountsOnSight = false;
        using var payload = HubPayload.Decode(Body(world, ["{\"a\":1}", "not json"], [Attributes, Attributes.Replace("i-1", "i-2", StringComparison.Ordinal)], [null, "application/json"]));
        await world.NewHubIngest().IngestAsync(payload.Batch!, default);
        await using var api = world.NewApiIngest();
        var log = new QuarantineLog(world.Tables, world.Objects, api, world.Time);
        var entries = (await log.ListAsync(new QuarantineQuery { NewestFirst = false }, default)).Entries;
        world.Accounts.Add("1001");

        var first = await log.ReplayAsync(entries[0].Id, default);
        var second = await log.ReplayAsync(entries[1].Id, default);

        Assert.True(first!.IsStored);
        Assert.Equal("/data_base64", Assert.Single(second!.Errors).Pointer);
        using var kept = JsonDocument.Parse((await log.FindAsync(entries[1].Id, default))!.Raw);
        Assert.Equal(("i-2", "not json"), (kept.RootElement.GetProperty("id").GetString(), Encoding.UTF8.GetString(kept.RootElement.GetProperty("data_base64").GetBytesFromBase64())));
        Assert.Single(await world.StoredIdsAsync());
    }

    [Fact]
    public async Task A_lost_segment_is_restored_byte_for_byte_with_other_batch_boundaries()
    {
        var world = await IngestWorld.CreateAsync();
        HubMessage[] messages = [.. Enumerable.Range(0, 6).Select(n => world.Message(n, "{\"a\":1}") with { CloudEvent = n % 2 == 0 ? CloudEventWith(n) : null })];
        messages[1] = world.Message(1, world.EventJson("e1"));
        await world.NewHubIngest().IngestAsync(world.Batch(messages), default);
        var commit = Assert.Single(await world.CommitsAsync());
        await world.Objects.DeleteAsync(Containers.Events, commit.Segment!.Name, default);
        await world.Objects.DeleteAsync(Containers.Quarantine, commit.Quarantine!.Name, default);

        var ingest = world.NewHubIngest();
        await ingest.IngestAsync(world.Batch(messages[..3]), default);
        var result = await ingest.IngestAsync(world.Batch(messages[3..]), default);

        Assert.Equal(1, result.Restored);
        Assert.Equal(4, (await world.StoredIdsAsync()).Count);
    }

    [Theory]
    [InlineData("[{\"cloud\\u0045vents:id\":\"1\"},{}]")]
    [InlineData("[{\"cloudEvents:\":1,\"specversion\":\"1.0\"},{}]")]
    [InlineData("[]")]
    [InlineData("[17,[],{\"cloudEvents:id\":\"1\"}]")]
    public void Odd_properties_damage_no_batch(string properties)
    {
        var quoted = "\"" + JsonEncodedText.Encode(properties) + "\"";
        using var payload = HubPayload.Decode(Encoding.UTF8.GetBytes(
            $$$"""{"Data":{"events":["YQ==","Yg=="]},"Metadata":{"TriggerPartitionContext":{"FullyQualifiedNamespace":"n","EventHubName":"h","PartitionId":"0"},"SequenceNumberArray":[1,2],"EnqueuedTimeUtcArray":["2026-11-22T07:04:25","2026-11-22T07:04:25"],"PropertiesArray":{{{quoted}}} }}"""));

        Assert.Null(payload.Batch!.Damage);
        Assert.All(payload.Messages.ToArray(), static m => Assert.Null(m.CloudEvent));
    }

    private static CloudEventAttributes CloudEventWith(int id) => CloudEventAttributes.FromHeaders(
    [
        KeyValuePair.Create("ce-specversion", "1.0"), KeyValuePair.Create("ce-id", $"i-{id}"), KeyValuePair.Create("ce-source", "/m"), KeyValuePair.Create("ce-type", "t"),
        KeyValuePair.Create("ce-accountid", "1001"),
    ])!;

    private static string Structured(string id = "s-1") => $$"""{"specversion":"1.0","id":"{{id}}","source":"/m","type":"s.made","accountid":"1001","data":{} }""";

    /// <summary>As the host sends it: arrays as JSON inside JSON strings.</summary>
    private static byte[] Body(IngestWorld world, string[] bodies, string[] properties, string?[] contentTypes)
    {
        var time = world.Time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff", System.Globalization.CultureInfo.InvariantCulture);
        static string Quote(string json) => "\"" + JsonEncodedText.Encode(json, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping) + "\"";
        var events = Quote("[" + string.Join(',', bodies.Select(static b => $"\"{Convert.ToBase64String(Encoding.UTF8.GetBytes(b))}\"")) + "]");
        var numbers = Quote("[" + string.Join(',', Enumerable.Range(0, bodies.Length)) + "]");
        var times = Quote("[" + string.Join(',', bodies.Select(_ => $"\"{time}\"")) + "]");
        var system = Quote("[" + string.Join(',', contentTypes.Select(static t => t is null ? "{}" : $"{{\"content-type\":\"{t}\"}}")) + "]");
        return Encoding.UTF8.GetBytes(
            $$$"""{"Data":{"events":{{{events}}} },"Metadata":{"TriggerPartitionContext":{"FullyQualifiedNamespace":"{{{IngestWorld.Namespace}}}","EventHubName":"audit","PartitionId":"0"},"SequenceNumberArray":{{{numbers}}},"EnqueuedTimeUtcArray":{{{times}}},"PropertiesArray":{{{Quote("[" + string.Join(',', properties) + "]")}}},"SystemPropertiesArray":{{{system}}} }}""");
    }
}
