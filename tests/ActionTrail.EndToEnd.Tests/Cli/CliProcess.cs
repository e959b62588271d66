using System.Diagnostics;
using System.Text;

namespace ActionTrail.EndToEnd.Tests.Cli;

/// <summary>How a run of the program ended.</summary>
internal sealed record CliResult(int ExitCode, string Output, string Errors)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>The command line as a process of its own, killed when the test is done with it.</summary>
internal sealed class CliProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Process process;
    private readonly Task<string> output;
    private readonly Task<string> errors;

    private CliProcess(Process process)
    {
        this.process = process;
        output = process.StandardOutput.ReadToEndAsync();
        errors = process.StandardError.ReadToEndAsync();
    }

    public Stream Input => process.StandardInput.BaseStream;

    public bool HasExited => process.HasExited;

    public static CliProcess Start(Uri endpoint, string key, params string[] args)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "ActionTrail.Cli.dll"));
        foreach (var arg in args)
            start.ArgumentList.Add(arg);
        start.Environment["ACTIONTRAIL_ENDPOINT"] = endpoint.AbsoluteUri;
        start.Environment["ACTIONTRAIL_KEY"] = key;
        start.Environment.Remove("ACTIONTRAIL_EVENTHUB");
        return new CliProcess(Process.Start(start)!);
    }

    public static async Task<CliResult> RunAsync(Uri endpoint, string key, byte[]? input, params string[] args)
    {
        using var cli = Start(endpoint, key, args);
        if (input is not null)
            await cli.Input.WriteAsync(input);
        cli.Input.Close();
        return await cli.WaitAsync();
    }

    public async Task<CliResult> WaitAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(patience.Token);
        return new CliResult(process.ExitCode, await output, await errors);
    }

    /// <summary>Most memory that the process had in RAM so far.</summary>
    public long PeakBytes()
    {
        process.Refresh();
        return process.PeakWorkingSet64;
    }

    public void Kill() => process.Kill();

    /// <summary>SIGTERM, which ends the program as Ctrl+C does. SIGINT itself is ignored by every child of a shell's background job.</summary>
    public async Task InterruptAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.Dispose();
    }
}
