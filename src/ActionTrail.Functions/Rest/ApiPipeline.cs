using ActionTrail.Access;
using ActionTrail.Events;
using ActionTrail.Functions.Audit;

namespace ActionTrail.Functions.Rest;

/// <summary>
/// What every call of the API goes through: 1 credentials, 2 the account it acts for, 3 role, 4 what the client accepts,
/// 5 body and query, 6 the operation, 7 its audit event, 8 the answer. A refusal at any step is audited too.
/// </summary>
internal sealed class ApiPipeline(Authenticator authenticator, CallRateLimiter limiter, PublicAddress address, AccountStore accounts, AuditTrail audit, TimeProvider time)
{
    /// <summary>By this header the operator names the account it acts for.</summary>
    public const string AccountHeader = "ActionTrail-Account";

    /// <summary>In this header a lookup says what it cost.</summary>
    public const string StatisticsHeader = "ActionTrail-Statistics";

    /// <summary>Longest time of one call, shorter than the 230 s after which Azure's front end gives up.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(200);

    public async Task RunAsync(HttpContext context, ApiRoute route)
    {
        using var deadline = new CancellationTokenSource(Deadline, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, context.RequestAborted);
        var shown = new ShownCredentials(context, address, route.Body);
        var authentication = await authenticator.AuthenticateAsync(shown.Read(route.Parameters), both.Token);
        if (authentication.Caller is not { } caller)
        {
            await RefuseAsync(context, route, authentication, shown.BodyIsTooLarge, deadline.Token);
            return;
        }

        // Not audited: nothing was done, and a flood shall not fill an audit trail.
        if (limiter.Take(caller) is { } wait)
        {
            await ProblemWriter.WriteAsync(context, new Problem(ProblemType.TooManyRequests, "The account calls too often.") { RetryAfter = wait });
            return;
        }

        var (accountId, stranger) = await AccountAsync(context.Request, caller, both.Token);
        var call = new ApiCall
        {
            Context = context,
            Operation = route.Operation,
            Caller = caller,
            AccountId = accountId,
            RequestId = RequestIds.Of(context),
            Query = new QueryReader(context.Request.Query),
            Cancellation = both.Token,
        };
        ApiResult result;
        try
        {
            result = stranger ?? Check(call, route) ?? await HandleAsync(call, route);
        }
        catch (Exception e)
        {
            // What happened is unknown or nothing, but that somebody tried is known.
            await audit.RecordAsync(AuditFacts.Of(call), ErrorEndpoints.Explain(e).Type, deadline.Token);
            throw;
        }

        // The record is made even when the client has gone meanwhile.
        if (!result.Audited)
            await audit.RecordAsync(AuditFacts.Of(call), result.Problem?.Type, deadline.Token);
        await WriteAsync(context, result);
    }

    /// <summary>One answer to all failures to sign in. Those beyond the limit are not audited: a flood shall not fill an audit trail.</summary>
    private async Task RefuseAsync(HttpContext context, ApiRoute route, Authentication authentication, bool bodyIsTooLarge, CancellationToken cancellationToken)
    {
        var problem = authentication switch
        {
            { RetryAfter: { } wait } => new Problem(ProblemType.TooManyRequests, "Too many failed attempts to sign in.") { RetryAfter = wait },
            { NotOffered: { } name } => Problem.Invalid(new Fault(name, "Temporary credentials are not offered; use an access key or a token.")),
            _ when bodyIsTooLarge => new Problem(ProblemType.BodyTooLarge, $"At most {RequestBody.LimitOf(route.Body)} bytes."),
            _ => new Problem(ProblemType.Unauthenticated),
        };
        if (problem.Type != ProblemType.TooManyRequests)
            await audit.RecordAsync(AuditFacts.Unauthenticated(context, route.Operation, authentication), problem.Type, cancellationToken);
        if (problem.Type == ProblemType.Unauthenticated)
            context.Response.Headers.WWWAuthenticate = authenticator.Challenges.ToArray();
        await ProblemWriter.WriteAsync(context, problem);
    }

    private static async Task<ApiResult> HandleAsync(ApiCall call, ApiRoute route)
    {
        // The parameters of an RPC call were its body.
        if (route.Body == BodyForm.None && route.Parameters is null && await RequestBody.HasAnyAsync(call.Request, call.Cancellation))
            return Problem.Invalid(new Fault("", "The operation takes no body."));
        var (body, unreadable) = await RequestBody.ReadAsync(call.Request, route.Body, call.Cancellation);
        call.Body = body;
        return unreadable is null ? await route.Handler(call) : unreadable;
    }

    private async Task<(string AccountId, ApiResult? Problem)> AccountAsync(HttpRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var named = request.Headers[AccountHeader].ToString();
        if (named.Length == 0 || named == caller.HomeAccountId)
            return (caller.HomeAccountId, null);
        // Whoever is not the operator learns nothing about other accounts, not even that they exist.
        if (caller.Role == Role.Operator && AccountIds.IsValid(named) && await accounts.FindAsync(named, cancellationToken) is not null)
            return (named, null);
        return (caller.HomeAccountId, ProblemType.AccountNotFound);
    }

    private static ApiResult? Check(ApiCall call, ApiRoute route)
    {
        if (!AccessRules.Allows(call.Caller.Role, call.Operation))
            return new Problem(ProblemType.Forbidden, $"Role {call.Caller.Role} may not call {call.Operation}.");
        return route.IsFile || AcceptsJson(call.Request) ? null : (ApiResult)ProblemType.NotAcceptable;
    }

    private static bool AcceptsJson(HttpRequest request)
    {
        var accept = request.GetTypedHeaders().Accept;
        return request.HttpContext.Features.Get<IAnswerForm>() is not null || accept is null or { Count: 0 } || accept.Any(static range => range.Quality is not 0.0
            && (range.MatchesAllTypes || (range.Type == "application" && (range.MatchesAllSubTypes || range.SubType.Value is "json" or "problem+json"))));
    }

    private static async Task WriteAsync(HttpContext context, ApiResult result)
    {
        if (result.Problem is { } problem)
        {
            await ProblemWriter.WriteAsync(context, problem);
            return;
        }

        var response = context.Response;
        response.StatusCode = result.Status;
        response.Headers.CacheControl = "no-store";
        if (result.ETag is not null)
            response.Headers.ETag = result.ETag;
        if (result.Location is not null)
            response.Headers.Location = result.Location;
        if (result.OperationLocation is not null)
            response.Headers["Operation-Location"] = result.OperationLocation;
        if (result.Statistics is not null)
            response.Headers[StatisticsHeader] = result.Statistics;
        if (result.File is { } file)
            await WriteFileAsync(context, file);
        if (result.Body is null)
            return;
        if (context.Features.Get<IAnswerForm>() is { } form)
        {
            await form.WriteAsync(context, result.Body);
            return;
        }

        response.ContentType = "application/json";
        await JsonBody.WriteAsync(context, result.Body);
    }

    /// <summary>An exception from here on leaves the answer without an end: the server closes the connection.</summary>
    private static async Task WriteFileAsync(HttpContext context, FileBody file)
    {
        context.Response.ContentType = file.ContentType;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{file.Name}\"";
        if (!HttpMethods.IsHead(context.Request.Method))
            await file.WriteAsync(context.Response.BodyWriter);
    }
}
