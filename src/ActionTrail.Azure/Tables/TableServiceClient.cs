using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace ActionTrail.Azure.Tables;

/// <summary>
/// The Tables service of one storage account. Names and behaviour follow Azure.Data.Tables, for the members that this product uses
/// (docs/adr/0004). Thread-safe.
/// </summary>
public sealed class TableServiceClient
{
    private const string StorageScope = "https://storage.azure.com/.default";

    private readonly TableRequests requests;

    /// <exception cref="FormatException">The connection string cannot be read.</exception>
    public TableServiceClient(string connectionString, TableClientOptions? options = null)
        : this(TableConnectionString.Parse(connectionString), options)
    {
    }

    public TableServiceClient(Uri endpoint, TableSharedKeyCredential credential, TableClientOptions? options = null)
        : this(endpoint, new TableSharedKeyPolicy(credential, TimeProvider.System), options)
    {
        AccountName = credential.AccountName;
    }

    public TableServiceClient(Uri endpoint, AzureSasCredential credential, TableClientOptions? options = null)
        : this(endpoint, new TableSasPolicy(credential), options)
    {
    }

    /// <exception cref="ArgumentException">The endpoint is not https; a token must not travel in the clear.</exception>
    public TableServiceClient(Uri endpoint, TokenCredential tokenCredential, TableClientOptions? options = null)
        : this(RequireHttps(endpoint), new BearerTokenAuthenticationPolicy(tokenCredential, StorageScope), options)
    {
    }

    private TableServiceClient(TableConnectionString connection, TableClientOptions? options)
        : this(connection.Endpoint, connection.Sas is { } sas ? new TableSasPolicy(sas) : new TableSharedKeyPolicy(connection.Key!, TimeProvider.System), options)
    {
        AccountName = connection.Key?.AccountName ?? AccountName;
    }

    private TableServiceClient(Uri endpoint, HttpPipelinePolicy authentication, TableClientOptions? options)
    {
        options ??= new TableClientOptions();
        var build = new HttpPipelineOptions(options) { RequestFailedDetailsParser = new TableErrorParser() };
        build.PerRetryPolicies.Add(authentication);
        Uri = endpoint;
        AccountName = endpoint.IsLoopback ? endpoint.AbsolutePath.Trim('/') : endpoint.Host.Split('.')[0];
        requests = new TableRequests(endpoint, HttpPipelineBuilder.Build(build), options.VersionString);
    }

    public Uri Uri { get; }

    public string AccountName { get; }

    public TableClient GetTableClient(string tableName) => new(tableName, requests);

    public Task<Response<TableItem>> CreateTableIfNotExistsAsync(string tableName, CancellationToken cancellationToken = default) =>
        GetTableClient(tableName).CreateIfNotExistsAsync(cancellationToken);

    public Task<Response> DeleteTableAsync(string tableName, CancellationToken cancellationToken = default) =>
        GetTableClient(tableName).DeleteAsync(cancellationToken);

    private static Uri RequireHttps(Uri endpoint) => endpoint.Scheme == Uri.UriSchemeHttps
        ? endpoint
        : throw new ArgumentException("Tokens are only sent over https.", nameof(endpoint));
}
