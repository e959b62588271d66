using ActionTrail.Access;
using ActionTrail.Functions.Rest;

namespace ActionTrail.Functions.OpenApi;

/// <summary>A route as the document sees it: one of the API's, or one that anybody may call.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Pattern">Route pattern.</param>
/// <param name="OperationId">Unique name.</param>
/// <param name="Description">What it does.</param>
internal sealed record DescribedRoute(string Method, string Pattern, string OperationId, RouteDescription Description)
{
    /// <summary>What it calls; null: nobody need sign in.</summary>
    public Operation? Operation { get; init; }

    public BodyForm Body { get; init; } = BodyForm.None;

    /// <summary>Answers with a file, whatever the request accepts.</summary>
    public bool IsFile { get; init; }

    /// <summary>The one address of the RPC API, which has errors of its own form.</summary>
    public bool IsRpc { get; init; }

    public static DescribedRoute Of(ApiRoute route) =>
        new(route.Method, route.Pattern, route.Operation + (route.Pattern.StartsWith(EventSources.Logstore + "/", StringComparison.Ordinal) ? "InLogstore" : ""), route.Description) { Operation = route.Operation, Body = route.Body, IsFile = route.IsFile };

    /// <summary>Every problem that a call may meet, the common ones included, in the order of <see cref="ProblemType.All"/>.</summary>
    public IEnumerable<ProblemType> Problems()
    {
        if (IsRpc)
            return [];
        var own = Description.Problems.ToList();
        own.Add(ProblemType.InternalError);
        if (Description.HonoursIfMatch)
            own.Add(ProblemType.PreconditionFailed);
        if (Body != BodyForm.None)
            own.Add(ProblemType.UnsupportedMediaType);
        if (Operation is not null)
        {
            own.AddRange(
            [
                ProblemType.InvalidParameter, ProblemType.MalformedRequest, ProblemType.Unauthenticated, ProblemType.Forbidden, ProblemType.AccountNotFound,
                ProblemType.BodyTooLarge, ProblemType.TooManyRequests, ProblemType.StoreUnavailable, ProblemType.StoreDamaged,
            ]);
            if (!IsFile)
                own.Add(ProblemType.NotAcceptable);
        }

        return ProblemType.All.Where(own.Contains);
    }
}
