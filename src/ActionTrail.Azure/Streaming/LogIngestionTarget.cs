using System.IO.Compression;
using System.Net.Http.Headers;
using ActionTrail.Delivery;

namespace ActionTrail.Azure.Streaming;

/// <summary>
/// A stream of a data collection rule, over the Logs Ingestion API:
/// <code>
/// POST {endpoint}/dataCollectionRules/{rule id}/streams/{stream}?api-version=2023-01-01
/// Authorization: Bearer …   (scope https://monitor.azure.com/.default)
/// Content-Type: application/json
/// Content-Encoding: gzip
/// </code>
/// answered 204.
/// </summary>
internal sealed class LogIngestionTarget(string name, Uri stream, BearerTokens tokens, Func<string, bool> allows, int maxBatchBytes, HttpMessageInvoker http) : IBatchTarget
{
    private readonly HttpsSend send = new(http);
    private readonly string what = $"Log Analytics table {name}";

    public int MaxBatchBytes => maxBatchBytes;

    public bool Allows(string account) => allows(account);

    public async Task SendAsync(EventBatch batch, CancellationToken cancellationToken)
    {
        var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync(batch.Content, cancellationToken);
        var content = new ByteArrayContent(packed.GetBuffer(), 0, (int)packed.Length) { Headers = { ContentType = new MediaTypeHeaderValue("application/json"), ContentEncoding = { "gzip" } } };
        var request = new HttpRequestMessage(HttpMethod.Post, stream) { Content = content };
        request.Headers.Authorization = new("Bearer", await tokens.GetAsync(what, cancellationToken));
        await send.SendAsync(what, request, cancellationToken);
    }
}
