using System.Globalization;
using ActionTrail.Access;
using ActionTrail.Segments;
using ActionTrail.Storage;

namespace ActionTrail.Functions.Rest;

/// <summary>The outermost layer: gives each request its id, and turns whatever escapes or has no body into a problem.</summary>
internal sealed partial class ErrorEndpoints(IRandomSource random, ILogger<ErrorEndpoints> log)
{
    private static readonly TimeSpan DefaultPause = TimeSpan.FromSeconds(2);

    /// <summary>Damage stays until a person mends it.</summary>
    private static readonly TimeSpan MendingPause = TimeSpan.FromMinutes(10);

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var requestId = RequestIds.Assign(context, random);
        Problem? problem;
        try
        {
            await next(context);
            problem = Unwritten(context.Response);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e)
        {
            problem = Explain(e);
            if (problem.Type.Status >= 500)
                Failed(log, requestId, context.Request.Method, context.Request.Path.Value ?? "", problem.Type.Code, e);
            if (context.Response.HasStarted)
                throw;
            context.Response.Clear();
            context.Response.Headers[RequestIds.Header] = requestId;
        }

        if (problem is not null)
            await ProblemWriter.WriteAsync(context, problem);
    }

    /// <summary>Routing answers some requests with a bare status.</summary>
    private static Problem? Unwritten(HttpResponse response) => response.HasStarted || response.ContentType is not null ? null : response.StatusCode switch
    {
        StatusCodes.Status404NotFound => new Problem(ProblemType.NotFound),
        StatusCodes.Status405MethodNotAllowed => new Problem(ProblemType.MethodNotAllowed, $"Allowed: {response.Headers.Allow}."),
        _ => null,
    };

    /// <summary>What an exception means to the client.</summary>
    public static Problem Explain(Exception e) => e switch
    {
        StoreException { Kind: StoreErrorKind.Throttled or StoreErrorKind.Unavailable or StoreErrorKind.Full } store => new Problem(ProblemType.StoreUnavailable) { RetryAfter = store.RetryAfter ?? DefaultPause },
        StoreException { Kind: StoreErrorKind.Corrupt } or SegmentFormatException => new Problem(ProblemType.StoreDamaged, "The operator finds it with GET /v1/store/verify.") { RetryAfter = MendingPause },
        OperationCanceledException => new Problem(ProblemType.StoreUnavailable, "The work took longer than a request may.") { RetryAfter = DefaultPause },
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => new Problem(ProblemType.BodyTooLarge),
        BadHttpRequestException bad => new Problem(ProblemType.MalformedRequest, string.Create(CultureInfo.InvariantCulture, $"The HTTP request is broken ({bad.StatusCode}).")),
        _ => new Problem(ProblemType.InternalError),
    };

    [LoggerMessage(9000, LogLevel.Error, "request {RequestId} {Method} {Path} failed: {Code}")]
    private static partial void Failed(ILogger log, string requestId, string method, string path, string code, Exception exception);
}
