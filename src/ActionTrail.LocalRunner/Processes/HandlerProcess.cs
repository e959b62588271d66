using System.Net.Sockets;
using ActionTrail.LocalRunner.Hosting;
using ActionTrail.LocalRunner.Options;
using ActionTrail.LocalRunner.Triggers;

namespace ActionTrail.LocalRunner.Processes;

/// <summary>
/// Keeps one handler process running, by the host's rules where they make sense here: ready when it answers anything on <c>GET /</c>; killed with
/// SIGKILL; exit code 200 and a functionTimeout restart it at once; exit code 0 ends everything, because the host never restarts it. Unlike the
/// host, which shuts down at the third crash, the runner goes on with growing pauses.
/// </summary>
internal sealed class HandlerProcess(Func<int, ChildStart> launch, TimeSpan initializationTimeout, ChildLedger ledger, HttpClient client, TimeProvider clock, RunnerOutput output) : IHandlerEndpoint, IAsyncDisposable
{
    private const int IntentionalRestart = 200;
    private const int HostGivesUpAt = 3;

    private static readonly TimeSpan ProbePause = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CrashMemory = TimeSpan.FromMinutes(30);

    private readonly TaskCompletionSource<string> gaveUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource<Uri> ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ChildProcess? current;
    private volatile bool expectedKill;
    private CancellationTokenSource? stopping;
    private Task loop = Task.CompletedTask;

    /// <summary>Completes with the reason when the handler will not be started again.</summary>
    public Task<string> GaveUp => gaveUp.Task;

    /// <summary>The running process; null between two.</summary>
    public int? ProcessId => current?.Id;

    public Uri? Address => ready.Task is { IsCompletedSuccessfully: true } task ? task.GetAwaiter().GetResult() : null;

    public Task<Uri> WaitReadyAsync(CancellationToken cancellationToken) => ready.Task.WaitAsync(cancellationToken);

    public void Start()
    {
        stopping = new CancellationTokenSource();
        loop = KeepOrGiveUpAsync(stopping.Token);
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    /// <summary>Kills the process and starts no other; <see cref="Start"/> may follow.</summary>
    public async Task StopAsync()
    {
        if (stopping is not null)
        {
            await stopping.CancelAsync();
            current?.Kill();
            await loop;
            stopping.Dispose();
            stopping = null;
        }
    }

    public void KillAfterTimeout(string functionName)
    {
        output.Warn($"{functionName} ran longer than functionTimeout: the handler is killed with everything it was doing, as the host does");
        expectedKill = true;
        current?.Kill();
    }

    private async Task KeepOrGiveUpAsync(CancellationToken cancellationToken)
    {
        try
        {
            await KeepAsync(cancellationToken);
        }
        catch (RunnerException e)
        {
            gaveUp.TrySetResult(e.Message);
        }
    }

    private async Task KeepAsync(CancellationToken cancellationToken)
    {
        var crashes = new Queue<long>();
        while (!cancellationToken.IsCancellationRequested)
        {
            expectedKill = false;
            var exitCode = await RunOnceAsync(cancellationToken);
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            if (exitCode == 0)
            {
                gaveUp.TrySetResult("The handler ended with exit code 0. The Functions host never restarts it then and fails every call; a handler that cannot go on must end with another code.");
                return;
            }

            if (expectedKill || exitCode == IntentionalRestart)
            {
                output.Say($"the handler ended ({exitCode}) and is started again");
                continue;
            }

            while (crashes.TryPeek(out var oldest) && clock.GetElapsedTime(oldest) > CrashMemory)
            {
                crashes.Dequeue();
            }

            crashes.Enqueue(clock.GetTimestamp());
            var pause = crashes.Count < HostGivesUpAt ? TimeSpan.Zero : Min(FirstPause * Math.Pow(2, Math.Min(crashes.Count - HostGivesUpAt, 10)), LongestPause);
            output.Warn(crashes.Count < HostGivesUpAt
                ? $"the handler crashed (exit code {exitCode}) and is started again"
                : $"the handler crashed (exit code {exitCode}), {crashes.Count} times within 30 minutes; the Functions host would shut down at the third, the runner starts it again in {pause.TotalSeconds:0.#} s");
            await Task.Delay(pause, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        var port = Ports.Take(0, "the handler's port");
        using var child = ChildProcess.Start(launch(port), ledger, (line, fromErrors) => output.Relay(fromErrors ? "handler:err" : "handler", line));
        current = child;
        try
        {
            if (cancellationToken.IsCancellationRequested)
            {
                child.Kill();
            }
            else if (await AnswersAsync(new Uri($"http://127.0.0.1:{port}/"), child, cancellationToken))
            {
                ready.TrySetResult(new Uri($"http://127.0.0.1:{port}/"));
            }

            return await child.Exited;
        }
        finally
        {
            current = null;
            if (ready.Task.IsCompleted)
            {
                ready = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    /// <summary>Any HTTP answer counts. False when it ended, or was killed for not answering in time.</summary>
    private async Task<bool> AnswersAsync(Uri address, ChildProcess child, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        while (!child.Exited.IsCompleted && !cancellationToken.IsCancellationRequested)
        {
            try
            {
                using var answer = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                return true;
            }
            catch (HttpRequestException e) when (e.InnerException is not SocketException)
            {
                return true;
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                await Task.Delay(ProbePause, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (clock.GetElapsedTime(began) > initializationTimeout)
            {
                output.Warn($"the handler does not answer within initializationTimeout ({initializationTimeout}) and is killed");
                child.Kill();
                return false;
            }
        }

        return false;
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
