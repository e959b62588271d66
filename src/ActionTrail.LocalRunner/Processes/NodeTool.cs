using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ActionTrail.LocalRunner.Hosting;
using ActionTrail.LocalRunner.Options;

namespace ActionTrail.LocalRunner.Processes;

/// <summary>Node and the packages of a tool folder.</summary>
internal static class NodeTool
{
    private const int OldestMajor = 20;

    /// <summary>Throws a <see cref="RunnerException"/> that says what to install when Node is missing or too old.</summary>
    public static async Task CheckAsync(CancellationToken cancellationToken)
    {
        var (exitCode, text) = await RunAsync("node", ["--version"], Environment.CurrentDirectory, _ => { }, cancellationToken);
        var version = text.Trim().TrimStart('v');
        if (exitCode != 0 || !int.TryParse(version.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) || major < OldestMajor)
        {
            throw new RunnerException($"Node.js {OldestMajor} or newer is needed for Azurite and the local event hub; 'node --version' says '{text.Trim()}'. Install it from https://nodejs.org.");
        }
    }

    /// <summary>Runs <c>npm ci</c> in a folder whose packages are missing or belong to another lock file.</summary>
    public static async Task InstallAsync(string folder, RunnerOutput output, TimeProvider clock, CancellationToken cancellationToken)
    {
        var wanted = await File.ReadAllTextAsync(Path.Combine(folder, "package-lock.json"), cancellationToken);
        if (!wanted.Contains("\"node_modules/", StringComparison.Ordinal))
        {
            return;
        }

        // Runners and test projects start side by side, and two installations in one folder break each other.
        await using var turn = await TakeTurnAsync(folder, clock, cancellationToken);
        var stamp = Path.Combine(folder, "node_modules", ".installed-lock.json");
        if (File.Exists(stamp) && await File.ReadAllTextAsync(stamp, cancellationToken) == wanted)
        {
            return;
        }

        output.Say($"installing the npm packages of {Path.GetFileName(folder)} (once; npm ci)");
        var began = clock.GetTimestamp();
        using var progress = clock.CreateTimer(
            _ => output.Say($"still installing, {clock.GetElapsedTime(began).TotalSeconds:0} s"), null, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5));
        var (exitCode, text) = await RunAsync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], folder, output.Detail, cancellationToken);
        if (exitCode != 0)
        {
            throw new RunnerException($"npm ci failed in {folder} (exit code {exitCode}):\n{text.Trim()}");
        }

        AtomicFile.WriteText(stamp, wanted);
        output.Say($"installed in {clock.GetElapsedTime(began).TotalSeconds:0} s");
    }

    private static async Task<FileStream> TakeTurnAsync(string folder, TimeProvider clock, CancellationToken cancellationToken)
    {
        var name = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(folder)))[..16];
        var path = Path.Combine(Path.GetTempPath(), $"actiontrail-npm-{name}.lock");
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(250), clock, cancellationToken);
            }
        }
    }

    private static async Task<(int ExitCode, string Text)> RunAsync(string command, string[] arguments, string folder, Action<string> onLine, CancellationToken cancellationToken)
    {
        // On Windows npm is a script that only the command interpreter finds.
        var start = OperatingSystem.IsWindows() ? new ProcessStartInfo("cmd.exe", ["/c", command, .. arguments]) : new ProcessStartInfo(command, arguments);
        start.WorkingDirectory = folder;
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = new Process { StartInfo = start };
        var lines = new List<string>();
        DataReceivedEventHandler keep = (_, line) =>
        {
            if (line.Data is not null)
            {
                lock (lines)
                {
                    lines.Add(line.Data);
                }

                onLine(line.Data);
            }
        };
        process.OutputDataReceived += keep;
        process.ErrorDataReceived += keep;
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new RunnerException($"'{command}' was not found. Node.js {OldestMajor} or newer (with npm) is needed for Azurite and the local event hub; install it from https://nodejs.org.", e);
        }

        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        lock (lines)
        {
            return (process.ExitCode, string.Join('\n', lines));
        }
    }
}
