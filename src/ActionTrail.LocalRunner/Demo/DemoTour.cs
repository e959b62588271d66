using System.Globalization;
using System.Net;
using ActionTrail.Generator;
using ActionTrail.Generator.Formats;
using Azure;
using Azure.Storage.Blobs;

namespace ActionTrail.LocalRunner.Demo;

/// <summary>The way of an event, shown on the running parts: account, keys, trail, events in, lookup, delivered object.</summary>
internal static class DemoTour
{
    private const string Account = "demo";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(170);
    private static readonly TimeSpan Span = TimeSpan.FromDays(1);

    /// <summary>
    /// Runs the tour. Returns the exit code: 0 when all steps went as they must, 1 when one did not (told on the output).
    /// Without <see cref="DemoContext.Exit"/> it goes on publishing a few events a second until it is cancelled.
    /// </summary>
    public static async Task<int> RunAsync(DemoContext context, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Deadline, context.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(60) };
        var step = new StepNote();
        try
        {
            using var generator = NewGenerator(context);
            var sender = new EventHubSender(http, new EventHubEndpoint(context.EventHubAddress, context.EventHubName, context.EventHubKeyName, context.EventHubKey), context.Clock);
            var publisher = new DemoPublisher(sender, generator, context.Output, context.Clock);
            var traffic = new DemoTraffic(sender, context.Formats, context.Clock);
            var summary = await TourAsync(context, http, publisher, traffic, step, either.Token);
            context.Output.WriteLine(summary);
            if (!context.Exit)
                await GoOnAsync(context, publisher, traffic, cancellationToken);
            return 0;
        }
        catch (Exception error) when (error is DemoFailure or HttpRequestException or RequestFailedException)
        {
            context.Output.WriteLine(error is DemoFailure ? $"demo failed: {error.Message}" : $"demo failed: {step.Doing}: expected it to succeed, but {error.Message}");
            return 1;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var why = deadline.IsCancellationRequested ? $"the tour was not done after {Deadline.TotalSeconds:N0} s" : "a call got no answer in 60 s";
            context.Output.WriteLine($"demo failed: {step.Doing}: expected it to end, but {why}");
            return 1;
        }
        catch (OperationCanceledException)
        {
            context.Output.WriteLine($"demo stopped while it was to {step.Doing}");
            return 1;
        }
    }

    private static async Task<string> TourAsync(DemoContext context, HttpClient http, DemoPublisher publisher, DemoTraffic traffic, StepNote step, CancellationToken cancellationToken)
    {
        var (output, clock) = (context.Output, context.Clock);
        var started = clock.GetTimestamp();

        step.Doing = "create the account";
        var caller = new DemoApi(http, context.BaseAddress, "operator", context.OperatorKey, clock);
        await caller.CallAsync(step.Doing, HttpMethod.Post, "v1/accounts", $$"""{"accountId":"{{Account}}","displayName":"Demo"}""", [HttpStatusCode.Created, HttpStatusCode.Conflict], cancellationToken);
        var keys = new DemoKeys(caller, Account);
        await keys.MakeRoomAsync(cancellationToken);
        var administrator = await NewKeyAsync("Administrator");
        var sender = await NewKeyAsync("Publisher");

        step.Doing = "create the trail";
        var container = new BlobContainerClient(context.StorageConnectionString, DemoDelivery.ContainerName);
        var delivery = new DemoDelivery(administrator, container, output, clock);
        await delivery.StartAsync(cancellationToken);
        output.WriteLine($"Trail {DemoDelivery.TrailName} delivers to the container {DemoDelivery.ContainerName}.");

        step.Doing = "publish events";
        output.WriteLine($"Publishing {context.Events:N0} events through the event hub {context.EventHubAddress}{context.EventHubName}");
        var rate = await publisher.PublishAsync(context.Events, cancellationToken);
        var published = clock.GetTimestamp();

        step.Doing = "wait until lookup shows the events";
        var now = clock.GetUtcNow();
        var lookup = new DemoLookup(administrator, now - Span - TimeSpan.FromMinutes(10), now + TimeSpan.FromSeconds(1), output, clock);
        await lookup.WaitForAsync(publisher.LastOfEachRequest, cancellationToken);
        var visible = clock.GetElapsedTime(published);
        await lookup.CountAsync(publisher.Ids, cancellationToken);
        output.WriteLine($"Accepted by the hub at {rate:N0} events/s; all {publisher.Ids.Count:N0} visible {visible.TotalSeconds:N1} s later, each exactly once.");

        step.Doing = "look up events";
        await lookup.PrintSensitiveAsync(cancellationToken);
        var counted = 0;
        if (context.Formats.Count > 0)
            counted = await ShowFormatsAsync();

        step.Doing = "post an event over HTTP";
        await PostOneAsync(sender, lookup, clock.GetUtcNow(), cancellationToken);

        step.Doing = "wait for the first delivered object";
        output.WriteLine("Waiting for the first delivered object ...");
        var (first, objects) = await delivery.ShowFirstObjectAsync(cancellationToken);

        DemoHints.Print(context, administrator, sender, first, clock.GetUtcNow());
        var seconds = clock.GetElapsedTime(started).TotalSeconds;
        return string.Create(CultureInfo.InvariantCulture, $"demo: {publisher.Ids.Count + traffic.Published.Count} events, {lookup.Count + counted} lookups, {objects} objects, {seconds:F0} s");

        async Task<int> ShowFormatsAsync()
        {
            step.Doing = "publish other formats";
            await traffic.PublishAsync(Seed(context), Traffic(context), context.Events, cancellationToken);
            output.WriteLine($"Published {traffic.Published.Count:N0} events more, in {context.Formats.Count} other formats.");
            step.Doing = "find the events of other formats";
            var census = new DemoCensus(account => new DemoApi(http, context.BaseAddress, "operator", context.OperatorKey, clock, account),
                traffic.Published, now - Span - TimeSpan.FromMinutes(10), now + TimeSpan.FromMinutes(10), output, clock);
            await census.FindAllAsync(cancellationToken);
            await census.PrintAsync(cancellationToken);
            return census.Count;
        }

        async Task<DemoApi> NewKeyAsync(string role)
        {
            var (id, secret) = await keys.NewAsync(role, cancellationToken);
            output.WriteLine($"Access key of account {Account}, {role}: {id} {secret}");
            return new DemoApi(http, context.BaseAddress, id, secret, clock);
        }
    }

    // An event that was accepted over HTTP is committed: it must be found at once.
    private static async Task PostOneAsync(DemoApi sender, DemoLookup lookup, DateTimeOffset now, CancellationToken cancellationToken)
    {
        const string Step = "post an event";
        var id = string.Create(CultureInfo.InvariantCulture, $"demo-{now.ToUnixTimeMilliseconds()}");
        var answer = await sender.CallAsync(Step, HttpMethod.Post, "v1/events", DemoHints.EventJson(Account, id, now), [HttpStatusCode.OK], cancellationToken);
        if (!answer.Json.TryGetProperty("accepted", out var accepted) || accepted.GetInt32() != 1)
            throw new DemoFailure(Step, "accepted 1", $"it was {answer.Text}");
        if ((await lookup.GetAsync(id, cancellationToken)).Status != HttpStatusCode.OK)
            throw new DemoFailure(Step, $"the event {id} to be found at once", "it was not");
    }

    private static async Task GoOnAsync(DemoContext context, DemoPublisher publisher, DemoTraffic traffic, CancellationToken cancellationToken)
    {
        context.Output.WriteLine("A few events a second go on being published. Ctrl+C ends everything.");
        try
        {
            while (true)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), context.Clock, cancellationToken);
                await publisher.StreamAsync(5, cancellationToken);
                await traffic.StreamAsync(Seed(context), Traffic(context), cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            context.Output.WriteLine("demo ends");
        }
    }

    // A new seed per run: the events of an earlier run in the same data folder are others.
    private static int Seed(DemoContext context) => (int)(context.Clock.GetUtcNow().ToUnixTimeSeconds() & int.MaxValue);

    private static EventGenerator NewGenerator(DemoContext context) => new(Seed(context),
        new GeneratorOptions { Accounts = [Account], Start = context.Clock.GetUtcNow() - Span, Span = Span, EventsInSpan = context.Events });

    // An answer comes after its question, so that times must end a little before now.
    private static TrafficOptions Traffic(DemoContext context) => new() { Start = context.Clock.GetUtcNow() - Span, Span = Span - TimeSpan.FromMinutes(1), Quirks = context.Quirks };

    private sealed class StepNote
    {
        public string Doing { get; set; } = "begin";
    }
}
