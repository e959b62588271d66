using System.Net.Sockets;
using System.Text;
using ActionTrail.LocalRunner.Triggers;
using Microsoft.AspNetCore.Http.Features;

namespace ActionTrail.LocalRunner.Hosting;

/// <summary>
/// Passes a request on to the handler as the host's proxying does: method, path with its escapes, query, headers and body as they came, answers
/// streamed back, redirects not followed. Adds the two X-Azure-Functions headers and, for the front end, the caller's address to X-Forwarded-For.
/// </summary>
internal sealed class HttpForwarder(HttpMessageInvoker client, IHandlerEndpoint handler, Func<Guid> newId)
{
    // What belongs to one connection and not to the message (RFC 9110 §7.6.1).
    private static readonly HashSet<string> PerConnection = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Expect",
    };

    /// <summary>A client that changes nothing on the way.</summary>
    public static SocketsHttpHandler CreateTransport() => new()
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = (_, _) => Encoding.Latin1,
    };

    public async Task ForwardAsync(HttpContext context)
    {
        if (handler.Address is not { } address)
        {
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "The handler is starting.");
            return;
        }

        using var request = CreateRequest(context, address);
        HttpResponseMessage response;
        try
        {
            response = await client.SendAsync(request, context.RequestAborted);
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException)
        {
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "The handler is starting.");
            return;
        }
        catch (HttpRequestException e) when (e.InnerException is BadHttpRequestException { StatusCode: var status })
        {
            await RefuseAsync(context, status, "The request body cannot be read, or is larger than 100 MB.");
            return;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            await RefuseAsync(context, StatusCodes.Status502BadGateway, "The handler broke the connection off; whether it did what was asked is not known.");
            return;
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        using (response)
        {
            await CopyBackAsync(response, context);
        }
    }

    private HttpRequestMessage CreateRequest(HttpContext context, Uri address)
    {
        var incoming = context.Request;
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var uri = new Uri(
            address.GetLeftPart(UriPartial.Authority) + (target.StartsWith('/') ? target : incoming.Path.ToUriComponent() + incoming.QueryString),
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var request = new HttpRequestMessage(new HttpMethod(incoming.Method), uri);
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true)
        {
            request.Content = new StreamContent(incoming.Body);
        }

        foreach (var (name, values) in incoming.Headers)
        {
            if (!PerConnection.Contains(name) && !request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }

        request.Headers.Remove("Host");
        request.Headers.TryAddWithoutValidation("Host", incoming.Headers.Host.ToString());
        var caller = context.Connection.RemoteIpAddress is { } ip ? (ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip).ToString() : "127.0.0.1";
        var chain = incoming.Headers["X-Forwarded-For"].ToString();
        request.Headers.Remove("X-Forwarded-For");
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", chain.Length == 0 ? caller : $"{chain}, {caller}");
        foreach (var (name, value) in new[] { ("X-Azure-Functions-HostVersion", HandlerInvoker.HostVersion), ("X-Azure-Functions-InvocationId", newId().ToString("D")) })
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private static async Task CopyBackAsync(HttpResponseMessage response, HttpContext context)
    {
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated))
        {
            if (!PerConnection.Contains(name))
            {
                context.Response.Headers[name] = values.ToArray();
            }
        }

        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(context.RequestAborted);
            var buffer = new byte[64 * 1024];
            int count;
            while ((count = await body.ReadAsync(buffer, context.RequestAborted)) > 0)
            {
                // Flushed piece by piece, so that a stream of events arrives as it is sent.
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, count), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException)
        {
            // Half an answer is out: only breaking the connection tells the caller that the rest is missing.
            context.Abort();
        }
    }

    private static async Task RefuseAsync(HttpContext context, int status, string detail)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = "1";
        }

        await context.Response.WriteAsync($$"""{"type":"about:blank","title":"The local host cannot pass the request on","status":{{status}},"detail":"{{detail}}"}""", context.RequestAborted);
    }
}
