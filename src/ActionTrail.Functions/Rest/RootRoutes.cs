using ActionTrail.Functions.OpenApi;
using ActionTrail.Functions.Rpc;

namespace ActionTrail.Functions.Rest;

/// <summary>What anybody may ask: what this is, and whether it works. Not audited: front ends ask all day. Calls of the RPC API share the address <c>/</c>.</summary>
internal static class RootRoutes
{
    private static readonly string Version = typeof(RootRoutes).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    public static void Map(WebApplication app)
    {
        var methods = new[] { HttpMethods.Get, HttpMethods.Head };
        var rpc = app.Services.GetRequiredService<RpcEndpoint>();
        app.MapPost("/", rpc.RunAsync);
        app.MapMethods("/", methods, context => RpcRequest.IsCall(context.Request) ? rpc.RunAsync(context) : WriteAsync(context, static json =>
        {
            json.WriteString("name"u8, "ActionTrail.Functions");
            json.WriteString("version"u8, Version);
            json.WriteStartObject("links"u8);
            json.WriteString("events"u8, "/v1/events");
            json.WriteString("trails"u8, "/v1/trails");
            json.WriteString("accounts"u8, "/v1/accounts");
            json.WriteString("rpc"u8, "/?Version=2020-07-06&Action={action}");
            json.WriteString("console"u8, "/console/");
            json.WriteString("live"u8, "/health/live");
            json.WriteString("ready"u8, "/health/ready");
            json.WriteString("document"u8, "/openapi.json");
            json.WriteEndObject();
        }));
        app.MapMethods("/health/live", methods, static context =>
        {
            context.Response.Headers.CacheControl = "no-store";
            return WriteAsync(context, static json => json.WriteString("status"u8, "live"));
        });
        app.MapMethods("/health/ready", methods, ReadyAsync);
        var document = new Lazy<byte[]>(() => OpenApiDocument.Write(FunctionsApp.DescribedRoutes(app.Services)));
        foreach (var address in new[] { "/openapi.json", "/v1/openapi.json" })
            app.MapMethods(address, methods, context => WriteDocumentAsync(context, document.Value));
    }

    private static async Task WriteDocumentAsync(HttpContext context, byte[] document)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = document.Length;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(document, context.RequestAborted);
    }

    private static async Task ReadyAsync(HttpContext context)
    {
        var checks = await context.RequestServices.GetRequiredService<Readiness>().CheckAsync(context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        var missing = checks.Where(static one => !one.IsOk).Select(static one => one.Name).ToList();
        if (missing.Count > 0)
        {
            await ProblemWriter.WriteAsync(context, new Problem(ProblemType.StoreUnavailable, $"These do not answer as they should: {string.Join(", ", missing)}.") { RetryAfter = Readiness.Patience });
            return;
        }

        await WriteAsync(context, json =>
        {
            json.WriteString("status"u8, "ready");
            json.WriteStartObject("checks"u8);
            foreach (var one in checks)
                json.WriteString(one.Name, "ok");
            json.WriteEndObject();
        });
    }

    private static Task WriteAsync(HttpContext context, Action<System.Text.Json.Utf8JsonWriter> members)
    {
        context.Response.ContentType = "application/json";
        return JsonBody.WriteAsync(context, json =>
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        });
    }
}
