using System.Globalization;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace ActionTrail.Azure.Tables;

/// <summary>
/// The requests of the Tables REST API, as HTTP messages. Addresses: <c>/Tables</c>, <c>/Tables('name')</c>, <c>/name</c>,
/// <c>/name(PartitionKey='…',RowKey='…')</c> and <c>/$batch</c>; quotes inside keys are doubled, then percent-encoded.
/// </summary>
internal sealed class TableRequests(Uri endpoint, HttpPipeline pipeline, string version)
{
    internal const string JsonType = "application/json";
    internal const string MinimalMetadata = "application/json;odata=minimalmetadata";
    internal const string DataServiceVersion = "3.0";

    /// <summary>The endpoint without a slash at its end.</summary>
    public string Endpoint { get; } = endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/');

    public HttpPipeline Pipeline => pipeline;

    public HttpMessage CreateTable(string table) =>
        WithBody(Message(RequestMethod.Post, "/Tables"), TableEntityJson.Write(new TableEntity { ["TableName"] = table }));

    public HttpMessage DeleteTable(string table) => Message(RequestMethod.Delete, $"/Tables('{table}')");

    public HttpMessage Get(string table, string partitionKey, string rowKey, IEnumerable<string>? select)
    {
        var message = Message(RequestMethod.Get, EntityPath(table, partitionKey, rowKey));
        AppendSelect(message, select);
        return message;
    }

    public HttpMessage Query(string table, string? filter, int? top, IEnumerable<string>? select, string? continuation)
    {
        var message = Message(RequestMethod.Get, $"/{table}()");
        var uri = message.Request.Uri;
        if (!string.IsNullOrEmpty(filter))
            uri.AppendQuery("$filter", filter, escapeValue: true);
        if (top is not null)
            uri.AppendQuery("$top", top.Value.ToString(CultureInfo.InvariantCulture), escapeValue: true);
        AppendSelect(message, select);
        if (continuation is not null)
        {
            var parts = continuation.Split(' ');
            uri.AppendQuery("NextPartitionKey", parts[0], escapeValue: true);
            if (parts.Length > 1)
                uri.AppendQuery("NextRowKey", parts[1], escapeValue: true);
        }

        return message;
    }

    /// <summary>The token of the page that follows, or null: the two continuation headers, separated by a space.</summary>
    public static string? Continuation(Response response)
    {
        if (!response.Headers.TryGetValue("x-ms-continuation-NextPartitionKey", out var partition))
            return null;
        return response.Headers.TryGetValue("x-ms-continuation-NextRowKey", out var row) ? $"{partition} {row}" : partition;
    }

    /// <summary>One write outside a transaction.</summary>
    public HttpMessage Write(string table, TableTransactionAction action)
    {
        var write = TableWrite.For(table, action);
        var message = Message(write.Method, write.Path);
        if (write.IfMatch is not null)
            message.Request.Headers.SetValue("If-Match", write.IfMatch);
        if (write.Body is not null)
            WithBody(message, write.Body);
        return message;
    }

    public HttpMessage Batch(string table, IReadOnlyList<TableTransactionAction> actions)
    {
        var message = Message(RequestMethod.Post, "/$batch");
        message.Request.Headers.SetValue("Content-Type", TableBatch.ContentType);
        message.Request.Content = RequestContent.Create(TableBatch.Write(Endpoint, table, actions));
        return message;
    }

    internal static string EntityPath(string table, string partitionKey, string rowKey) =>
        $"/{table}(PartitionKey='{EscapeKey(partitionKey)}',RowKey='{EscapeKey(rowKey)}')";

    internal static string EscapeKey(string key) => Uri.EscapeDataString(key.Replace("'", "''", StringComparison.Ordinal));

    private static void AppendSelect(HttpMessage message, IEnumerable<string>? select)
    {
        if (select is not null)
            message.Request.Uri.AppendQuery("$select", string.Join(',', select), escapeValue: true);
    }

    private HttpMessage Message(RequestMethod method, string path)
    {
        var message = pipeline.CreateMessage();
        message.Request.Method = method;
        message.Request.Uri.Reset(new Uri(Endpoint + path));
        message.Request.Headers.SetValue("x-ms-version", version);
        message.Request.Headers.SetValue("DataServiceVersion", DataServiceVersion);
        message.Request.Headers.SetValue("Accept", MinimalMetadata);
        return message;
    }

    private static HttpMessage WithBody(HttpMessage message, byte[] body)
    {
        message.Request.Headers.SetValue("Content-Type", JsonType);
        message.Request.Headers.SetValue("Prefer", "return-no-content");
        message.Request.Content = RequestContent.Create(body);
        return message;
    }
}
