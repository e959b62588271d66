using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActionTrail.LocalRunner.Triggers;

namespace ActionTrail.LocalRunner.Hosting;

/// <summary>
/// The part of the host's <c>/admin</c> that helps on one machine: ping, status, and running a trigger by hand. The operator key is the master
/// key (header <c>x-functions-key</c> or query <c>code</c>). Other paths are the handler's.
/// </summary>
internal sealed class AdminApi(string masterKey, Func<string, string, bool> runByHand, Func<bool> isReady)
{
    private const string Functions = "/admin/functions/";

    /// <summary>True when the request was the host's and has its answer.</summary>
    public async Task<bool> TryAnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        var method = context.Request.Method;
        if (path.Equals("/admin/host/ping", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        if (HttpMethods.IsGet(method) && path.Equals("/admin/host/status", StringComparison.OrdinalIgnoreCase))
        {
            if (Admits(context))
            {
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync($$"""{"id":"local","state":"{{(isReady() ? "Running" : "Initialized")}}","version":"{{HandlerInvoker.HostVersion}}"}""", context.RequestAborted);
            }

            return true;
        }

        if (HttpMethods.IsPost(method) && path.StartsWith(Functions, StringComparison.OrdinalIgnoreCase) && !path[Functions.Length..].Contains('/', StringComparison.Ordinal))
        {
            if (Admits(context))
            {
                context.Response.StatusCode = await RunAsync(context, path[Functions.Length..]);
            }

            return true;
        }

        return false;
    }

    private async Task<int> RunAsync(HttpContext context, string function)
    {
        try
        {
            using var body = await JsonDocument.ParseAsync(context.Request.Body, default, context.RequestAborted);
            var input = body.RootElement.ValueKind == JsonValueKind.Object && body.RootElement.TryGetProperty("input", out var text) ? text.AsText() ?? "" : "";
            return runByHand(function, input) ? StatusCodes.Status202Accepted : StatusCodes.Status404NotFound;
        }
        catch (JsonException)
        {
            return StatusCodes.Status400BadRequest;
        }
    }

    private bool Admits(HttpContext context)
    {
        var given = context.Request.Headers["x-functions-key"].ToString() is { Length: > 0 } header ? header : context.Request.Query["code"].ToString();
        var admitted = IPAddress.IsLoopback(context.Connection.RemoteIpAddress ?? IPAddress.None)
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(masterKey));
        if (!admitted)
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        }

        return admitted;
    }
}
