using ActionTrail.Azure.Tables;
using ActionTrail.Storage;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Microsoft.Extensions.Configuration;

namespace ActionTrail.Azure;

/// <summary>
/// One storage account as the settings name it, in the way in which the Functions host reads a connection <c>X</c>:
/// <c>AzureWebJobsX</c> or <c>X</c> or <c>ConnectionStrings:X</c> is a connection string; else the section <c>X</c> holds
/// <c>accountName</c>, or <c>blobServiceUri</c>, <c>queueServiceUri</c> and <c>tableServiceUri</c>, and the identity:
/// <c>credential=managedidentity</c> with an optional <c>clientId</c>; <c>tenantId</c>, <c>clientId</c> and <c>clientSecret</c>; else the
/// default chain of Azure.Identity. In environment variables <c>:</c> is written <c>__</c>.
/// </summary>
public sealed class StorageConnection
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan NetworkTimeout = TimeSpan.FromSeconds(30);
    private const int MaxRetries = 4;

    private readonly string? connectionString;
    private readonly IReadOnlyDictionary<string, Uri> endpoints;
    private readonly TokenCredential? credential;

    private StorageConnection(string? connectionString, IReadOnlyDictionary<string, Uri> endpoints, TokenCredential? credential)
    {
        this.connectionString = connectionString;
        this.endpoints = endpoints;
        this.credential = credential;
    }

    /// <summary>Who we are to other services of Azure: the identity of the connection, else the default chain.</summary>
    public TokenCredential Credential => credential ?? new DefaultAzureCredential();

    /// <summary>Replaces the transport below all clients; for tests that break the wire.</summary>
    public HttpPipelineTransport? Transport { get; init; }

    /// <summary>Retries of the pipelines; tests shorten the pauses.</summary>
    internal Action<RetryOptions>? AdjustRetries { get; init; }

    /// <summary>A connection string of a storage account, <c>UseDevelopmentStorage=true</c> included.</summary>
    /// <exception cref="FormatException">It cannot be read; the message never shows its value.</exception>
    public static StorageConnection FromConnectionString(string connectionString) => FromConnectionString(connectionString, transport: null, adjustRetries: null);

    internal static StorageConnection FromConnectionString(string connectionString, HttpPipelineTransport? transport, Action<RetryOptions>? adjustRetries)
    {
        // Reads it early, so that a fault is told at start and not at the first request.
        TableConnectionString.Parse(connectionString);
        return new(connectionString, new Dictionary<string, Uri>(StringComparer.Ordinal), credential: null) { Transport = transport, AdjustRetries = adjustRetries };
    }

    /// <summary>Reads the connection <paramref name="name"/>.</summary>
    /// <exception cref="FormatException">It is missing or incomplete; the message names the settings that are looked for.</exception>
    public static StorageConnection Read(IConfiguration configuration, string name)
    {
        foreach (var section in new[] { configuration.GetSection("AzureWebJobs" + name), configuration.GetSection(name), configuration.GetSection("ConnectionStrings:" + name) })
        {
            if (!string.IsNullOrWhiteSpace(section.Value))
                return FromConnectionString(section.Value);
            if (section.GetChildren().Any())
                return FromSection(section);
        }

        throw new FormatException($"The setting {name} is missing: a connection string, or {name}__accountName, or {name}__blobServiceUri, {name}__queueServiceUri and {name}__tableServiceUri.");
    }

    public BlobServiceClient CreateBlobServiceClient()
    {
        var options = Prepare(new BlobClientOptions());
        return connectionString is not null ? new(connectionString, options) : new(endpoints["blob"], credential, options);
    }

    public QueueServiceClient CreateQueueServiceClient()
    {
        var options = Prepare(new QueueClientOptions());
        return connectionString is not null ? new(connectionString, options) : new(endpoints["queue"], credential, options);
    }

    public TableServiceClient CreateTableServiceClient()
    {
        var options = Prepare(new TableClientOptions());
        return connectionString is not null ? new(connectionString, options) : new(endpoints["table"], credential!, options);
    }

    public ITableStore CreateTableStore() => new AzureTableStore(CreateTableServiceClient());

    public IObjectStore CreateObjectStore() => new AzureBlobStore(CreateBlobServiceClient());

    public IWorkQueue CreateWorkQueue() => new AzureQueueStore(CreateQueueServiceClient());

    private static StorageConnection FromSection(IConfigurationSection section)
    {
        var found = new Dictionary<string, Uri>(StringComparer.Ordinal);
        foreach (var service in new[] { "blob", "queue", "table" })
        {
            var address = section[$"{service}ServiceUri"];
            if (string.IsNullOrWhiteSpace(address) && section["accountName"] is { Length: > 0 } account)
                address = $"https://{account}.{service}.core.windows.net";
            if (!Uri.TryCreate(address, UriKind.Absolute, out var endpoint) || endpoint.Scheme != Uri.UriSchemeHttps)
                throw new FormatException($"{section.Key}__{service}ServiceUri is missing or not an https address, and {section.Key}__accountName is not given.");
            found[service] = endpoint;
        }

        return new(connectionString: null, found, ReadCredential(section));
    }

    internal static TokenCredential ReadCredential(IConfigurationSection section)
    {
        var clientId = section["clientId"];
        if (string.Equals(section["credential"], "managedidentity", StringComparison.OrdinalIgnoreCase))
            return new ManagedIdentityCredential(string.IsNullOrEmpty(clientId) ? ManagedIdentityId.SystemAssigned : ManagedIdentityId.FromUserAssignedClientId(clientId));
        if (section["tenantId"] is { Length: > 0 } tenant && section["clientSecret"] is { Length: > 0 } secret && !string.IsNullOrEmpty(clientId))
            return new ClientSecretCredential(tenant, clientId, secret);
        return new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = clientId });
    }

    private T Prepare<T>(T options)
        where T : ClientOptions
    {
        options.Retry.Mode = RetryMode.Exponential;
        options.Retry.MaxRetries = MaxRetries;
        options.Retry.Delay = FirstDelay;
        options.Retry.MaxDelay = MaxDelay;
        options.Retry.NetworkTimeout = NetworkTimeout;
        AdjustRetries?.Invoke(options.Retry);
        options.AddPolicy(new PatiencePolicy(options.Retry.NetworkTimeout), HttpPipelinePosition.PerCall);
        options.AddPolicy(new AttemptPolicy(), HttpPipelinePosition.PerRetry);
        if (Transport is not null)
            options.Transport = Transport;
        return options;
    }
}
