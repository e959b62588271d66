using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using ActionTrail.EndToEnd.Tests.HostContract;
using ActionTrail.EndToEnd.Tests.NothingLost;
using ActionTrail.EndToEnd.Tests.PublishedRoot;
using Microsoft.AspNetCore.Http;

namespace ActionTrail.EndToEnd.Tests.Package;

/// <summary>
/// The package is what the Functions host unpacks; and started from it, trimmed as it is, the app does what the README's tour says, command by command: the API, the event
/// hub, the queue and the timers of the contract. It sends its telemetry and signs in with an identity.
/// </summary>
[Collection(nameof(NothingLostTests))]
public sealed class PackagedTourTests(SelfContainedPackage package) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);
    private readonly string folder = Directory.CreateTempSubdirectory("actiontrail-tour-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_package_is_the_script_root_and_nothing_else()
    {
        using var archive = ZipFile.OpenRead(package.Archive);
        Assert.Equal(archive.Entries.Select(static entry => entry.FullName).Order(StringComparer.Ordinal), archive.Entries.Select(static entry => entry.FullName));
        Assert.Contains(archive.Entries, static entry => entry.FullName == "host.json");
        Assert.Contains(archive.Entries, static entry => entry.FullName == "IngestEvents/function.json");
        Assert.DoesNotContain(archive.Entries, static entry => entry.FullName.Contains("settings", StringComparison.OrdinalIgnoreCase) || entry.FullName.EndsWith(".pdb", StringComparison.Ordinal));

        // The .NET that it runs on is in it; else the start would take what the machine has.
        Assert.Contains(archive.Entries, static entry => entry.FullName == "System.Private.CoreLib.dll");
        foreach (var entry in archive.Entries)
        {
            var isExecutable = entry.FullName is "ActionTrail.Functions" or "createdump";
            Assert.Equal((0x8000 | Convert.ToInt32(isExecutable ? "755" : "644", 8)) << 16, entry.ExternalAttributes);
        }

        if (!OperatingSystem.IsWindows())
            Assert.True(File.GetUnixFileMode(Path.Combine(package.Root, "ActionTrail.Functions")).HasFlag(UnixFileMode.UserExecute));
    }

    [Fact]
    public async Task The_tour_of_the_readme_works_against_the_package()
    {
        var signals = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        await using var collector = await WebDouble.StartAsync(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            signals.AddOrUpdate(context.Request.Path, _ => Encoding.Latin1.GetString(body.ToArray()), (_, before) => before + Encoding.Latin1.GetString(body.ToArray()));
        });
        await using var runner = new RunnerUnderTest
        {
            ScriptRoot = package.Root,
            Container = "tour-audit",
            Settings = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address!.ToString(),
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_METRIC_EXPORT_INTERVAL"] = "2000",
            },
        };
        runner.Start();
        await runner.WaitReadyAsync();
        var (exitCode, output) = await RunTourAsync(runner);

        Assert.True(exitCode == 0, output + runner.Tail());
        var parts = output.Split("=== next\n");
        Assert.Equal(3, parts.Length);
        Assert.True(parts[0].Split("\"eventId\":\"tour-1\"").Length >= 3, parts[0]);
        Assert.Contains("\"serviceName\":\"ActionTrail\"", parts[0], StringComparison.Ordinal);
        Assert.Contains("\"eventName\":\"DeleteDisk\"", parts[1], StringComparison.Ordinal);
        Assert.Contains("\"sound\":true", parts[2], StringComparison.Ordinal);
        Assert.Contains("{\"value\":[{\"id\":\"hub-", parts[2], StringComparison.Ordinal);
        Assert.DoesNotContain("/problems/", output, StringComparison.Ordinal);
        await WaitForAsync(signals, "/v1/metrics", "actiontrail.ingest.events");
        await WaitForAsync(signals, "/v1/traces", "actiontrail.partition");
        await WaitForAsync(signals, "/v1/logs", "ActionTrail.Functions");
        Assert.Equal(0, await runner.StopAsync());
    }

    /// <summary>The way of every deployment: a token from the platform's endpoint for identities, taken to the storage account. Which is not there: what fails is the connection, not the signing in.</summary>
    [Fact]
    public async Task The_package_signs_in_with_an_identity()
    {
        var asked = new ConcurrentQueue<string>();
        await using var identity = await WebDouble.StartAsync(async context =>
        {
            asked.Enqueue(context.Request.QueryString.Value! + " " + context.Request.Headers["X-IDENTITY-HEADER"]);
            context.Response.ContentType = "application/json";
            var expires = DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeSeconds();
            await context.Response.WriteAsync($$"""{"access_token":"e30.e30.c2ln","expires_on":"{{expires}}","resource":"https://storage.azure.com","token_type":"Bearer","client_id":"the-app"}""");
        });
        var nobody = $"https://127.0.0.1:{PublishedFolder.FreePort()}/";

        var (exitCode, lines) = await PublishedFolder.RunAsync(package.Root,
        [
            ("ActionTrailStorage__blobServiceUri", nobody), ("ActionTrailStorage__queueServiceUri", nobody), ("ActionTrailStorage__tableServiceUri", nobody),
            ("ActionTrailStorage__credential", "managedidentity"), ("ActionTrailStorage__clientId", "the-app"),
            ("IDENTITY_ENDPOINT", new Uri(identity.Address!, "msi/token").ToString()), ("IDENTITY_HEADER", "header-of-the-platform"),
            ("ActionTrail__OperatorKey", "operator-key-of-the-tests"), ("ActionTrail__EncryptionKey", Convert.ToBase64String(new byte[32])),
        ]);

        Assert.Equal(1, exitCode);
        Assert.Contains(": ConnectionError. It cannot be reached", Assert.Single(lines), StringComparison.Ordinal);
        Assert.Contains(asked, static one => one.Contains("resource=https%3A%2F%2Fstorage.azure.com", StringComparison.OrdinalIgnoreCase) || one.Contains("resource=https://storage.azure.com", StringComparison.Ordinal));
        Assert.All(asked, static one => Assert.True(one.Contains("client_id=the-app", StringComparison.Ordinal) && one.EndsWith(" header-of-the-platform", StringComparison.Ordinal), one));
    }

    private static async Task WaitForAsync(ConcurrentDictionary<string, string> signals, string path, string text)
    {
        for (var since = Stopwatch.GetTimestamp(); !signals.GetValueOrDefault(path, "").Contains(text, StringComparison.Ordinal); await Task.Delay(200))
            Assert.True(Stopwatch.GetElapsedTime(since) < Patience, $"{text} did not come to {path}");
    }

    /// <summary>The README's blocks in one shell, with the addresses of this run. Between the first and the second a person waits for the delivery.</summary>
    private async Task<(int ExitCode, string Output)> RunTourAsync(RunnerUnderTest runner)
    {
        var blocks = RunnableBlocks.In(await File.ReadAllTextAsync(Path.Combine(PublishedFolder.FindRepository(), "README.md")));
        Assert.Equal(3, blocks.Count);
        Directory.CreateSymbolicLink(Path.Combine(folder, ".local"), runner.Data);
        var script = $$"""
            set -u
            {{blocks[0]}}
            echo "=== next"
            for attempt in $(seq 1 90); do
              SEEN=$(
            {{blocks[1]}}
              )
              case "$SEEN" in *tour-1*) break ;; esac
              sleep 2
            done
            echo "$SEEN"
            echo "=== next"
            {{blocks[2]}}
            """
            .Replace("http://localhost:7071", runner.Api.ToString().TrimEnd('/'), StringComparison.Ordinal)
            .Replace("http://localhost:5673", runner.EventHub.Address.ToString().TrimEnd('/'), StringComparison.Ordinal);

        return await Shell.RunAsync(script, folder, Patience);
    }
}
