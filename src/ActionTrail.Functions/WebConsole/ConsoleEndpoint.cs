using ActionTrail.Functions.Rest;
using Microsoft.Net.Http.Headers;

namespace ActionTrail.Functions.WebConsole;

/// <summary>
/// <c>/console/</c>: static files that anybody may read. What they show comes over the API with the credentials of whoever signs in, and is audited
/// there. The policy lets a page load and call nothing but this origin.
/// </summary>
internal static class ConsoleEndpoint
{
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void Map(WebApplication app)
    {
        var methods = new[] { HttpMethods.Get, HttpMethods.Head };
        app.MapMethods("/console", methods, static context =>
        {
            // Relative, with a slash: the names of the other files are relative to it. Routing takes both spellings here.
            if (!context.Request.Path.Value!.EndsWith('/'))
            {
                context.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
                context.Response.Headers.Location = "/console/";
                return Task.CompletedTask;
            }

            return SendAsync(context, ConsoleAssets.All[ConsoleAssets.Start]);
        });
        app.MapMethods("/console/{file}", methods, static context =>
            // With a slash behind it the names in a page would be relative to the page.
            !context.Request.Path.Value!.EndsWith('/') && ConsoleAssets.All.TryGetValue((string)context.Request.RouteValues["file"]!, out var asset)
                ? SendAsync(context, asset)
                : ProblemWriter.WriteAsync(context, new Problem(ProblemType.NotFound)));
    }

    private static async Task SendAsync(HttpContext context, ConsoleAsset asset)
    {
        var (request, response) = (context.Request, context.Response);
        var headers = response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = "no-cache";
        headers.Vary = HeaderNames.AcceptEncoding;
        headers.ETag = asset.ETag;
        if (request.GetTypedHeaders().IfNoneMatch.Any(tag => tag.Tag == "*" || tag.Tag == asset.ETag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        var packed = request.GetTypedHeaders().AcceptEncoding.Any(static coding => coding.Value == "gzip" && coding.Quality is not 0.0);
        if (packed)
            headers.ContentEncoding = "gzip";
        var content = packed ? asset.Gzip : asset.Content;
        response.ContentType = asset.ContentType;
        response.ContentLength = content.Length;
        if (!HttpMethods.IsHead(request.Method))
            await response.Body.WriteAsync(content, context.RequestAborted);
    }
}
