using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace ActionTrail.Tests.Functions.OpenApi;

/// <summary>One call as it went over the wire; a body that was not read is null.</summary>
internal sealed record Exchange(HttpRequestMessage Request, byte[]? Sent, HttpResponseMessage Response, byte[]? Got);

/// <summary>Holds calls of the REST API against its OpenAPI document.</summary>
internal sealed class ApiContract
{
    /// <summary>Headers of HTTP itself and of protection, which the document does not list.</summary>
    private static readonly HashSet<string> Ordinary = new(StringComparer.OrdinalIgnoreCase)
    {
        "Cache-Control", "X-Content-Type-Options", "Content-Type", "Content-Length", "Content-Disposition", "Date", "Allow", "Transfer-Encoding", "Connection",
    };

    private readonly JsonElement document;
    private readonly List<(string[] Parts, JsonElement Item)> paths;

    private readonly HashSet<string> apart;

    /// <param name="json">The document.</param>
    /// <param name="apart">Addresses that are no part of the API: triggers, which the host alone reaches. The console is files for a browser.</param>
    public ApiContract(byte[] json, IEnumerable<string> apart)
    {
        this.apart = [.. apart];
        document = JsonDocument.Parse(json).RootElement;
        Schema = new JsonSchema(document);

        // A fixed segment is preferred to a parameter.
        paths = [.. document.GetProperty("paths").EnumerateObject().Select(static path => (path.Name.Split('/'), path.Value)).OrderBy(static path => path.Item1.Count(IsParameter))];
    }

    public JsonElement Document => document;

    public JsonSchema Schema { get; }

    /// <summary>What is wrong with the call; empty when it is as described.</summary>
    public List<string> Judge(Exchange exchange)
    {
        var (request, _, response, _) = exchange;
        var uri = new Uri(new Uri("http://localhost"), request.RequestUri!);
        if (apart.Contains(uri.AbsolutePath) || IsConsole(uri.AbsolutePath))
            return [];
        if (Find(uri.AbsolutePath) is not { } item)
            return Bare(exchange, 404, "NotFound");
        var isRpc = uri.AbsolutePath == "/" && IsRpc(request, uri);
        var method = isRpc ? "post" : request.Method == HttpMethod.Head ? "get" : request.Method.Method.ToLowerInvariant();
        if (!item.TryGetProperty(method, out var operation))
            return Bare(exchange, 405, "MethodNotAllowed");
        var status = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
        var responses = operation.GetProperty("responses");
        if (!responses.TryGetProperty(status, out var described) && !responses.TryGetProperty("default", out described))
            return [$"status {status} is not described"];
        described = Schema.Resolve(described);
        var faults = new List<string>();
        if (!isRpc)
            JudgeHeaders(described, response, faults);
        JudgeBody(described, exchange, faults);
        if (!isRpc && response.IsSuccessStatusCode)
            JudgeRequest(operation, uri, exchange, faults);
        return faults;
    }

    public static bool IsConsole(string path) => path == "/console" || path.StartsWith("/console/", StringComparison.Ordinal);

    private JsonElement? Find(string path)
    {
        var parts = path.Split('/');
        foreach (var (pattern, item) in paths)
        {
            if (pattern.Length == parts.Length && pattern.Zip(parts).All(static pair => IsParameter(pair.First) ? pair.Second.Length > 0 : pair.First == pair.Second))
                return item;
        }

        return null;
    }

    /// <summary>What routing refuses: the same everywhere, and not of any operation.</summary>
    private List<string> Bare(Exchange exchange, int status, string code)
    {
        if ((int)exchange.Response.StatusCode != status || exchange.Request.Method == HttpMethod.Head)
            return exchange.Request.Method == HttpMethod.Head ? [] : [$"{exchange.Request.Method} {exchange.Request.RequestUri} is not described but answered {(int)exchange.Response.StatusCode}"];
        var problem = JsonDocument.Parse(exchange.Got!).RootElement;
        return problem.GetProperty("code").GetString() == code ? Schema.Judge(document.GetProperty("components").GetProperty("schemas").GetProperty("Problem"), problem) : [$"not {code}"];
    }

    private void JudgeHeaders(JsonElement described, HttpResponseMessage response, List<string> faults)
    {
        var headers = described.TryGetProperty("headers", out var all) ? all.EnumerateObject().ToDictionary(static h => h.Name, h => Schema.Resolve(h.Value), StringComparer.OrdinalIgnoreCase) : [];
        var sent = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated).ToDictionary(static h => h.Key, static h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        foreach (var (name, header) in headers)
        {
            if (sent.TryGetValue(name, out var value))
                faults.AddRange(Schema.Judge(header.GetProperty("schema"), JsonSerializer.SerializeToElement(value)).Select(fault => $"header {name}{fault}"));
            else if (header.GetProperty("required").GetBoolean())
                faults.Add($"header {name} is missing");
        }

        faults.AddRange(sent.Keys.Where(name => !Ordinary.Contains(name) && !headers.ContainsKey(name)).Select(static name => $"header {name} is not described"));
    }

    private void JudgeBody(JsonElement described, Exchange exchange, List<string> faults)
    {
        var media = exchange.Response.Content.Headers.ContentType?.MediaType;
        if (!described.TryGetProperty("content", out var content))
        {
            if (exchange.Got is { Length: > 0 })
                faults.Add("a body where none is described");
            return;
        }

        if (exchange.Request.Method == HttpMethod.Head || media == "text/xml")
            return;
        if (media is null || !content.TryGetProperty(media, out var form))
        {
            faults.Add($"media type {media} is not described");
            return;
        }

        if (exchange.Got is not { } body || !media.EndsWith("json", StringComparison.Ordinal) || media == "application/x-ndjson")
            return;
        var value = JsonDocument.Parse(body).RootElement;
        faults.AddRange(Schema.Judge(form.GetProperty("schema"), value));
        if (media != "application/problem+json" || faults.Count > 0)
            return;
        var code = value.GetProperty("code").GetString();
        if (!described.GetProperty("x-codes").EnumerateArray().Any(known => known.GetString() == code))
            faults.Add($"problem {code} is not described");
        if (value.GetProperty("status").GetInt32() != (int)exchange.Response.StatusCode)
            faults.Add("the status of the problem is not that of the answer");
        if (Header(exchange.Response, "x-ms-error-code") != code || Header(exchange.Response, "ActionTrail-Request-Id") != value.GetProperty("requestId").GetString())
            faults.Add("header and body of the problem differ");
    }

    /// <summary>What was accepted must have been described.</summary>
    private void JudgeRequest(JsonElement operation, Uri uri, Exchange exchange, List<string> faults)
    {
        var parameters = operation.GetProperty("parameters").EnumerateArray().Select(Schema.Resolve).ToList();
        JsonElement? Named(string name, string place) => parameters.Where(p => p.GetProperty("name").GetString() == name && p.GetProperty("in").GetString() == place).Select(static p => (JsonElement?)p).FirstOrDefault();
        foreach (var (name, value) in QueryHelpers.ParseQuery(uri.Query))
        {
            if (Named(name, "query") is { } known)
                faults.AddRange(Schema.Judge(known.GetProperty("schema"), Typed(known.GetProperty("schema"), value.ToString())).Select(fault => $"?{name}{fault}, but accepted"));
            else
                faults.Add($"?{name} is not described, but accepted");
        }

        if (exchange.Request.Headers.IfMatch.Count > 0 && Named("If-Match", "header") is null)
            faults.Add("If-Match is not described, but accepted");
        var type = exchange.Request.Content?.Headers.ContentType?.MediaType;
        if (!operation.TryGetProperty("requestBody", out var body) || type != "application/json" || exchange.Sent is not ([not 0x1F, ..] and var sent))
            return;
        var schema = body.GetProperty("content").GetProperty(type).GetProperty("schema");
        if (Schema.Resolve(schema).TryGetProperty("type", out _))
            faults.AddRange(Schema.Judge(schema, JsonDocument.Parse(sent).RootElement).Select(static fault => $"request {fault}, but accepted"));
    }

    /// <summary>The text of a parameter as the JSON that its schema means.</summary>
    private static JsonElement Typed(JsonElement schema, string text) => schema.GetProperty("type").GetString() switch
    {
        "integer" when long.TryParse(text, CultureInfo.InvariantCulture, out var number) => JsonSerializer.SerializeToElement(number),
        "boolean" when text is "true" or "false" => JsonSerializer.SerializeToElement(text == "true"),
        _ => JsonSerializer.SerializeToElement(text),
    };

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.Single() : null;

    private static bool IsParameter(string part) => part.StartsWith('{');

    private static bool IsRpc(HttpRequestMessage request, Uri uri) =>
        request.Method == HttpMethod.Post || request.Headers.Contains("x-acs-action") || QueryHelpers.ParseQuery(uri.Query).Keys.Any(static key => key.ToUpperInvariant() is "ACTION" or "VERSION");
}

/// <summary>Fails the test that makes a call which is not as described.</summary>
internal sealed class ContractHandler(ApiContract contract, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var sent = request.Content is null ? null : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        var response = await base.SendAsync(request, cancellationToken);

        // A file is the test's own to read: it may never end.
        var isFile = response.Content.Headers.ContentDisposition is not null;
        byte[]? got = null;
        if (!isFile)
        {
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            got = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        }

        var faults = contract.Judge(new Exchange(request, sent, response, got));
        Assert.True(faults.Count == 0, $"{request.Method} {request.RequestUri} is not as described: {string.Join("; ", faults)}");
        return response;
    }
}
