using System.Runtime.InteropServices;
using ActionTrail.LocalRunner.Demo;
using ActionTrail.LocalRunner.Hosting;
using ActionTrail.LocalRunner.Options;
using ActionTrail.LocalRunner.Processes;

var command = RunnerCommand.Create(async (options, cancellationToken) =>
{
    var output = new RunnerOutput(Console.Out, options.Verbose);
    using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
    var orphaned = StopWithDotnetRunAsync();
    try
    {
        return await LocalRun.RunAsync(options, DemoTour.RunAsync, output, TimeProvider.System, stop.Token);
    }
    catch (RunnerException e)
    {
        await Console.Error.WriteLineAsync("error: " + e.Message);
        return 1;
    }
    catch (OperationCanceledException) when (stop.IsCancellationRequested)
    {
        return 0;
    }
    finally
    {
        await stop.CancelAsync();
        await orphaned.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    async Task StopWithDotnetRunAsync()
    {
        await DotnetRun.WaitUntilGoneAsync(TimeProvider.System, stop.Token);
        await stop.CancelAsync();
    }

    void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        stop.Cancel();
    }
});

// Signals are ours: the command line's own handling would end the process after two seconds, in the middle of Azurite's saving.
return await command.Parse(args).InvokeAsync(new System.CommandLine.InvocationConfiguration { ProcessTerminationTimeout = null });
