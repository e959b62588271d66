using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ActionTrail.Generator;
using ActionTrail.LocalRunner.Hosting;
using ActionTrail.LocalRunner.Options;
using ActionTrail.LocalRunner.Processes;

namespace ActionTrail.EndToEnd.Tests.NothingLost;

/// <summary>A process that a runner started, as its ledger names it.</summary>
internal readonly record struct Child(int ProcessId, string Start, string Name)
{
    public bool IsAlive => ProcessStart.Of(ProcessId) == Start;
}

/// <summary>
/// The local runner as a process of its own, with ports, data folder and operator key that stay the same over restarts. Remembers every child
/// that its ledger ever showed, and what it printed (<c>ACTIONTRAIL_KEEP</c> names a file for that).
/// </summary>
internal sealed class RunnerUnderTest : IAsyncDisposable
{
    public const string OperatorKey = "operator-of-the-nothing-lost-test";

    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly string folder = Directory.CreateTempSubdirectory("nothing-lost").FullName;
    private readonly ConcurrentDictionary<Child, bool> seen = new();
    private readonly ConcurrentQueue<string> lines = new();
    private readonly CancellationTokenSource watching = new();
    private readonly int[] ports = FreePorts(5);
    private readonly Task watch;
    private volatile bool restarting = true;
    private Process? process;
    private TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RunnerUnderTest() => watch = WatchAsync();

    /// <summary>Length of a digest's interval, of which one is sealed every few seconds; null: none is sealed.</summary>
    public string? DigestInterval { get; init; }

    /// <summary>The key that signs digests.</summary>
    public string SigningKeys => Path.Combine(Data, "signing-keys.pem");

    /// <summary>Connection string of a hub to read instead of a local one.</summary>
    public string? OtherHub { get; init; }

    /// <summary>A script root to run instead of the handler built beside the tests.</summary>
    public string? ScriptRoot { get; init; }

    /// <summary>A container for trails, made at the start.</summary>
    public string? Container { get; init; }

    /// <summary>Settings beside the usual ones, and instead of them.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Where the runner keeps what it keeps.</summary>
    public string Data => Path.Combine(folder, "data");

    public Uri Api => new($"http://127.0.0.1:{ports[0]}/");

    /// <summary>The send face of the local event hub, with the names and keys of the settings.</summary>
    public EventHubEndpoint EventHub
    {
        get
        {
            var repository = HandlerLaunch.RepositoryAbove(AppContext.BaseDirectory);
            var settings = AppSettings.Load(Path.Combine(repository, "local.settings.json"), Path.Combine(repository, "local.settings.json.example"));
            var hub = EventHubConnection.Parse(settings["EventHubConnection"] ?? "");
            return new EventHubEndpoint(new Uri($"http://127.0.0.1:{ports[1]}/"), settings["EventHubName"]!, hub.KeyName, hub.Key);
        }
    }

    public string StorageConnection => LocalTools.AzuriteConnection(AzuritePorts);

    /// <summary>Everything the runners printed, each line with its time.</summary>
    public IReadOnlyCollection<string> Lines => lines;

    /// <summary>When a runner killed an Azurite that an earlier one had left behind and that did not end in time.</summary>
    public ConcurrentQueue<DateTimeOffset> LeftoversKilled { get; } = new();

    /// <summary>Every child that any of the runners had.</summary>
    public ICollection<Child> Children => seen.Keys;

    private AzuritePorts AzuritePorts => new(ports[2], ports[3], ports[4]);

    public void Start()
    {
        ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet")
        {
            ArgumentList =
            {
                Path.Combine(AppContext.BaseDirectory, "ActionTrail.LocalRunner.dll"),
                "--http-port", Text(ports[0]), "--eventhub-http-port", Text(ports[1]), "--azurite-ports", AzuritePorts.ToString(),
                "--data", Data, "--operator-key", OperatorKey, "--verbose",
            },
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };

        foreach (var argument in OtherHub is null ? ["--amqp-port", "0"] : new[] { "--event-hub", "env:OTHER_HUB" })
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (option, value) in new[] { ("--handler", ScriptRoot), ("--container", Container) })
        {
            if (value is not null)
            {
                start.ArgumentList.Add(option);
                start.ArgumentList.Add(value);
            }
        }

        start.Environment["OTHER_HUB"] = OtherHub;

        // Quick deliveries; the settling time stays the runner's own, which is longer than what Azurite may forget.
        start.Environment["ActionTrail__DeliveryWindow"] = "00:00:05";
        start.Environment["ActionTrail__CompactionDelay"] = "00:00:00";
        start.Environment["CompactSegmentsCron"] = "*/5 * * * * *";
        start.Environment["SealCheckpointsCron"] = "*/5 * * * * *";
        start.Environment["ActionTrail__DeliveryRequeue"] = "00:00:15";

        // Tests that read all objects of a container do not expect any; one that does sets it.
        start.Environment["ActionTrail__DigestInterval"] = DigestInterval ?? "1.00:00:00";
        if (DigestInterval is not null)
        {
            start.Environment["ActionTrail__DigestSettle"] = "00:00:02";
            start.Environment["SealDigestsCron"] = "*/2 * * * * *";
        }

        foreach (var (name, value) in Settings)
        {
            start.Environment[name] = value;
        }

        process = new Process { StartInfo = start, EnableRaisingEvents = true };
        var started = ready;
        process.OutputDataReceived += (_, line) => Keep(line.Data, started);
        process.ErrorDataReceived += (_, line) => Keep(line.Data, started);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        restarting = false;
    }

    /// <summary>Waits until the runner says that it is ready.</summary>
    public async Task WaitReadyAsync()
    {
        await Task.WhenAny(ready.Task, Task.Delay(StartPatience));
        Assert.True(ready.Task.IsCompleted, "The runner did not become ready:\n" + Tail());
    }

    /// <summary>Makes an account and an administrator's access key for it; calls of the client are signed in with that key.</summary>
    public async Task<ApiClient> IssueAsync(HttpClient http, string account)
    {
        var operators = new ApiClient(http, Api, "operator", OperatorKey);
        await operators.CallAsync(HttpMethod.Post, "v1/accounts", $$"""{"accountId":"{{account}}"}""", HttpStatusCode.Created);
        var key = await operators.CallAsync(HttpMethod.Post, $"v1/accounts/{account}/access-keys", """{"role":"Administrator"}""", HttpStatusCode.Created);
        return new ApiClient(http, Api, key.GetProperty("accessKeyId").GetString()!, key.GetProperty("secret").GetString()!);
    }

    /// <summary>SIGKILL to one of the runner's children, waited for while it is being started again. Returns the time right after.</summary>
    public async Task<DateTimeOffset> KillChildAsync(string name)
    {
        await SignalChildAsync("-KILL", name);
        return DateTimeOffset.UtcNow;
    }

    /// <summary>SIGTERM to one of the runner's children, which is started again.</summary>
    public Task StopChildAsync(string name) => SignalChildAsync("-TERM", name);

    /// <summary>SIGSTOP to one of the runner's children, and SIGCONT after <paramref name="pause"/>.</summary>
    public async Task PauseChildAsync(string name, TimeSpan pause)
    {
        var victim = await SignalChildAsync("-STOP", name);
        await Task.Delay(pause);
        await SignalAsync("-CONT", victim.ProcessId);
        Keep($"TEST: {name} goes on (process {victim.ProcessId})", ready);
    }

    /// <summary>SIGKILL to the runner itself, and a new one in its place.</summary>
    public async Task KillAndStartAgainAsync(TimeSpan pause)
    {
        restarting = true;
        Remember();
        await SignalAsync("-KILL", process!.Id);
        Keep($"TEST: killed the runner (process {process.Id})", ready);
        await process.WaitForExitAsync();
        process.Dispose();
        await Task.Delay(pause);
        Start();
    }

    /// <summary>SIGTERM; the exit code.</summary>
    public async Task<int> StopAsync()
    {
        Remember();
        restarting = true;
        await SignalAsync("-TERM", process!.Id);
        using var patience = new CancellationTokenSource(StopPatience);
        await process.WaitForExitAsync(patience.Token);
        await watching.CancelAsync();
        await watch;
        return process.ExitCode;
    }

    /// <summary>The last lines, for the message of a failed test.</summary>
    public string Tail() => string.Join('\n', lines.TakeLast(60));

    public void FailIfGone() => Assert.False(!restarting && process!.HasExited, "The runner ended by itself:\n" + Tail());

    public async ValueTask DisposeAsync()
    {
        if (!watching.IsCancellationRequested)
        {
            // The test failed: leave nothing behind either.
            restarting = true;
            Remember();
            if (process is { HasExited: false })
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync();
            }

            await watching.CancelAsync();
            await watch;
        }

        foreach (var child in seen.Keys.Where(child => child.IsAlive))
        {
            await SignalAsync("-KILL", child.ProcessId);
        }

        process?.Dispose();
        watching.Dispose();
        if (Environment.GetEnvironmentVariable("ACTIONTRAIL_KEEP") is { Length: > 0 } keep)
        {
            await File.WriteAllLinesAsync(keep, lines);
        }

        Directory.Delete(folder, recursive: true);
    }

    private async Task WatchAsync()
    {
        while (!watching.IsCancellationRequested)
        {
            Remember();
            await Task.Delay(Tick, watching.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Remember()
    {
        foreach (var child in ReadLedger())
        {
            seen.TryAdd(child, true);
        }
    }

    private List<Child> ReadLedger()
    {
        try
        {
            return
            [
                .. File.ReadAllLines(Path.Combine(Data, "children")).Select(line => line.Split(' ', 3)).Where(parts => parts.Length == 3)
                    .Select(parts => new Child(int.Parse(parts[0], CultureInfo.InvariantCulture), parts[1], parts[2])),
            ];
        }
        catch (IOException)
        {
            // None yet, or being replaced.
            return [];
        }
    }

    private void Keep(string? line, TaskCompletionSource started)
    {
        if (line is null)
        {
            return;
        }

        var now = DateTimeOffset.UtcNow;
        lines.Enqueue(now.ToString("HH:mm:ss.fff ", CultureInfo.InvariantCulture) + line);
        if (line.Contains("killing azurite", StringComparison.Ordinal))
        {
            LeftoversKilled.Enqueue(now);
        }

        if (line.Contains("ready; Ctrl+C stops", StringComparison.Ordinal))
        {
            started.TrySetResult();
        }
    }

    private async Task<Child> SignalChildAsync(string signal, string name)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            if (ReadLedger().Where(child => child.Name == name && child.IsAlive).Select(child => (Child?)child).LastOrDefault() is { } victim)
            {
                await SignalAsync(signal, victim.ProcessId);
                Keep($"TEST: SIG{signal[1..]} to {name} (process {victim.ProcessId})", ready);
                return victim;
            }

            Assert.True(Stopwatch.GetElapsedTime(began) < StartPatience, $"There was no {name} to hit:\n{Tail()}");
            FailIfGone();
            await Task.Delay(Tick);
        }
    }

    private static async Task SignalAsync(string signal, int processId)
    {
        using var kill = Process.Start("kill", [signal, Text(processId)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Below the range that systems take the ports of outgoing connections from: they must be free again at every restart.</summary>
    public static int[] FreePorts(int count)
    {
        var found = new HashSet<int>();
        while (found.Count < count)
        {
            var port = Random.Shared.Next(15_000, 32_000);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                found.Add(port);
            }
            catch (SocketException)
            {
                // Taken; the next one.
            }
        }

        return [.. found];
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
