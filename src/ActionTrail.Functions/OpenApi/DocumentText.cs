using ActionTrail.Functions.Rest;

namespace ActionTrail.Functions.OpenApi;

/// <summary>What the OpenAPI document says that belongs to no route: introduction, sign-in, headers, and the form of problems.</summary>
internal static class DocumentText
{
    public const string Introduction = """
        The REST API of ActionTrail.Functions, an audit trail. JSON in and out, UTF-8, times as ISO 8601 in UTC. Unknown members, repeated members, wrong types and unknown
        query parameters are refused, all at once. GET answers HEAD too. Bodies may be gzip. Errors are problems (RFC 9457) with a stable `code`. Members may be added to answers.
        """;

    public static readonly Shape Problem = Shape.Object(
        "A problem, RFC 9457.",
        ("type", Shape.Text("Stable kind of problem, a path.", pattern: "^/problems/[a-z-]+$")),
        ("title", Shape.Text("The same sentence for every occurrence.")),
        ("status", Shape.Whole("The HTTP status.", 400, 599)),
        ("detail?", Shape.Text("What is special about this occurrence.")),
        ("code", Shape.Text("Stable name for programs, also in the header x-ms-error-code.", pattern: "^[A-Za-z]+$")),
        ("requestId", Shape.Text("As in the header ActionTrail-Request-Id.")),
        ("errors?", Shape.List("Every rule that was broken.", Shape.Object(
            "A broken rule.",
            ("pointer", Shape.Text("A JSON pointer into the body, ?name for a query parameter, or the name of a header.")),
            ("rule", Shape.Text("What holds there."))))),
        ("errorsNotShown?", Shape.Whole("How many more there are.", 1))).As("Problem");

    public static readonly Shape RpcProblem = Shape.Object(
        "An error of the RPC API.",
        ("RequestId", Shape.Text("The id of the request.")),
        ("HostId", Shape.Text("The host that was asked.")),
        ("Code", Shape.Text("Stable name for programs.")),
        ("Message", Shape.Text("A sentence for people."))).As("RpcError");

    /// <summary>The three ways to sign in.</summary>
    public static readonly (string Name, (string Name, string Value)[] Members)[] Schemes =
    [
        ("basic", [("type", "http"), ("scheme", "basic"), ("description", "An access key id with its secret, or operator with the operator key.")]),
        ("bearer", [("type", "http"), ("scheme", "bearer"), ("bearerFormat", "JWT"), ("description", "An access token of Entra ID, where the deployment has a tenant configured.")]),
        ("acs3", [("type", "apiKey"), ("in", "header"), ("name", "Authorization"), ("description", "ACS3-HMAC-SHA256: a signature by an access key, as ActionTrail's own clients make it.")]),
    ];

    public sealed record RequestHeader(string Name, Shape Shape, Func<DescribedRoute, bool> IsOf);

    public static readonly RequestHeader[] RequestHeaders =
    [
        new(ApiPipeline.AccountHeader, Shape.Text("The account that the operator acts for; others may name their own.", 64), static route => route.Operation is not null),
        new("If-Match", Shape.Text("Act only on this version of the resource: an ETag that an answer had, or *."), static route => route.Description.HonoursIfMatch),
        new("traceparent", Shape.Text("W3C trace context, passed on to the traces of the service.", 256), static route => route.Operation is not null),
    ];

    public sealed record ReplyHeader(string Name, Func<Reply, bool> IsOf);

    public static readonly ReplyHeader[] ReplyHeaders =
    [
        new(RequestIds.Header, static _ => true),
        new("ETag", static reply => reply.HasETag),
        new("Location", static reply => reply.Status == StatusCodes.Status201Created),
        new("Operation-Location", static reply => reply.Status == StatusCodes.Status202Accepted),
        new(ApiPipeline.StatisticsHeader, static reply => reply.HasStatistics),
    ];

    /// <param name="Name">Name of the header.</param>
    /// <param name="IsOf">Whether an answer of one of these problems has it.</param>
    /// <param name="Component">Its name in <see cref="AllHeaders"/> when that is another one.</param>
    public sealed record ProblemHeader(string Name, Func<IReadOnlyList<ProblemType>, bool> IsOf, string? Component = null);

    public static readonly ProblemHeader[] ProblemHeaders =
    [
        new(RequestIds.Header, static _ => true),
        new("x-ms-error-code", static _ => true),
        new("WWW-Authenticate", static types => types[0].Status == StatusCodes.Status401Unauthorized),
        new("Retry-After", static types => types[0].Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable),
        new("Retry-After", static types => types.Contains(ProblemType.EventNotSealed), "Retry-After-Perhaps"),
    ];

    public static readonly (string Name, bool IsRequired, Shape Shape)[] AllHeaders =
    [
        (RequestIds.Header, true, Shape.Text("The id of the request, and the requestId of its audit event.")),
        (ApiPipeline.StatisticsHeader, true, Shape.Text("What the answer cost: segments, heads, rows, blocks, gets and bytes.")),
        ("ETag", false, Shape.Text("The version of the resource; for those who may change it.", pattern: "^\"[0-9a-f]{16}\"$")),
        ("Location", true, Shape.Text("Where the new resource is.", pattern: "^/v1/")),
        ("Operation-Location", true, Shape.Text("Where to ask how the work stands.", pattern: "/v1/")),
        ("Retry-After", true, Shape.Text("Seconds to wait before asking again.", pattern: "^[0-9]+$")),
        ("Retry-After-Perhaps", false, Shape.Text("Seconds to wait before asking again, where that helps.", pattern: "^[0-9]+$")),
        ("WWW-Authenticate", true, Shape.Text("The ways to sign in that are offered.")),
        ("x-ms-error-code", true, Shape.Text("The code of the problem.")),
    ];
}
