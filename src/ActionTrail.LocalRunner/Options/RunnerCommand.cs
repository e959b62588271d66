using System.CommandLine;
using System.Globalization;
using ActionTrail.Generator.Formats;

namespace ActionTrail.LocalRunner.Options;

/// <summary>The command line: names, defaults, help and checks of every option.</summary>
internal static class RunnerCommand
{
    /// <summary>Builds the command; <paramref name="run"/> gets options that passed all checks and returns the exit code.</summary>
    public static RootCommand Create(Func<RunnerOptions, CancellationToken, Task<int>> run)
    {
        var httpPort = Port("--http-port", RunnerOptions.DefaultHttpPort, "Port of the HTTP API, where the Functions host would listen.");
        var hubPort = Port(
            "--eventhub-http-port",
            RunnerOptions.DefaultEventHubHttpPort,
            "Port of the local event hub: the Event Hubs HTTPS send call without TLS, POST /{hub}/messages. With --event-hub the calls go on to that hub.");
        var amqpPort = Port("--amqp-port", RunnerOptions.DefaultAmqpPort, "Port of the local event hub: AMQP 1.0 without TLS, for the Event Hubs client libraries.");
        var eventHub = new Option<string?>("--event-hub")
        {
            Description = "Read another event hub instead of starting the local one: the connection string of the official emulator (UseDevelopmentEmulator=true) or of a namespace, with a key that may listen and send, and EntityPath; or env:NAME, the environment variable that holds it, so that the key is not seen in process lists. The consumer group is the setting EventHubConsumerGroup.",
            HelpName = "CONNECTION",
        };
        var azuritePorts = new Option<AzuritePorts>("--azurite-ports")
        {
            Description = "Ports of Azurite: blobs,queues,tables.",
            HelpName = "b,q,t",
            DefaultValueFactory = _ => AzuritePorts.Default,
            CustomParser = result =>
            {
                if (!AzuritePorts.TryParse(result.Tokens[0].Value, out var ports))
                {
                    result.AddError($"--azurite-ports wants three different ports as blobs,queues,tables, for example {AzuritePorts.Default}; got '{result.Tokens[0].Value}'.");
                }

                return ports;
            },
        };
        var data = new Option<string>("--data") { Description = "Folder for everything that is kept: Azurite's data, the event hub's log, checkpoints, keys.", HelpName = "DIR", DefaultValueFactory = _ => ".local" };
        var operatorKey = new Option<string?>("--operator-key") { Description = "Password of the Basic user 'operator'. Left out: made once, kept in the data folder, printed.", HelpName = "KEY" };
        var handler = new Option<string?>("--handler") { Description = "A published script root (host.json, function folders, executable) to run instead of the one built here.", HelpName = "DIR" };
        var demo = new Option<bool>("--demo") { Description = "Create an account and a trail, publish events, show what became of them." };
        var container = new Option<string?>("--container") { Description = "Make this Blob container in Azurite, for trails to deliver to, and print an address that lists and reads it (also kept in the data folder as container-address).", HelpName = "NAME" };
        var exit = new Option<bool>("--exit") { Description = "With --demo: end after the tour. Exit code 0 when it worked." };
        var events = new Option<int>("--events") { Description = "With --demo: how many native events to publish.", HelpName = "N", DefaultValueFactory = _ => 10_000 };
        var formats = new Option<IReadOnlyList<TrafficFormat>>("--formats")
        {
            Description = $"With --demo: formats to publish besides the native events: 'all' (the default), 'native' for none, or some of {string.Join(", ", TrafficFormats.Names.Skip(1))}.",
            HelpName = "LIST",
            CustomParser = result =>
            {
                if (!TrafficFormats.TryParse(result.Tokens[0].Value, out var found))
                {
                    result.AddError($"--formats wants 'all' or names with commas between them ({string.Join(", ", TrafficFormats.Names)}); got '{result.Tokens[0].Value}'.");
                }

                return ForeignOf(found);
            },
        };
        var verbose = new Option<bool>("--verbose") { Description = "Show every invocation and what Azurite and the event hub print." };

        events.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && (!int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count < 1))
            {
                result.AddError("--events wants a number of at least 1.");
            }
        });

        var command = new RootCommand("Runs ActionTrail.Functions on this machine: Azurite for storage, a local event hub, and this program in the place of the Azure Functions host. For development and demonstration.")
        {
            httpPort, hubPort, amqpPort, eventHub, azuritePorts, data, operatorKey, handler, container, demo, exit, events, formats, verbose,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(exit) && !result.GetValue(demo))
            {
                result.AddError("--exit goes with --demo.");
            }

            if (result.GetResult(eventHub) is not null && string.IsNullOrWhiteSpace(result.GetValue(eventHub)))
            {
                result.AddError("--event-hub wants a connection string or env:NAME.");
            }

            if (result.GetResult(eventHub) is not null && result.GetResult(amqpPort) is { Implicit: false })
            {
                result.AddError("--amqp-port is the port of the local event hub, which --event-hub replaces: leave one of them out. (A port of the other hub goes into its Endpoint.)");
            }
        });
        command.SetAction((result, cancellationToken) => run(
            new RunnerOptions
            {
                HttpPort = result.GetValue(httpPort),
                EventHubHttpPort = result.GetValue(hubPort),
                AmqpPort = result.GetValue(amqpPort),
                EventHub = result.GetValue(eventHub),
                AzuritePorts = result.GetValue(azuritePorts)!,
                DataFolder = Path.GetFullPath(result.GetValue(data)!),
                OperatorKey = string.IsNullOrEmpty(result.GetValue(operatorKey)) ? null : result.GetValue(operatorKey),
                ScriptRoot = result.GetValue(handler) is { Length: > 0 } root ? Path.GetFullPath(root) : null,
                Container = result.GetValue(container) is { Length: > 0 } name ? name : null,
                Demo = result.GetValue(demo),
                ExitAfterDemo = result.GetValue(exit),
                DemoEvents = result.GetValue(events),
                DemoFormats = result.GetValue(formats) ?? ForeignOf(TrafficFormats.All),
                Verbose = result.GetValue(verbose),
            },
            cancellationToken));
        return command;
    }

    private static IReadOnlyList<TrafficFormat> ForeignOf(IEnumerable<TrafficFormat> formats) => [.. formats.Where(static f => f != TrafficFormat.Native)];

    private static Option<int> Port(string name, int fallback, string description)
    {
        var option = new Option<int>(name) { Description = $"{description} 0: a free one.", HelpName = "PORT", DefaultValueFactory = _ => fallback };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && (!int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > 65_535))
            {
                result.AddError($"{name} wants a port from 0 to 65535; got '{result.Tokens[0].Value}'.");
            }
        });
        return option;
    }
}
