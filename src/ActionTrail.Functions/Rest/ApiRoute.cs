using ActionTrail.Access;
using ActionTrail.Functions.OpenApi;

namespace ActionTrail.Functions.Rest;

/// <summary>What a body may be.</summary>
internal enum BodyForm
{
    /// <summary>No body; one that comes is refused.</summary>
    None,

    /// <summary>One JSON object of at most 256 KiB, <c>application/json</c>.</summary>
    Json,

    /// <summary>Events: JSON, NDJSON or gzip of these, larger.</summary>
    Events,
}

/// <summary>One route of the REST API: where it is, which operation it calls, and how.</summary>
/// <param name="Method">HTTP method; GET answers HEAD too.</param>
/// <param name="Pattern">Route pattern.</param>
/// <param name="Operation">What it calls.</param>
/// <param name="Handler">Does the work, after authentication, role, body and media type were checked.</param>
/// <param name="Description">What the OpenAPI document says of it.</param>
/// <remarks>
/// To add a route: 1 the operation and its roles (<see cref="Access.Operation"/>, <see cref="AccessRules"/>); 2 the description, in a class XDescriptions beside XRoutes:
/// parameters, body with an example, every answer, and the problems that not every call may meet, each new shape under a name of its own (<see cref="Shape"/>);
/// 3 the route in <c>All</c>, the class in <c>FunctionsApp.Routes</c>; 4 a new copy of the document: run the tests of <c>OpenApiDocumentTests</c> with
/// <c>ACTIONTRAIL_WRITE=1</c> and commit what they write; 5 its rows in the table of who may call what (<c>AuthorizationTests</c>, the same way). Whatever the tests of the API
/// send and get is held against the document: an answer, member, header or problem that is not described fails the test that saw it.
/// </remarks>
internal sealed record ApiRoute(string Method, string Pattern, Operation Operation, Func<ApiCall, Task<ApiResult>> Handler, RouteDescription Description)
{
    public BodyForm Body { get; init; } = BodyForm.None;

    /// <summary>Decoded parameters of an RPC call, which may be signed; null for REST.</summary>
    public IReadOnlyList<KeyValuePair<string, string>>? Parameters { get; init; }

    /// <summary>Answers with a file, whatever the request accepts: its form is a parameter's choice.</summary>
    public bool IsFile { get; init; }
}
