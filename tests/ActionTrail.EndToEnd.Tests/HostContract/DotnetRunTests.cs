using System.Diagnostics;
using System.Globalization;
using ActionTrail.LocalRunner.Processes;

namespace ActionTrail.EndToEnd.Tests.HostContract;

public sealed class DotnetRunTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly string folder = Directory.CreateTempSubdirectory("dotnet-run").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("/usr/bin/dotnet\0run\0--project\0x\0", true)]
    [InlineData("dotnet\0run\0", true)]
    [InlineData("dotnet\0test\0", false)]
    [InlineData("bash\0-c\0dotnet run\0", false)]
    [InlineData("", false)]
    public void Only_dotnet_run_is_taken_for_dotnet_run(string commandLine, bool expected) => Assert.Equal(expected, DotnetRun.IsDotnetRun(commandLine));

    [Fact]
    public async Task When_dotnet_run_is_killed_the_runner_stops_cleanly_and_leaves_nothing_behind()
    {
        var ports = Ports.TakeAll([0, 0, 0, 0, 0], "ports");
        var data = Path.Combine(folder, "data");
        var runner = string.Create(CultureInfo.InvariantCulture,
            $"\"{Host}\" \"{Path.Combine(AppContext.BaseDirectory, "ActionTrail.LocalRunner.dll")}\" --http-port {ports[0]} --eventhub-http-port {ports[1]} --amqp-port 0 --azurite-ports {ports[2]},{ports[3]},{ports[4]} --data \"{data}\"");

        // A shell that calls itself dotnet and has the word run among its arguments, as `dotnet run` has.
        using var parent = Process.Start(new ProcessStartInfo("bash")
        {
            ArgumentList = { "-c", $"exec -a dotnet bash -c '{runner} & echo pid $!; wait' x run" },
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var processId = 0;
        while (await parent.StandardOutput.ReadLineAsync().WaitAsync(Patience) is { } line && !line.Contains("] ready", StringComparison.Ordinal))
        {
            if (line.StartsWith("pid ", StringComparison.Ordinal))
            {
                processId = int.Parse(line.AsSpan(4), CultureInfo.InvariantCulture);
            }
        }

        int[] all = [processId, .. File.ReadAllLines(Path.Combine(data, "children")).Select(line => int.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture))];
        Assert.Equal(4, all.Length);
        Assert.All(all, one => Assert.NotEqual("-", ProcessStart.Of(one)));

        parent.Kill();
        var reading = parent.StandardOutput.ReadToEndAsync();
        await Bench.EventuallyAsync(() => all.All(one => ProcessStart.Of(one) == "-"), "a process was left behind");
        await reading.WaitAsync(Patience);
        Assert.True(File.Exists(Path.Combine(data, "clean-stop")));
    }

    private static string Host => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet";
}
