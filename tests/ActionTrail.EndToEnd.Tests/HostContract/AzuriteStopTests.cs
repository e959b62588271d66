using System.Diagnostics;
using ActionTrail.LocalRunner.Options;
using ActionTrail.LocalRunner.Processes;

namespace ActionTrail.EndToEnd.Tests.HostContract;

public sealed class AzuriteStopTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string folder = Directory.CreateTempSubdirectory("azurite").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task When_the_runner_dies_with_all_its_pipes_azurite_still_saves_before_it_ends()
    {
        var repository = HandlerLaunch.RepositoryAbove(AppContext.BaseDirectory);
        await NodeTool.InstallAsync(Path.Combine(repository, "tools", "azurite"), Bench.Output(), TimeProvider.System, default);
        var ports = Ports.TakeAll([0, 0, 0], "ports");
        var start = LocalTools.Azurite(repository, folder, new AzuritePorts(ports[0], ports[1], ports[2]));
        using var azurite = Process.Start(new ProcessStartInfo(start.FileName, start.Arguments)
        {
            WorkingDirectory = start.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        Assert.Equal("ready", await azurite.StandardOutput.ReadLineAsync().WaitAsync(Patience));

        // What the end of a process does to its side of the pipes.
        azurite.StandardOutput.Dispose();
        azurite.StandardError.Dispose();
        azurite.StandardInput.Dispose();
        await azurite.WaitForExitAsync().WaitAsync(Patience);
        Assert.Equal(0, azurite.ExitCode);
    }
}
