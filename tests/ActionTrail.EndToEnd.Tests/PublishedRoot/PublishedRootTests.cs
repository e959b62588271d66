using System.Text.Json;
using System.Text.RegularExpressions;
using ActionTrail.Layout;

namespace ActionTrail.EndToEnd.Tests.PublishedRoot;

/// <summary>Holds the published folder to what the Functions host asks of a custom handler.</summary>
[Collection(nameof(PublishedFolder))]
public partial class PublishedRootTests(PublishedFolder published)
{
    private static readonly string[] Functions = ["CompactSegments", "DeliverHistory", "DeliverToBlob", "DeliverToLogstore", "DeliverToStream", "IngestEvents", "PurgeExpiredEvents", "ScheduleDeliveries", "SealCheckpoints", "SealDigests", "TrailApi"];

    [Fact]
    public void The_root_holds_host_json_the_functions_and_no_settings()
    {
        var functions = Directory.GetFiles(published.Folder, "function.json", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(published.Folder, file));

        Assert.Equal(Functions.Select(static name => Path.Combine(name, "function.json")), functions.Order());
        Assert.True(File.Exists(At("host.json")));
        Assert.Empty(Directory.GetFiles(published.Folder, "*settings*.json*"));
        Assert.False(File.Exists(At("web.config")));
        Assert.False(File.Exists(At("packages.lock.json")));
        Assert.False(Directory.Exists(At("functions")));
    }

    [Fact]
    public void The_executable_that_host_json_names_can_be_executed()
    {
        var name = Read("host.json").GetProperty("customHandler").GetProperty("description").GetProperty("defaultExecutablePath").GetString()!;

        Assert.Equal("ActionTrail.Functions", name);
        if (!OperatingSystem.IsWindows())
            Assert.True(File.GetUnixFileMode(At(name)).HasFlag(UnixFileMode.UserExecute));
    }

    [Fact]
    public void Http_is_forwarded_raw_on_every_path()
    {
        var host = Read("host.json");
        var handler = host.GetProperty("customHandler");
        Assert.True(handler.GetProperty("enableProxyingHttpRequest").GetBoolean());
        Assert.True(handler.GetProperty("enableForwardingHttpRequest").GetBoolean());
        Assert.Equal("", host.GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString());

        // Exactly one input and one output, or the host wraps requests into its payload form.
        var bindings = Bindings("TrailApi");
        Assert.Equal(["httpTrigger in", "http out"], bindings.Select(static b => $"{Text(b, "type")} {Text(b, "direction")}"));
        Assert.Equal(("anonymous", "{*path}"), (Text(bindings[0], "authLevel"), Text(bindings[0], "route")));
    }

    [Fact]
    public void Batches_come_many_at_a_time_as_bytes_and_are_repeated_without_end()
    {
        var binding = Assert.Single(Bindings("IngestEvents"));
        var retry = Read("IngestEvents/function.json").GetProperty("retry");

        Assert.Equal(("eventHubTrigger", "events", "many", "binary"), (Text(binding, "type"), Text(binding, "name"), Text(binding, "cardinality"), Text(binding, "dataType")));
        Assert.Equal(("exponentialBackoff", -1), (Text(retry, "strategy"), retry.GetProperty("maxRetryCount").GetInt32()));
    }

    [Fact]
    public void Queues_and_timers_are_the_ones_that_the_code_means()
    {
        foreach (var (function, name) in new[] { ("DeliverToBlob", Queues.DeliverBlob), ("DeliverToLogstore", Queues.DeliverLogstore), ("DeliverHistory", Queues.DeliverHistory) })
        {
            var queue = Assert.Single(Bindings(function));
            Assert.Equal(("queueTrigger", "message", name, "ActionTrailStorage"), (Text(queue, "type"), Text(queue, "name"), Text(queue, "queueName"), Text(queue, "connection")));
        }

        Assert.Equal("timerTrigger", Text(Assert.Single(Bindings("ScheduleDeliveries")), "type"));
        Assert.Equal("timerTrigger", Text(Assert.Single(Bindings("PurgeExpiredEvents")), "type"));
        Assert.True(TimeSpan.Parse(Read("host.json").GetProperty("functionTimeout").GetString()!, System.Globalization.CultureInfo.InvariantCulture) > TimeSpan.FromMinutes(9));
    }

    [Fact]
    public void Every_setting_that_a_binding_names_is_in_the_example()
    {
        var example = JsonDocument.Parse(File.ReadAllText(Path.Combine(published.Repository, "local.settings.json.example"))).RootElement.GetProperty("Values");
        var named = Functions.SelectMany(name => SettingName().Matches(File.ReadAllText(At(name + "/function.json"))).Select(static m => m.Groups["name"].Value))
            .Concat(Functions.SelectMany(Bindings).Where(static b => b.TryGetProperty("connection", out _)).Select(static b => Text(b, "connection")))
            .Distinct().ToList();

        Assert.Equal(["ActionTrailStorage", "CompactSegmentsCron", "EventHubConnection", "EventHubConsumerGroup", "EventHubName", "PurgeExpiredEventsCron", "ScheduleDeliveriesCron", "SealCheckpointsCron", "SealDigestsCron"], named.Order());
        Assert.All(named, name => Assert.True(example.TryGetProperty(name, out _), name));
    }

    private string At(string path) => Path.Combine(published.Folder, path);

    private JsonElement Read(string path) => JsonDocument.Parse(File.ReadAllText(At(path))).RootElement;

    private List<JsonElement> Bindings(string function) => [.. Read(function + "/function.json").GetProperty("bindings").EnumerateArray()];

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    [GeneratedRegex("%(?<name>[A-Za-z]+)%", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SettingName();
}
