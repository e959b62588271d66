using System.CommandLine;
using System.Net.Http.Headers;
using ActionTrail.Cli.Send;

namespace ActionTrail.Cli.Commands;

/// <summary><c>events send FILE|-</c>.</summary>
internal static class SendCommand
{
    private const int Retries = 8;

    public static Command Create(ConnectionOptions connection, Surroundings around)
    {
        var file = new Argument<string>("FILE") { Description = "Events in any form that the service takes (docs/events.md), gzip or not; - is the standard input." };
        var to = new Option<string>("--to") { Description = "api: POST /v1/events, which names what it refuses. hub: the HTTPS send call of an event hub, where refused records go to the quarantine.", DefaultValueFactory = static _ => "api" };
        to.AcceptOnlyFromAmong("api", "hub");
        var connectionString = new Option<string?>("--connection-string") { Description = $"With --to hub: Endpoint=sb://…;SharedAccessKeyName=…;SharedAccessKey=…;EntityPath=…. Else {HubConnectionString.Variable}.", HelpName = "TEXT" };
        var hubPort = Numbers.Option("--hub-http-port", "PORT", 1, 65_535, $"Port of a local event hub (UseDevelopmentEmulator=true). Default {HubConnectionString.DefaultHttpPort}.");
        var batchEvents = Numbers.Option("--batch-events", "N", 1, 10_000, $"Most records in one call. Default {SendOptions.DefaultBatchEvents}.");
        var batchBytes = Numbers.Option("--batch-bytes", "N", 1, 16 << 20, $"Most bytes in one call; a larger record goes alone. Default {SendOptions.DefaultApiBatchBytes}, for a hub {SendOptions.DefaultHubBatchBytes}.");
        var concurrency = Numbers.Option("--concurrency", "N", 1, 64, $"Calls at the same time. Default {SendOptions.DefaultConcurrency}.");
        var rate = Numbers.Option("--rate", "N", 1, 10_000_000, "Most records per second.");
        var contentType = new Option<string?>("--content-type") { Description = "Media type of every call. Default by what stands around the records.", HelpName = "TYPE" };
        var onError = new Option<string>("--on-error") { Description = "A refused record: stop ends the run; skip leaves it out and goes on.", DefaultValueFactory = static _ => "stop" };
        onError.AcceptOnlyFromAmong("stop", "skip");
        var rejects = new Option<string?>("--rejects") { Description = "Keeps the bytes of refused records here, one per line.", HelpName = "FILE" };
        var resume = new Option<string?>("--resume") { Description = "Notes here how far everything is settled; a run that finds it goes on there.", HelpName = "FILE" };
        var output = new Option<string>("--output") { Description = "json: a summary as one JSON object on the output.", DefaultValueFactory = static _ => "none" };
        output.AcceptOnlyFromAmong("none", "json");

        var command = new Command("send", "Sends events from a file or the standard input. Sending the same again stores nothing twice.")
        {
            file, to, connectionString, hubPort, batchEvents, batchBytes, concurrency, rate, contentType, onError, rejects, resume, output,
        };
        contentType.Validators.Add(static result =>
        {
            if (result.Tokens is [var token] && !MediaTypeHeaderValue.TryParse(token.Value, out _))
                result.AddError("--content-type is a media type such as application/json.");
        });
        command.SetAction(async (result, cancellationToken) =>
        {
            var isHub = result.GetValue(to) == "hub";
            var perSecond = result.GetValue(rate);
            var maxBytes = result.GetValue(batchBytes) ?? (isHub ? SendOptions.DefaultHubBatchBytes : SendOptions.DefaultApiBatchBytes);
            using ISendTarget target = isHub
                ? new HubTarget(around, Hub(result.GetValue(connectionString), result.GetValue(hubPort), around), connection.Retries(result, Retries))
                : new ApiTarget(connection.Open(result, Retries));
            var options = new SendOptions
            {
                Input = result.GetValue(file)!,
                // No more in one call than the rate lets through in a second.
                Limits = new BatchLimits(Math.Min(result.GetValue(batchEvents) ?? SendOptions.DefaultBatchEvents, perSecond ?? int.MaxValue), Math.Min(maxBytes, target.MaxBodyBytes)),
                Concurrency = result.GetValue(concurrency) ?? SendOptions.DefaultConcurrency,
                Rate = perSecond,
                ContentType = result.GetValue(contentType),
                StopsAtRefusal = result.GetValue(onError) == "stop",
                Rejects = result.GetValue(rejects),
                Resume = result.GetValue(resume),
                WritesSummary = result.GetValue(output) == "json",
            };
            return await new EventSend(target, options, around).RunAsync(cancellationToken);
        });
        return command;
    }

    private static Generator.EventHubEndpoint Hub(string? option, int? port, Surroundings around)
    {
        var text = option ?? around.Variable(HubConnectionString.Variable);
        return string.IsNullOrEmpty(text)
            ? throw new CliException(ExitCode.Usage, $"--to hub needs --connection-string or {HubConnectionString.Variable}.")
            : HubConnectionString.Parse(text, port ?? HubConnectionString.DefaultHttpPort);
    }
}
