using ActionTrail.LocalRunner.Hosting;
using ActionTrail.LocalRunner.Options;

namespace ActionTrail.LocalRunner.Processes;

/// <summary>A Node tool that prints a line starting with <c>ready</c> when it serves and ends when its stdin does.</summary>
internal sealed class ToolProcess : IDisposable
{
    private const int KeptLines = 20;
    private const int Tries = 5;

    /// <summary>Exit codes above it: ended by a signal.</summary>
    private const int LargestOwnExitCode = 128;

    private readonly ChildProcess child;

    private ToolProcess(ChildProcess child) => this.child = child;

    /// <summary>Completes with the exit code.</summary>
    public Task<int> Exited => child.Exited;

    public int Id => child.Id;

    /// <summary>
    /// Starts the tool and waits until it is ready; a <see cref="RunnerException"/> carries its last lines when it ends before. One that is
    /// killed meanwhile is started again, five times at most in all.
    /// </summary>
    public static async Task<ToolProcess> StartAsync(ChildStart start, ChildLedger ledger, RunnerOutput output, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (tool, exitCode, lines) = await TryStartAsync(start, ledger, output, cancellationToken);
            if (tool is not null)
            {
                return tool;
            }

            if (exitCode <= LargestOwnExitCode || attempt == Tries || cancellationToken.IsCancellationRequested)
            {
                throw new RunnerException($"{start.Name} did not start (exit code {exitCode}):\n{lines}");
            }

            output.Warn($"{start.Name} was killed while it started (exit code {exitCode}) and is started again");
        }
    }

    /// <inheritdoc cref="ChildProcess.StopAsync"/>
    public Task<bool> StopAsync(TimeSpan patience, TimeProvider clock) => child.StopAsync(patience, clock);

    public void Dispose() => child.Dispose();

    private static async Task<(ToolProcess? Tool, int ExitCode, string Lines)> TryStartAsync(ChildStart start, ChildLedger ledger, RunnerOutput output, CancellationToken cancellationToken)
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var lines = new Queue<string>();
        var started = ChildProcess.Start(start, ledger, (line, fromErrors) =>
        {
            if (!fromErrors && line.StartsWith("ready", StringComparison.Ordinal))
            {
                ready.TrySetResult();
                return;
            }

            lock (lines)
            {
                lines.Enqueue(line);
                if (lines.Count > KeptLines)
                {
                    lines.Dequeue();
                }
            }

            if (output.Verbose)
            {
                output.Relay(start.Name, line);
            }
        });

        try
        {
            await Task.WhenAny(ready.Task, started.Exited).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            started.Kill();
            await started.Exited;
            started.Dispose();
            throw;
        }

        if (ready.Task.IsCompleted)
        {
            return (new ToolProcess(started), 0, "");
        }

        var exitCode = await started.Exited;
        started.Dispose();
        lock (lines)
        {
            return (null, exitCode, string.Join('\n', lines));
        }
    }
}
