using ActionTrail.Storage;
using Microsoft.AspNetCore.Http.Features;

namespace ActionTrail.Functions.Triggers;

/// <summary>One function of the host that is not HTTP.</summary>
internal interface ITrigger
{
    /// <summary>Name of the function's folder.</summary>
    string Function { get; }

    /// <summary>
    /// Works off one invocation. Returning acknowledges it; any exception makes it a failed invocation, which the host repeats (event
    /// hub), hides and later parks in the poison queue (queue), or leaves to the next occurrence (timer).
    /// </summary>
    Task RunAsync(ReadOnlyMemory<byte> invocation, CancellationToken cancellationToken);
}

/// <summary>Answers the host's invocations: 200 with an empty result, never 204 or an empty body, which would hang the invocation until it is killed.</summary>
internal sealed partial class TriggerEndpoints(IEnumerable<ITrigger> triggers, HandlerPort port, TimeProvider time, ILogger<TriggerEndpoints> log)
{
    /// <summary>Shorter than <c>functionTimeout</c> in host.json: the host kills the whole process when one invocation passes that.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(9);

    private static readonly byte[] Done = """{"Outputs":{},"Logs":[],"ReturnValue":null}"""u8.ToArray();

    private readonly Dictionary<string, ITrigger> byTarget = triggers.ToDictionary(static t => "/" + t.Function, StringComparer.Ordinal);

    /// <summary>Answers an invocation; hands everything else on, so that a forged one meets the same 404 as any unknown address.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget;
        if (target is null || !byTarget.TryGetValue(target, out var trigger))
            return next(context);
        if (HostRequest.IsInvocation(context.Request, target, trigger.Function, port.Number))
            return RunAsync(context, trigger);

        // A forgery; or a host that changed its ways, and then somebody must learn which header it was.
        Refused(log, trigger.Function, string.Join(", ", HostRequest.Foreign(context.Request).Order(StringComparer.Ordinal).Take(20)));
        return next(context);
    }

    private async Task RunAsync(HttpContext context, ITrigger trigger)
    {
        // Batches are far larger than the default limit of 30 MB, and one that is refused would be lost.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        using var deadline = new CancellationTokenSource(Deadline, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, context.RequestAborted);
        try
        {
            using var body = await PooledBody.ReadAsync(context.Request, both.Token);
            await trigger.RunAsync(body.Memory, both.Token);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e)
        {
            Failed(log, trigger.Function, e is StoreException { Kind: var kind } ? kind.ToString() : e.GetType().Name, e);
            context.Response.StatusCode = e is StoreException { Kind: StoreErrorKind.Throttled or StoreErrorKind.Unavailable or StoreErrorKind.Full } or OperationCanceledException
                ? StatusCodes.Status503ServiceUnavailable
                : StatusCodes.Status500InternalServerError;
            return;
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Done.Length;
        await context.Response.Body.WriteAsync(Done, context.RequestAborted);
    }

    [LoggerMessage(9101, LogLevel.Warning, "a request for {Function} is no invocation of the host; headers the host does not send: {Headers}")]
    private static partial void Refused(ILogger log, string function, string headers);

    [LoggerMessage(9100, LogLevel.Error, "invocation of {Function} failed: {Reason}")]
    private static partial void Failed(ILogger log, string function, string reason, Exception exception);
}
