using System.Diagnostics;
using System.Globalization;
using ActionTrail.LocalRunner.Hosting;

namespace ActionTrail.LocalRunner.Processes;

/// <summary>
/// The children that run, one line <c>pid start name</c> each, so that a runner finds what a killed one left behind. The start time tells a child
/// from another process that got its number later.
/// </summary>
internal sealed class ChildLedger(string path)
{
    private readonly Lock gate = new();
    private readonly Dictionary<int, string> lines = [];

    public void Add(string name, int processId)
    {
        lock (gate)
        {
            lines[processId] = string.Create(CultureInfo.InvariantCulture, $"{processId} {ProcessStart.Of(processId)} {name}");
            Save();
        }
    }

    public void Remove(int processId)
    {
        lock (gate)
        {
            if (lines.Remove(processId))
            {
                Save();
            }
        }
    }

    /// <summary>
    /// Waits for the children of an earlier runner to end by themselves (Azurite may still be saving), then kills them.
    /// </summary>
    public async Task EndLeftoversAsync(TimeSpan patience, TimeProvider clock, RunnerOutput output, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            return;
        }

        foreach (var line in await File.ReadAllLinesAsync(path, cancellationToken))
        {
            var parts = line.Split(' ', 3);
            if (parts.Length == 3 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var processId) && IsStill(processId, parts[1]))
            {
                await EndAsync(processId, parts[1], parts[2], patience, clock, output, cancellationToken);
            }
        }

        File.Delete(path);
    }

    private static async Task EndAsync(int processId, string start, string name, TimeSpan patience, TimeProvider clock, RunnerOutput output, CancellationToken cancellationToken)
    {
        output.Say($"waiting for {name} (process {processId}) of an earlier runner to end");
        var deadline = clock.GetTimestamp();
        while (IsStill(processId, start) && clock.GetElapsedTime(deadline) < patience)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), clock, cancellationToken);
        }

        if (IsStill(processId, start))
        {
            output.Warn($"killing {name} (process {processId}), left behind by an earlier runner");
            using var process = Process.GetProcessById(processId);
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(cancellationToken);
        }
    }

    private static bool IsStill(int processId, string start) => ProcessStart.Of(processId) == start;

    private void Save() => AtomicFile.WriteText(path, string.Concat(lines.Values.Select(line => line + "\n")));
}
