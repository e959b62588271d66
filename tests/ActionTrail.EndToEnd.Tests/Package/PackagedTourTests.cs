using System.IO.Compression;
using ActionTrail.EndToEnd.Tests.NothingLost;
using ActionTrail.EndToEnd.Tests.PublishedRoot;

namespace ActionTrail.EndToEnd.Tests.Package;

/// <summary>
/// The package is what the Functions host unpacks, the same for the same files; and started from it, the app does what the README's tour says, command by
/// command: the API, the event hub, the queue and the timers of the contract. <c>ACTIONTRAIL_PACKAGE</c> names a package to test instead of one made of the
/// build of the tests, such as the self-contained one.
/// </summary>
[Collection(nameof(NothingLostTests))]
public sealed class PackagedTourTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);
    private readonly PublishedFolder published = new();
    private readonly string folder = Directory.CreateTempSubdirectory("actiontrail-package-").FullName;

    public void Dispose()
    {
        published.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task The_tour_of_the_readme_works_against_the_package()
    {
        var package = Environment.GetEnvironmentVariable("ACTIONTRAIL_PACKAGE") is { Length: > 0 } given ? given : PackTwice();
        var root = Path.Combine(folder, "root");
        ZipFile.ExtractToDirectory(package, root);
        Check(package, root);

        await using var runner = new RunnerUnderTest { ScriptRoot = root, Container = "tour-audit" };
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
        Assert.Equal(0, await runner.StopAsync());
    }

    private string PackTwice()
    {
        var packages = new[] { "one", "two" }.Select(name => Path.Combine(folder, name)).ToList();
        foreach (var package in packages)
            published.Run("node", "tools/package/package.mjs", "--from", published.Folder, "--out", package);
        var files = packages.ConvertAll(static package => Path.Combine(package, "actiontrail-linux-x64.zip"));
        Assert.Equal(File.ReadAllBytes(files[0]), File.ReadAllBytes(files[1]));
        return files[0];
    }

    /// <summary>The executable can be executed, everything else cannot; nothing but the script root is there.</summary>
    private static void Check(string package, string root)
    {
        using var archive = ZipFile.OpenRead(package);
        Assert.Equal(archive.Entries.Select(static entry => entry.FullName).Order(StringComparer.Ordinal), archive.Entries.Select(static entry => entry.FullName));
        Assert.Contains(archive.Entries, static entry => entry.FullName == "host.json");
        Assert.Contains(archive.Entries, static entry => entry.FullName == "IngestEvents/function.json");
        Assert.DoesNotContain(archive.Entries, static entry => entry.FullName.Contains("settings", StringComparison.OrdinalIgnoreCase) || entry.FullName.EndsWith(".pdb", StringComparison.Ordinal) && entry.FullName.StartsWith("Azure", StringComparison.Ordinal));
        foreach (var entry in archive.Entries)
        {
            var isExecutable = entry.FullName is "ActionTrail.Functions" or "createdump";
            Assert.Equal((0x8000 | Convert.ToInt32(isExecutable ? "755" : "644", 8)) << 16, entry.ExternalAttributes);
        }

        if (!OperatingSystem.IsWindows())
            Assert.True(File.GetUnixFileMode(Path.Combine(root, "ActionTrail.Functions")).HasFlag(UnixFileMode.UserExecute));
    }

    /// <summary>The README's blocks in one shell, with the addresses of this run. Between the first and the second a person waits for the delivery.</summary>
    private async Task<(int ExitCode, string Output)> RunTourAsync(RunnerUnderTest runner)
    {
        var blocks = RunnableBlocks.In(await File.ReadAllTextAsync(Path.Combine(published.Repository, "README.md")));
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
