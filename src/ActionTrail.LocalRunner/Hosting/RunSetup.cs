using ActionTrail.LocalRunner.Demo;
using ActionTrail.LocalRunner.Options;
using ActionTrail.LocalRunner.Processes;

namespace ActionTrail.LocalRunner.Hosting;

/// <summary>Everything that is settled before anything is started: ports, keys, settings, functions.</summary>
internal sealed record RunSetup
{
    private const string CheckpointKey = "ActionTrail__Checkpoints__Key";
    private const string DeliverySettle = "ActionTrail__DeliverySettle";

    /// <summary>
    /// Longer than the seconds that a killed Azurite forgets. The events of such a commit are committed once more, later: had a window been cut
    /// over them before, its objects would hold them, and so would the objects of the later one.
    /// </summary>
    private const string SettleOnAzurite = "00:00:10";

    private const string SigningKeys = "ActionTrail__SigningKeys";

    public required string Repository { get; init; }

    public required HandlerLaunch Launch { get; init; }

    public required HostSettings Host { get; init; }

    public required AppSettings Settings { get; init; }

    public required IReadOnlyList<FunctionDefinition> Functions { get; init; }

    public required int HttpPort { get; init; }

    public required Uri HubAddress { get; init; }

    /// <summary>Of the local hub; unused with <see cref="OtherHub"/>.</summary>
    public required int AmqpPort { get; init; }

    /// <summary>Read instead of a local hub; null: the local one.</summary>
    public required OtherEventHub? OtherHub { get; init; }

    public required AzuritePorts AzuritePorts { get; init; }

    public required string StorageConnection { get; init; }

    public required string EventHubName { get; init; }

    public required string ConsumerGroup { get; init; }

    public required string EventHubKeyName { get; init; }

    public required string EventHubKey { get; init; }

    public required string OperatorKey { get; init; }

    public required string HostId { get; init; }

    /// <summary>Throws a <see cref="RunnerException"/> for what a person must change: taken ports, bad files.</summary>
    public static RunSetup Prepare(RunnerOptions options, DataFolder data, RunnerOutput output)
    {
        var ports = Ports.TakeAll([options.AzuritePorts.Blob, options.AzuritePorts.Queue, options.AzuritePorts.Table], "--azurite-ports");
        var azuritePorts = new AzuritePorts(ports[0], ports[1], ports[2]);
        var hubPort = Ports.Take(options.EventHubHttpPort, "--eventhub-http-port");
        var amqpPort = options.EventHub is null ? Ports.Take(options.AmqpPort, "--amqp-port") : 0;
        var httpPort = Ports.Take(options.HttpPort, "--http-port");
        var repository = HandlerLaunch.RepositoryAbove(AppContext.BaseDirectory);
        var launch = options.ScriptRoot is { } root ? HandlerLaunch.Published(root) : HandlerLaunch.InRepository(AppContext.BaseDirectory);

        var settings = AppSettings.Load(Path.Combine(launch.ScriptRoot, "local.settings.json"), Path.Combine(repository, "local.settings.json"), Path.Combine(repository, "local.settings.json.example"));
        var other = options.EventHub is null ? null : OtherEventHub.Parse(options.EventHub, settings["EventHubName"]);
        var hub = other is null ? EventHubConnection.Parse(settings["EventHubConnection"] ?? "") with { Port = amqpPort } : new EventHubConnection(other.KeyName, other.Key);
        var storage = LocalTools.AzuriteConnection(azuritePorts);
        settings["AzureWebJobsStorage"] = settings["ActionTrailStorage"] = storage;
        settings["EventHubConnection"] = other?.ConnectionString ?? hub.ToString();
        settings["EventHubName"] = other?.Name ?? (settings["EventHubName"] is { Length: > 0 } name ? name : "audit-events");
        settings["EventHubConsumerGroup"] = settings["EventHubConsumerGroup"] is { Length: > 0 } group ? group : "$Default";
        settings["ActionTrail__OperatorKey"] = OperatorKeyOf(options, settings, data);
        settings["ActionTrail__EncryptionKey"] = settings["ActionTrail__EncryptionKey"] is { Length: > 0 } own ? own : data.Secret("encryption-key", urlSafe: false);
        settings[CheckpointKey] = Given(settings, CheckpointKey) ?? data.CheckpointKey();
        settings[DeliverySettle] = Given(settings, DeliverySettle) ?? SettleOnAzurite;
        settings[SigningKeys] = Given(settings, SigningKeys) ?? data.SigningKeys(TimeProvider.System.GetUtcNow());

        return new RunSetup
        {
            Repository = repository,
            Launch = launch,
            Host = HostSettings.Load(launch.HostJson),
            Settings = settings,
            Functions = FunctionCatalog.Load(launch.FunctionsFolder, settings, output.Warn),
            HttpPort = httpPort,
            HubAddress = new Uri($"http://127.0.0.1:{hubPort}/"),
            AmqpPort = amqpPort,
            OtherHub = other,
            AzuritePorts = azuritePorts,
            StorageConnection = storage,
            EventHubName = settings["EventHubName"]!,
            ConsumerGroup = settings["EventHubConsumerGroup"]!,
            EventHubKeyName = hub.KeyName,
            EventHubKey = hub.Key,
            OperatorKey = settings["ActionTrail__OperatorKey"]!,
            HostId = settings["AzureFunctionsWebHost__hostid"] is { Length: > 0 } hostId ? hostId : "actiontrail-local",
        };
    }

    public DemoContext Demo(RunnerOptions options, TextWriter writer, TimeProvider clock) => new()
    {
        BaseAddress = new Uri($"http://127.0.0.1:{HttpPort}/"),
        EventHubAddress = HubAddress,
        EventHubName = EventHubName,
        EventHubKeyName = EventHubKeyName,
        EventHubKey = EventHubKey,
        OperatorKey = OperatorKey,
        StorageConnectionString = StorageConnection,
        Events = options.DemoEvents,
        Formats = options.DemoFormats,
        Exit = options.ExitAfterDemo,
        Verbose = options.Verbose,
        Output = writer,
        Clock = clock,
    };

    public void Announce(RunnerOutput output, Uri? container)
    {
        output.Say($"API          http://127.0.0.1:{HttpPort}/");
        output.Say(OtherHub is null
            ? $"event hub    {new EventHubConnection(EventHubKeyName, EventHubKey, AmqpPort)};EntityPath={EventHubName}"
            : $"event hub    {OtherHub.Address}, read as consumer group {ConsumerGroup}");
        output.Say($"  by HTTP    http://127.0.0.1:{HubAddress.Port}/{EventHubName}/messages (key {EventHubKeyName})");
        output.Say($"azurite      blobs {AzuritePorts.Blob}, queues {AzuritePorts.Queue}, tables {AzuritePorts.Table}");
        output.Say($"operator     user operator, password {OperatorKey}");
        if (container is not null)
        {
            output.Say($"container    {container.AbsoluteUri}");
        }

        output.Say("ready; Ctrl+C stops");
    }

    /// <summary>What the settings say, else what the runner's own environment says.</summary>
    private static string? Given(AppSettings settings, string name) => settings[name] is { Length: > 0 } own ? own : Environment.GetEnvironmentVariable(name);

    private static string OperatorKeyOf(RunnerOptions options, AppSettings settings, DataFolder data)
    {
        if (options.OperatorKey is { } given)
        {
            data.KeepSecret("operator-key", given);
            return given;
        }

        return settings["ActionTrail__OperatorKey"] is { Length: > 0 } own ? own : data.Secret("operator-key", urlSafe: true);
    }
}
