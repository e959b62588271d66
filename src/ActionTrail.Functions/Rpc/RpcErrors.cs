using ActionTrail.Functions.Rest;

namespace ActionTrail.Functions.Rpc;

/// <summary>
/// The error codes of the RPC API: its own kinds of problem, and what it calls the problems of the REST API. A problem that is not here keeps code and
/// status. docs/rpc.md has the same table; a test compares.
/// </summary>
internal static class RpcErrors
{
    public static readonly ProblemType MissingAction = new("MissingAction", "missing-action", 400, "The request names no action.");
    public static readonly ProblemType InvalidAction = new("InvalidAction", "invalid-action", 400, "There is no such action.");
    public static readonly ProblemType MissingParameter = new("MissingParameter", "missing-parameter", 400, "A required parameter is missing.");
    public static readonly ProblemType InvalidParameterValue = new("InvalidParameterValue", "invalid-parameter-value", 400, "A parameter breaks a rule.");
    public static readonly ProblemType InsufficientBucketPolicy = new("InsufficientBucketPolicyException", "insufficient-bucket-policy", 403, "The container cannot be delivered to.");
    public static readonly ProblemType ActionNotImplemented = new("ActionNotImplemented", "action-not-implemented", 501, "The action is not offered here.");

    /// <summary>The kinds that only this API has, in order of status.</summary>
    public static IReadOnlyList<ProblemType> Own { get; } =
        [MissingAction, InvalidAction, MissingParameter, InvalidParameterValue, InsufficientBucketPolicy, ActionNotImplemented];

    /// <summary>What this API calls a problem of the REST API.</summary>
    public static IReadOnlyList<(ProblemType Problem, string Code, int Status)> Translations { get; } =
    [
        (ProblemType.InvalidParameter, InvalidParameterValue.Code, 400),
        (ProblemType.InvalidContinuation, InvalidParameterValue.Code, 400),
        (ProblemType.TrailAlreadyExists, "TrailAlreadyExistsException", 400),
        (ProblemType.TrailLimitExceeded, "MaximumNumberOfTrailsExceededException", 400),
        (ProblemType.HistoryJobLimitExceeded, "LimitExceededException", 400),
        (ProblemType.QueryTemplateLimitExceeded, "LimitExceededException", 400),
        (ProblemType.Unauthenticated, "SignatureDoesNotMatch", 401),
        (ProblemType.Forbidden, "NeedRamAuthorize", 403),
        (ProblemType.TrailNotFound, "TrailNotFoundException", 404),
        (ProblemType.HistoryJobNotFound, "DeliveryHistoryJobNotFoundException", 404),
        (ProblemType.QueryTemplateNotFound, "TemplateNotFoundException", 404),
        (ProblemType.QueryRecordNotFound, "QueryNotFoundException", 404),
        (ProblemType.HistoryJobRunning, "DeliveryHistoryJobRunningException", 409),
        (ProblemType.Conflict, "ConflictException", 409),
        (ProblemType.TooManyRequests, "Throttling.User", 429),
        (ProblemType.InternalError, "InternalFailure", 500),
        (ProblemType.StoreUnavailable, "ServiceUnavailable", 503),
    ];

    /// <summary>Code and HTTP status under which this API answers a problem.</summary>
    public static (string Code, int Status) Of(ProblemType type)
    {
        foreach (var (problem, code, status) in Translations)
        {
            if (problem == type)
                return (code, status);
        }

        return (type.Code, type.Status);
    }

    public static Problem Invalid(string parameter, string rule) => new(InvalidParameterValue) { Errors = [new Fault(parameter, rule)] };
}
