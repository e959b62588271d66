using System.Text.RegularExpressions;
using ActionTrail.EndToEnd.Tests.NothingLost;
using ActionTrail.EndToEnd.Tests.Package;
using ActionTrail.LocalRunner.Processes;

namespace ActionTrail.EndToEnd.Tests.Walkthrough;

/// <summary>The blocks of docs/walkthrough.md do what the page says, command by command, against the package as it is deployed.</summary>
[Collection(nameof(NothingLostTests))]
public sealed class WalkthroughTests(SelfContainedPackage package) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);
    private readonly string folder = Directory.CreateTempSubdirectory("actiontrail-walk-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_destination_breaks_and_catches_up_and_a_changed_delivered_byte_and_a_changed_stored_byte_are_named()
    {
        await using var runner = new RunnerUnderTest { ScriptRoot = package.Root, Container = "walk-audit", DigestInterval = "00:00:10" };
        runner.Start();
        await runner.WaitReadyAsync();
        var blocks = RunnableBlocks.In(await File.ReadAllTextAsync(Path.Combine(HandlerLaunch.RepositoryAbove(AppContext.BaseDirectory), "docs", "walkthrough.md")));
        Directory.CreateSymbolicLink(Path.Combine(folder, ".local"), runner.Data);

        var (exitCode, output) = await Shell.RunAsync(Script(blocks, runner), folder, Patience);

        var told = output + runner.Tail();
        Assert.True(exitCode == 0, told);
        Assert.DoesNotContain("not seen:", output, StringComparison.Ordinal);
        Assert.DoesNotContain("/problems/", output, StringComparison.Ordinal);
        var parts = output.Split("=== next\n");
        Assert.True(parts.Length == 10, told);
        var (deliver, broken, mended, proved, altered, whole, stored, restored) = (parts[2], parts[3], parts[4], parts[5], parts[6], parts[7], parts[8], parts[9]);
        Assert.Contains("[{\"eventId\":\"before-1\"", deliver, StringComparison.Ordinal);
        Assert.Matches("Misconfigured .*Container walk-audit does not exist", broken);
        Assert.Matches("containerStatus +false", broken);
        Assert.Matches("reopened +[1-9]", mended);
        Assert.Matches("containerStatus +true", mended);
        Assert.Contains("exit code 0", proved, StringComparison.Ordinal);
        Assert.Contains("exit code 7", altered, StringComparison.Ordinal);
        Assert.Matches($"altered +{Regex.Escape(Changed(altered))}", altered);
        Assert.Contains("exit code 0", whole, StringComparison.Ordinal);
        Assert.Contains("exit code 7", stored, StringComparison.Ordinal);
        Assert.Matches($"problem +events/{Regex.Escape(Changed(stored))}", stored);
        Assert.StartsWith("sound:", restored, StringComparison.Ordinal);
        Assert.Contains("exit code 0", restored, StringComparison.Ordinal);
    }

    /// <summary>The command line is the one built beside the tests.</summary>
    private static string Script(IReadOnlyList<string> blocks, RunnerUnderTest runner)
    {
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet";
        var steps = string.Join("echo '=== next'\n", blocks).Replace("http://localhost:7071", runner.Api.ToString().TrimEnd('/'), StringComparison.Ordinal);
        return $$"""
            set -u
            actiontrail() { "{{dotnet}}" "{{Path.Combine(AppContext.BaseDirectory, "ActionTrail.Cli.dll")}}" "$@"; }
            {{steps}}
            """;
    }

    private static string Changed(string part)
    {
        var line = Regex.Match(part, "^changed (?<name>.+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
        Assert.True(line.Success, part);
        return line.Groups["name"].Value;
    }
}
