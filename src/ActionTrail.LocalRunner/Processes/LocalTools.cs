using System.Globalization;
using ActionTrail.LocalRunner.Options;

namespace ActionTrail.LocalRunner.Processes;

/// <summary>How the two Node tools of the repository are started.</summary>
internal static class LocalTools
{
    /// <summary>The key every Azurite has; it is public.</summary>
    private const string AzuriteKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

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

    public static string AzuriteConnection(AzuritePorts ports) =>
        $"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={AzuriteKey};" +
        $"BlobEndpoint=http://127.0.0.1:{Text(ports.Blob)}/devstoreaccount1;QueueEndpoint=http://127.0.0.1:{Text(ports.Queue)}/devstoreaccount1;TableEndpoint=http://127.0.0.1:{Text(ports.Table)}/devstoreaccount1;";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
