using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using ActionTrail.Layout;

namespace ActionTrail.EndToEnd.Tests.PublishedRoot;

/// <summary>What <c>dotnet publish</c> makes, once for all tests of the class.</summary>
public sealed class PublishedFolder : IDisposable
{
    public PublishedFolder()
    {
        Repository = FindRepository();
        Folder = Directory.CreateTempSubdirectory("actiontrail-publish-").FullName;

        // What this test run was built with: publishing then only copies.
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = Repository, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in new[] { "publish", "src/ActionTrail.Functions", "--no-build", "-c", configuration, "-o", Folder, "--nologo", "-v", "q" })
            start.ArgumentList.Add(argument);
        using var publish = Process.Start(start)!;
        var output = publish.StandardOutput.ReadToEndAsync();
        var errors = publish.StandardError.ReadToEndAsync();
        publish.WaitForExit();
        if (publish.ExitCode != 0)
            throw new InvalidOperationException($"dotnet publish failed: {output.Result}{errors.Result}");
    }

    public string Folder { get; }

    public string Repository { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static string FindRepository([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "../../.."));
}

/// <summary>Holds the published folder to what the Functions host asks of a custom handler.</summary>
public partial class PublishedRootTests(PublishedFolder published) : IClassFixture<PublishedFolder>
{
    private static readonly string[] Functions = ["CompactSegments", "DeliverToBlob", "DeliverToStream", "IngestEvents", "PurgeExpiredEvents", "ScheduleDeliveries", "SealCheckpoints", "TrailApi"];

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
        var queue = Assert.Single(Bindings("DeliverToBlob"));

        Assert.Equal(("queueTrigger", "message", Queues.DeliverBlob, "ActionTrailStorage"), (Text(queue, "type"), Text(queue, "name"), Text(queue, "queueName"), Text(queue, "connection")));
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

        Assert.Equal(["ActionTrailStorage", "CompactSegmentsCron", "EventHubConnection", "EventHubConsumerGroup", "EventHubName", "PurgeExpiredEventsCron", "ScheduleDeliveriesCron", "SealCheckpointsCron"], named.Order());
        Assert.All(named, name => Assert.True(example.TryGetProperty(name, out _), name));
    }

    [Fact]
    public async Task Without_its_storage_the_process_says_so_once_and_ends_with_an_error()
    {
        var dead = FreePort();
        var account = $"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={Convert.ToBase64String(new byte[64])};"
            + $"BlobEndpoint=http://127.0.0.1:{dead}/devstoreaccount1;QueueEndpoint=http://127.0.0.1:{dead}/devstoreaccount1;TableEndpoint=http://127.0.0.1:{dead}/devstoreaccount1;";
        var (exitCode, output) = await RunAsync(
            ("ActionTrailStorage", account), ("ActionTrail__OperatorKey", "operator-key-of-the-tests"), ("ActionTrail__EncryptionKey", Convert.ToBase64String(new byte[32])));

        Assert.NotEqual(0, exitCode);
        var line = Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("ActionTrailStorage", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_settings_the_process_names_each_that_is_missing()
    {
        var (exitCode, output) = await RunAsync();

        Assert.NotEqual(0, exitCode);
        foreach (var name in new[] { "ActionTrailStorage", "ActionTrail__OperatorKey", "ActionTrail__EncryptionKey" })
            Assert.Contains(name, output, StringComparison.Ordinal);
    }

    /// <summary>Starts the published executable as the host does: elsewhere, with the host's own web settings in its environment.</summary>
    private async Task<(int ExitCode, string Output)> RunAsync(params (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo(At(OperatingSystem.IsWindows() ? "ActionTrail.Functions.exe" : "ActionTrail.Functions"))
        {
            WorkingDirectory = published.Repository,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var name in start.Environment.Keys.Where(static k => k.StartsWith("ActionTrail", StringComparison.Ordinal) || k.StartsWith("AzureWebJobs", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        var port = FreePort().ToString(System.Globalization.CultureInfo.InvariantCulture);
        foreach (var (name, value) in settings.Concat([("ASPNETCORE_URLS", "http://+:80"), ("ASPNETCORE_CONTENTROOT", "/nowhere"), ("FUNCTIONS_CUSTOMHANDLER_PORT", port), ("FUNCTIONS_HTTPWORKER_PORT", port)]))
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output + await errors);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    private string At(string path) => Path.Combine(published.Folder, path);

    private JsonElement Read(string path) => JsonDocument.Parse(File.ReadAllText(At(path))).RootElement;

    private List<JsonElement> Bindings(string function) => [.. Read(function + "/function.json").GetProperty("bindings").EnumerateArray()];

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex("%(?<name>[A-Za-z]+)%", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SettingName();
}
