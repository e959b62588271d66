using System.Security.Cryptography;
using ActionTrail.Azure;
using ActionTrail.LocalRunner.Demo;
using ActionTrail.LocalRunner.Options;
using ActionTrail.LocalRunner.Processes;
using ActionTrail.LocalRunner.Triggers;
using ActionTrail.LocalRunner.Triggers.EventHub;
using ActionTrail.LocalRunner.Triggers.Timers;

namespace ActionTrail.LocalRunner.Hosting;

/// <summary>The tour of <c>--demo</c>; returns the exit code.</summary>
internal delegate Task<int> DemoTourRunner(DemoContext context, CancellationToken cancellationToken);

/// <summary>
/// One run from start to stop:
/// 1. take the data folder and the ports, end what an earlier runner left; 2. Azurite and the event hub (or the bridge to another one); 3. the HTTP face, the handler, the
/// triggers; 4. the demo, if asked for; 5. wait. An Azurite that dies takes the handler with it: both are started again and the last seconds are
/// delivered again before anything new. 6. Stop in the opposite order, and note that the stop was clean.
/// </summary>
internal sealed class LocalRun : IAsyncDisposable
{
    private const int HubPartitions = 4;

    private static readonly TimeSpan LeftoverPatience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan OtherHubPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan StopGrace = TimeSpan.FromMilliseconds(300);

    private readonly RunnerOptions options;
    private readonly DemoTourRunner demo;
    private readonly RunnerOutput output;
    private readonly TimeProvider clock;
    private readonly DataFolder data;
    private readonly ChildLedger ledger;
    private readonly RunSetup setup;
    private readonly HttpClient handlerClient;
    private readonly HttpClient hubClient;
    private readonly HttpMessageInvoker forwardingClient = new(HttpForwarder.CreateTransport());
    private readonly HandlerProcess handler;
    private readonly TriggerSet triggers;
    private bool startedUnclean;
    private WebApplication? face;
    private ToolProcess? azurite;
    private ToolProcess? hub;

    private LocalRun(RunnerOptions options, DemoTourRunner demo, RunnerOutput output, TimeProvider clock, DataFolder data, ChildLedger ledger, RunSetup setup)
    {
        (this.options, this.demo, this.output, this.clock, this.data, this.ledger, this.setup) = (options, demo, output, clock, data, ledger, setup);
        handlerClient = new HttpClient(HttpForwarder.CreateTransport()) { Timeout = Timeout.InfiniteTimeSpan };
        hubClient = new HttpClient(HttpForwarder.CreateTransport()) { Timeout = Timeout.InfiniteTimeSpan, BaseAddress = setup.HubAddress };
        var sources = new TriggerSources(clock, RandomId, new Random());
        handler = new HandlerProcess(port => setup.Launch.Start(setup.Host, setup.Settings, port, RandomId()), setup.Host.InitializationTimeout, ledger, handlerClient, clock, output);
        var backends = new TriggerBackends(
            new HubReceiver(hubClient),
            (trigger, partition) => new CheckpointFile(data.Checkpoint(trigger.EventHubName, trigger.ConsumerGroup, partition)),
            connection => StorageConnection.FromConnectionString(connection).CreateWorkQueue(),
            new BlobTimerStatusStore(StorageConnection.FromConnectionString(setup.StorageConnection).CreateBlobServiceClient(), setup.HostId),
            new HandlerInvoker(handlerClient, handler, setup.Host.FunctionTimeout, clock, output));
        triggers = new TriggerSet(setup.Functions, setup.Host, backends, sources, output);
    }

    /// <summary>Runs until <paramref name="cancellationToken"/> is cancelled, the demo is over, or nothing can go on. Returns the exit code.</summary>
    /// <param name="options">What the command line asked for.</param>
    /// <param name="demo">The tour of <c>--demo</c>; its result is the exit code with <c>--exit</c>.</param>
    /// <param name="output">The terminal.</param>
    /// <param name="clock">Time.</param>
    /// <param name="cancellationToken">Stops the run, in order.</param>
    public static async Task<int> RunAsync(RunnerOptions options, DemoTourRunner demo, RunnerOutput output, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var folder = DataFolder.Open(options.DataFolder);
        var children = new ChildLedger(folder.Children);
        await children.EndLeftoversAsync(LeftoverPatience, clock, output, cancellationToken);
        var prepared = RunSetup.Prepare(options, folder, output);
        await NodeTool.CheckAsync(cancellationToken);
        foreach (var tool in LocalTools.Folders(prepared.OtherHub is not null))
        {
            await NodeTool.InstallAsync(Path.Combine(prepared.Repository, tool), output, clock, cancellationToken);
        }

        await using var run = new LocalRun(options, demo, output, clock, folder, children, prepared);
        try
        {
            return await run.StartAndWaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return 0;
        }
        finally
        {
            await run.StopAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await triggers.DisposeAsync();
        await handler.DisposeAsync();
        handlerClient.Dispose();
        hubClient.Dispose();
        forwardingClient.Dispose();
        azurite?.Dispose();
        hub?.Dispose();
    }

    private async Task<int> StartAndWaitAsync(CancellationToken cancellationToken)
    {
        var unclean = startedUnclean = data.BeginRun();
        if (unclean)
        {
            output.Say("the last run did not end cleanly; its last seconds are delivered again");
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        hub = await StartHubAsync(OtherHubPatience, cancellationToken);
        var keepHub = KeepHubAsync(ending.Token);
        var admin = new AdminApi(setup.OperatorKey, triggers.RunByHand, () => handler.Address is not null);
        face = await HttpFace.StartAsync(setup.HttpPort, setup.Host.RoutePrefix, setup.Functions, admin, new HttpForwarder(forwardingClient, handler, RandomId), cancellationToken);
        Task<int>? tour = null;
        try
        {
            while (true)
            {
                azurite = await ToolProcess.StartAsync(LocalTools.Azurite(setup.Repository, data.Azurite, setup.AzuritePorts), ledger, output, cancellationToken);
                output.Detail($"azurite is ready (process {azurite.Id})");
                handler.Start();
                await Task.WhenAny(handler.WaitReadyAsync(cancellationToken), handler.GaveUp, azurite.Exited);
                if (!handler.GaveUp.IsCompleted && !azurite.Exited.IsCompleted)
                {
                    var repair = new StoreRepair(handlerClient, handler, setup.OperatorKey, clock, output);
                    await triggers.StartAsync(unclean ? repair.RunAsync : null, cancellationToken);
                    if (tour is null)
                    {
                        setup.Announce(output, await MakeContainerAsync(cancellationToken));
                        tour = options.Demo ? RunTourAsync(ending.Token) : Task.Delay(Timeout.InfiniteTimeSpan, clock, ending.Token).ContinueWith(_ => 0, TaskScheduler.Default);
                    }
                }

                var watch = triggers.WatchAsync();
                var first = await Task.WhenAny([azurite.Exited, handler.GaveUp, watch, keepHub, .. tour is null ? [] : new Task[] { tour }]);
                cancellationToken.ThrowIfCancellationRequested();
                if (first == handler.GaveUp)
                {
                    // Ctrl+C reaches the children too, and some end with 0 then.
                    await Task.Delay(StopGrace, clock, cancellationToken);
                    throw new RunnerException(await handler.GaveUp);
                }

                if (first != azurite.Exited)
                {
                    await first;
                    return tour is { IsCompleted: true } ? await tour : 1;
                }

                // The same moment for our own signal before it is called a crash.
                await Task.Delay(StopGrace, clock, cancellationToken);
                output.Warn($"azurite ended (exit code {await azurite.Exited}) and forgot its last seconds; it and the handler are started again");
                await triggers.StopAsync();
                await handler.StopAsync();
                azurite.Dispose();
                azurite = null;
                unclean = true;
            }
        }
        finally
        {
            await ending.CancelAsync();
            await keepHub.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<Uri?> MakeContainerAsync(CancellationToken cancellationToken)
    {
        if (options.Container is not { } name)
        {
            return null;
        }

        var address = await ReadableContainer.CreateAsync(setup.StorageConnection, name, clock.GetUtcNow(), cancellationToken);
        data.KeepSecret("container-address", address.AbsoluteUri);
        return address;
    }

    private async Task<int> RunTourAsync(CancellationToken cancellationToken)
    {
        var exitCode = await demo(setup.Demo(options, output.Writer, clock), cancellationToken);
        if (options.ExitAfterDemo)
        {
            output.LeaveLastLineToTour();
        }
        else
        {
            cancellationToken.ThrowIfCancellationRequested();
            output.Say("the tour is over; everything keeps running until Ctrl+C");
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, cancellationToken);
        }

        return exitCode;
    }

    /// <summary>The hub or the bridge. Another hub that is away longer than <paramref name="patience"/> (null: however long) ends the run.</summary>
    private Task<ToolProcess> StartHubAsync(TimeSpan? patience, CancellationToken cancellationToken) => ToolProcess.StartAsync(
        setup.OtherHub is { } other
            ? LocalTools.Bridge(setup.Repository, setup.HubAddress.Port, other, setup.ConsumerGroup, patience)
            : LocalTools.EventHub(setup.Repository, data.EventHubs, setup.HubAddress.Port, setup.AmqpPort, setup.EventHubName, setup.ConsumerGroup, HubPartitions, setup.EventHubKeyName, setup.EventHubKey), ledger, output, cancellationToken);

    /// <summary>The hub's log is durable, and the bridge has none: when it ends by itself it is started again, and nothing else has to happen.</summary>
    private async Task KeepHubAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var exitCode = await hub!.Exited.WaitAsync(cancellationToken);
            await Task.Delay(StopGrace, clock, cancellationToken);
            output.Warn($"the {(setup.OtherHub is null ? "event hub" : "bridge to the event hub")} ended (exit code {exitCode}) and is started again");
            hub.Dispose();
            hub = null;
            hub = await StartHubAsync(patience: null, cancellationToken);
        }
    }

    private async Task StopAsync()
    {
        output.Say("stopping");
        if (face is not null)
        {
            using var atOnce = new CancellationTokenSource(TimeSpan.FromSeconds(1), clock);
            await face.StopAsync(atOnce.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await face.DisposeAsync();
        }

        await triggers.StopAsync();
        await handler.StopAsync();
        var hubStopped = hub?.StopAsync(StopPatience, clock) ?? Task.FromResult(true);
        var saved = azurite is null ? !startedUnclean : await azurite.StopAsync(StopPatience, clock);
        await hubStopped;
        if (saved)
        {
            data.EndRun();
            output.Say("stopped");
        }
        else
        {
            output.Warn("azurite was not stopped cleanly; the next run delivers the last seconds again");
        }
    }

    private static Guid RandomId() => new(RandomNumberGenerator.GetBytes(16));
}
