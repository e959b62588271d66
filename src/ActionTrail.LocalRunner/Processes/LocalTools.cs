using System.Globalization;
using ActionTrail.LocalRunner.Hosting;
using ActionTrail.LocalRunner.Options;

namespace ActionTrail.LocalRunner.Processes;

/// <summary>How the Node tools of the repository are started.</summary>
internal static class LocalTools
{
    /// <summary>The key every Azurite has; it is public.</summary>
    private const string AzuriteKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly string BridgeFolder = Path.Combine("tools", "eventhubs", "bridge");

    /// <summary>Folders with packages, below the repository.</summary>
    public static IReadOnlyList<string> Folders(bool otherHub) => [Path.Combine("tools", "azurite"), otherHub ? BridgeFolder : Path.Combine("tools", "eventhubs")];

    public static ChildStart Azurite(string repository, string dataFolder, AzuritePorts ports) => new(
        "azurite",
        "node",
        ["run.mjs", "--location", dataFolder, "--blob-port", Text(ports.Blob), "--queue-port", Text(ports.Queue), "--table-port", Text(ports.Table)],
        Path.Combine(repository, "tools", "azurite"));

    public static ChildStart EventHub(string repository, string dataFolder, int httpPort, int amqpPort, string hub, string consumerGroup, int partitions, string keyName, string key) => new(
        "eventhub",
        "node",
        ["server.mjs", "--http-port", Text(httpPort), "--amqp-port", Text(amqpPort), "--data", dataFolder, "--hub", hub, "--consumer-group", consumerGroup, "--partitions", Text(partitions), "--key-name", keyName, "--key", key],
        Path.Combine(repository, "tools", "eventhubs"));

    /// <summary>The bridge to another event hub; the connection string goes through the environment, for command lines can be read by all users.</summary>
    /// <param name="repository">Top of the repository.</param>
    /// <param name="httpPort">Where it serves what the local hub serves.</param>
    /// <param name="hub">The other hub.</param>
    /// <param name="consumerGroup">What to read it as.</param>
    /// <param name="patience">How long the hub may be away at the start; null: for ever.</param>
    public static ChildStart Bridge(string repository, int httpPort, OtherEventHub hub, string consumerGroup, TimeSpan? patience) => new(
        "bridge",
        "node",
        ["bridge.mjs", "--http-port", Text(httpPort), "--wait-seconds", Text((int)(patience ?? TimeSpan.Zero).TotalSeconds)],
        Path.Combine(repository, BridgeFolder))
    {
        Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["EVENT_HUB_CONNECTION"] = hub.ConnectionString, ["EVENT_HUB_CONSUMER_GROUP"] = consumerGroup },
    };

    public static string AzuriteConnection(AzuritePorts ports) =>
        $"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={AzuriteKey};" +
        $"BlobEndpoint=http://127.0.0.1:{Text(ports.Blob)}/devstoreaccount1;QueueEndpoint=http://127.0.0.1:{Text(ports.Queue)}/devstoreaccount1;TableEndpoint=http://127.0.0.1:{Text(ports.Table)}/devstoreaccount1;";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
