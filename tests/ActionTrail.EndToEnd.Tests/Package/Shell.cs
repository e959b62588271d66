using System.Diagnostics;

namespace ActionTrail.EndToEnd.Tests.Package;

/// <summary>A script in one bash, as a person types it.</summary>
internal static class Shell
{
    /// <summary>The exit code, and the output followed by what was written to the error stream.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string script, string folder, TimeSpan patience)
    {
        var start = new ProcessStartInfo("bash", "-s") { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var shell = Process.Start(start)!;
        await shell.StandardInput.WriteAsync(script);
        shell.StandardInput.Close();
        using var until = new CancellationTokenSource(patience);
        try
        {
            var output = shell.StandardOutput.ReadToEndAsync(until.Token);
            var errors = shell.StandardError.ReadToEndAsync(until.Token);
            await shell.WaitForExitAsync(until.Token);
            return (shell.ExitCode, await output + await errors);
        }
        finally
        {
            if (!shell.HasExited)
                shell.Kill(entireProcessTree: true);
        }
    }
}
