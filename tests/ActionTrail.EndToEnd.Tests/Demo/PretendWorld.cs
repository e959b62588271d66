using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ActionTrail.EndToEnd.Tests.Demo;

/// <summary>
/// Just enough of the API, the event hub's send call and a Blob container on one loopback port for the tour to run against,
/// with switches for what may go wrong. The real parts are proven elsewhere; here the tour itself is judged.
/// </summary>
internal sealed class PretendWorld : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, JsonElement> _events = new(StringComparer.Ordinal);
    private int _keys;
    private int _throttled;
    private int _notYet;

    private PretendWorld(WebApplication app) => _app = app;

    public bool LoseOneEvent { get; init; }
    public bool RepeatOneEvent { get; init; }
    public bool RefuseHub { get; init; }
    public bool NeverDeliver { get; init; }
    public int ThrottleFirst { get; init; }
    public int HideFirst { get; init; }
    public bool AllThere { get; init; }
    public bool DropFormats { get; init; }
    public ConcurrentQueue<string> Calls { get; } = new();

    public Uri Address => new(_app.Urls.Single() + "/");

    public string StorageConnection =>
        $"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={Convert.ToBase64String(new byte[64])};BlobEndpoint={Address}devstoreaccount1;";

    public static async Task<PretendWorld> StartAsync(Func<WebApplication, PretendWorld> make)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var world = make(app);
        app.Run(world.AnswerAsync);
        await app.StartAsync();
        return world;
    }

    public static PretendWorld Fine(WebApplication app) => new(app);

    public static Func<WebApplication, PretendWorld> With(bool lose = false, bool repeat = false, bool refuseHub = false, bool neverDeliver = false, int throttle = 0, int hide = 0, bool allThere = false, bool dropFormats = false) =>
        app => new PretendWorld(app) { LoseOneEvent = lose, RepeatOneEvent = repeat, RefuseHub = refuseHub, NeverDeliver = neverDeliver, ThrottleFirst = throttle, HideFirst = hide, AllThere = allThere, DropFormats = dropFormats, _keys = allThere ? 10 : 0 };

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        var path = http.Request.Path.Value!;
        Calls.Enqueue($"{http.Request.Method} {path}");
        if (path.StartsWith("/v1/", StringComparison.Ordinal) && Interlocked.Increment(ref _throttled) <= ThrottleFirst)
        {
            http.Response.StatusCode = 429;
            http.Response.Headers.RetryAfter = "0";
            return;
        }
        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync();
        var (status, text) = (http.Request.Method, path) switch
        {
            ("POST", "/audit-events/messages") when RefuseHub => (401, "InvalidSignature"),
            ("POST", "/audit-events/messages") => Accept(body),
            ("POST", "/v1/accounts") or ("POST", "/v1/trails") when AllThere => (409, """{"code":"AlreadyExists"}"""),
            ("POST", "/v1/accounts") or ("POST", "/v1/trails") => (201, "{}"),
            ("GET", "/v1/accounts/demo/access-keys") => (200, $$"""{"value":[{{string.Join(',', Enumerable.Range(0, _keys).Select(Key))}}]}"""),
            ("DELETE", "/v1/accounts/demo/access-keys/K9" or "/v1/accounts/demo/access-keys/K8") => DropKey(),
            ("POST", "/v1/accounts/demo/access-keys") when Interlocked.Increment(ref _keys) > 10 => (409, """{"code":"AccessKeyLimitExceeded"}"""),
            ("POST", "/v1/accounts/demo/access-keys") => (201, """{"accessKeyId":"AT1","secret":"s3cret"}"""),
            ("POST", "/v1/trails/demo-trail/start") => (204, ""),
            ("GET", "/v1/trails/demo-trail/status") => (200, """{"isLogging":true}"""),
            ("POST", "/v1/events") => Post(body),
            ("GET", "/v1/events") => (200, Page(http.Request.Query)),
            ("PUT", "/devstoreaccount1/demo-audit") => (201, ""),
            _ when path.StartsWith("/v1/events/", StringComparison.Ordinal) => ById(path[11..]),
            _ => (0, ""),
        };
        if (status == 0)
        {
            await BlobAsync(http, path);
            return;
        }
        http.Response.StatusCode = status;
        if (text.Length > 0)
            await http.Response.WriteAsync(text);
    }

    private (int Status, string Text) DropKey()
    {
        Interlocked.Decrement(ref _keys);
        return (204, "");
    }

    // K9 is the oldest.
    private static string Key(int number) => $$"""{"accessKeyId":"K{{number}}","createdAt":"2026-03-01T00:00:0{{9 - number}}Z"}""";

    private (int Status, string Text) Accept(string batch)
    {
        using var document = JsonDocument.Parse(batch);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
            Publish(batch);
        else
            foreach (var item in document.RootElement.EnumerateArray())
                Publish(item.GetProperty("Body").GetString()!);
        return (201, "");
    }

    // A native event, an array of them, or a CloudEvent.
    private void Publish(string body)
    {
        using var document = JsonDocument.Parse(body);
        var message = document.RootElement;
        if (message.ValueKind == JsonValueKind.Object && message.TryGetProperty("eventId", out _))
            Store(body);
        else if (DropFormats)
            return;
        else if (message.ValueKind == JsonValueKind.Array)
            message.EnumerateArray().ToList().ForEach(e => Store(e.GetRawText()));
        else
            Store($$"""{"eventId":{{message.GetProperty("id").GetRawText()}},"eventName":{{message.GetProperty("type").GetRawText()}},"eventTime":"{{message.GetProperty("time").GetString()![..19]}}Z","userIdentity":{{Identity(message.GetProperty("data"))}}}""");
    }

    // Event Grid has claims instead of an identity.
    private static string Identity(JsonElement data) => data.TryGetProperty("userIdentity", out var identity) ? identity.GetRawText()
        : $$"""{"userName":{{data.GetProperty("claims").GetProperty("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn").GetRawText()}}}""";

    private (int Status, string Text) Post(string array)
    {
        using var document = JsonDocument.Parse(array);
        foreach (var item in document.RootElement.EnumerateArray())
            Store(item.GetRawText());
        return (200, $$"""{"accepted":{{document.RootElement.GetArrayLength()}}}""");
    }

    private void Store(string json)
    {
        using var document = JsonDocument.Parse(json);
        _events[document.RootElement.GetProperty("eventId").GetString()!] = document.RootElement.Clone();
    }

    private (int Status, string Text) ById(string id) =>
        _events.TryGetValue(id, out var found) && Interlocked.Increment(ref _notYet) > HideFirst ? (200, found.GetRawText()) : (404, "{}");

    private string Page(IQueryCollection query)
    {
        var matching = _events.Values.Where(e => query["sensitiveAction"] != "true" || e.TryGetProperty("eventAttributes", out _)).Where(e => IsAsked(e, query))
            .OrderBy(e => e.GetProperty("eventId").GetString(), StringComparer.Ordinal).Skip(LoseOneEvent ? 1 : 0).ToList();
        if (RepeatOneEvent)
            matching.Add(matching[0]);
        var size = int.Parse(query["pageSize"]!, CultureInfo.InvariantCulture);
        var after = query.TryGetValue("after", out var text) ? int.Parse(text!, CultureInfo.InvariantCulture) : 0;
        var next = after + size < matching.Count ? $$""","nextLink":"/v1/events?pageSize={{size}}&after={{after + size}}" """ : "";
        return $$"""{"value":[{{string.Join(',', matching.Skip(after).Take(size).Select(e => e.GetRawText()))}}]{{next}}}""";
    }

    private static bool IsAsked(JsonElement e, IQueryCollection query) => !query.TryGetValue("user", out var user)
        || (e.GetProperty("userIdentity").GetProperty("userName").GetString() == user && e.GetProperty("eventTime").GetString() == query["startTime"]);

    private async Task BlobAsync(HttpContext http, string path)
    {
        if (http.Request.Query["comp"] == "list")
        {
            var delivered = !NeverDeliver && !_events.IsEmpty;
            http.Response.ContentType = "application/xml";
            await http.Response.WriteAsync($"""
                <?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="{Address}devstoreaccount1" ContainerName="demo-audit"><Blobs>{(delivered ? "<Blob><Name>ActionTrail/one.json.gz</Name><Properties><Etag>0x1</Etag><Last-Modified>Sun, 01 Mar 2026 00:00:00 GMT</Last-Modified><Content-Length>10</Content-Length><BlobType>BlockBlob</BlobType></Properties></Blob>" : "")}</Blobs><NextMarker /></EnumerationResults>
                """);
            return;
        }
        if (path != "/devstoreaccount1/demo-audit/ActionTrail/one.json.gz")
        {
            http.Response.StatusCode = 404;
            return;
        }
        using var zipped = new MemoryStream();
        await using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes($"[{string.Join(',', _events.Values.Take(3).Select(e => e.GetRawText()))}]"));
        http.Response.Headers.ETag = "\"0x1\"";
        http.Response.Headers.LastModified = "Sun, 01 Mar 2026 00:00:00 GMT";
        http.Response.ContentLength = zipped.Length;
        await http.Response.Body.WriteAsync(zipped.ToArray());
    }
}
