using ActionTrail.Access;

namespace ActionTrail.Functions.Rest;

/// <summary>What a body may be.</summary>
internal enum BodyForm
{
    /// <summary>No body; one that comes is not read.</summary>
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
internal sealed record ApiRoute(string Method, string Pattern, Operation Operation, Func<ApiCall, Task<ApiResult>> Handler)
{
    public BodyForm Body { get; init; } = BodyForm.None;

    /// <summary>Decoded parameters of an RPC call, which may be signed; null for REST.</summary>
    public IReadOnlyList<KeyValuePair<string, string>>? Parameters { get; init; }

    /// <summary>Answers with a file, whatever the request accepts: its form is a parameter's choice.</summary>
    public bool IsFile { get; init; }
}
