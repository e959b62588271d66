using ActionTrail.Functions.Rpc;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Functions.Rest;

/// <summary>What anybody may ask: what this is, and whether it works. Not audited: front ends ask all day. Calls of the RPC API share the address <c>/</c>.</summary>
internal static class RootRoutes
{
    private static readonly TimeSpan ReadyPatience = TimeSpan.FromSeconds(5);

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
            json.WriteEndObject();
        }));
        app.MapMethods("/health/live", methods, static context => WriteAsync(context, static json => json.WriteString("status"u8, "live")));
        app.MapMethods("/health/ready", methods, ReadyAsync);
    }

    private static async Task ReadyAsync(HttpContext context)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(ReadyPatience);
        var services = context.RequestServices;
        try
        {
            await Task.WhenAll(
                services.GetRequiredService<ITableStore>().FindAsync(Tables.Progress, StoreName.History.ToString(), "ready", patience.Token),
                services.GetRequiredService<IObjectStore>().ContainerExistsAsync(Containers.Events, patience.Token),
                services.GetRequiredService<IWorkQueue>().CountAsync(Queues.DeliverBlob, patience.Token));
        }
        catch (Exception e) when (e is StoreException || (e is OperationCanceledException && !context.RequestAborted.IsCancellationRequested))
        {
            await ProblemWriter.WriteAsync(context, new Problem(ProblemType.StoreUnavailable, "The storage account does not answer as it should.") { RetryAfter = ReadyPatience });
            return;
        }

        await WriteAsync(context, static json => json.WriteString("status"u8, "ready"));
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
