using ActionTrail.LocalRunner.Options;
using ActionTrail.LocalRunner.Processes;

namespace ActionTrail.EndToEnd.Tests.HostContract;

/// <summary>Real processes, each a line of Node.</summary>
public sealed class ToolProcessTests : IDisposable
{
    private const string DiesAtFirst = "const fs=require('fs');if(!fs.existsSync('second')){fs.writeFileSync('second','');process.kill(process.pid,'SIGKILL')}console.log('ready');process.stdin.resume()";
    private readonly string folder = Directory.CreateTempSubdirectory("tool").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_tool_that_is_killed_while_it_starts_is_started_again()
    {
        var shown = new StringWriter();
        using var tool = await StartAsync(DiesAtFirst, TextWriter.Synchronized(shown));
        Assert.True(await tool.StopAsync(TimeSpan.FromSeconds(20), TimeProvider.System));
        Assert.Contains("killed while it started (exit code 137)", shown.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_that_is_killed_every_time_is_given_up() =>
        Assert.Contains("exit code 137", (await Assert.ThrowsAsync<RunnerException>(() => StartAsync("process.kill(process.pid,'SIGKILL')"))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_tool_that_ends_by_itself_is_not_started_again()
    {
        var error = await Assert.ThrowsAsync<RunnerException>(() => StartAsync("require('fs').writeFileSync('once','',{flag:'wx'});console.error('no port');process.exit(1)"));
        Assert.Contains("exit code 1):\nno port", error.Message, StringComparison.Ordinal);
    }

    private Task<ToolProcess> StartAsync(string script, TextWriter? shown = null) =>
        ToolProcess.StartAsync(new ChildStart("tool", "node", ["-e", script], folder), new ChildLedger(Path.Combine(folder, "children")), Bench.Output(shown), default);
}
