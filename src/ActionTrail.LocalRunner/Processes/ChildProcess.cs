using System.Diagnostics;
using ActionTrail.LocalRunner.Options;

namespace ActionTrail.LocalRunner.Processes;

/// <summary>What to start.</summary>
internal sealed record ChildStart(string Name, string FileName, IReadOnlyList<string> Arguments, string WorkingDirectory)
{
    /// <summary>Laid over the runner's own environment, which the child gets too.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

/// <summary>
/// A process of ours. Its stdin is a pipe that we hold: when the runner dies, in whatever way, the pipe ends and the child stops by itself.
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process process;
    private readonly ChildLedger ledger;

    private ChildProcess(string name, Process process, ChildLedger ledger)
    {
        Name = name;
        this.process = process;
        this.ledger = ledger;
        Exited = WaitAsync();
    }

    public string Name { get; }

    public int Id => process.Id;

    /// <summary>Completes with the exit code, after the last line was handed on; 128 + signal when it was killed.</summary>
    public Task<int> Exited { get; }

    /// <summary>Starts the process; every line of its output goes to <paramref name="onLine"/> (second argument: true for stderr).</summary>
    public static ChildProcess Start(ChildStart start, ChildLedger ledger, Action<string, bool> onLine)
    {
        var settings = new ProcessStartInfo(start.FileName, start.Arguments)
        {
            WorkingDirectory = start.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in start.Environment)
        {
            settings.Environment[name] = value;
        }

        var started = new Process { StartInfo = settings };
        started.OutputDataReceived += (_, line) => Hand(line.Data, fromErrors: false);
        started.ErrorDataReceived += (_, line) => Hand(line.Data, fromErrors: true);
        try
        {
            started.Start();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            started.Dispose();
            throw new RunnerException($"{start.Name} could not be started: {start.FileName}: {e.Message}", e);
        }

        var child = new ChildProcess(start.Name, started, ledger);
        ledger.Add(start.Name, started.Id);
        started.BeginOutputReadLine();
        started.BeginErrorReadLine();
        return child;

        void Hand(string? line, bool fromErrors)
        {
            if (line is not null)
            {
                onLine(line, fromErrors);
            }
        }
    }

    /// <summary>SIGKILL, as the host does with handlers.</summary>
    public void Kill()
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It ended by itself in the meantime.
        }
    }

    /// <summary>Ends its stdin, waits for it, and kills it when it takes longer than <paramref name="patience"/>. True when it ended by itself with 0.</summary>
    public async Task<bool> StopAsync(TimeSpan patience, TimeProvider clock)
    {
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The other end is closed already: it is ending.
        }

        try
        {
            return await Exited.WaitAsync(patience, clock) == 0;
        }
        catch (TimeoutException)
        {
            Kill();
            await Exited;
            return false;
        }
    }

    public void Dispose() => process.Dispose();

    private async Task<int> WaitAsync()
    {
        // Waits for the streams, too, so that no line is lost.
        await process.WaitForExitAsync();
        ledger.Remove(process.Id);
        return process.ExitCode;
    }
}
