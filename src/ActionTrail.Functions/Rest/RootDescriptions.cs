using ActionTrail.Functions.OpenApi;

namespace ActionTrail.Functions.Rest;

/// <summary>What the OpenAPI document says of what anybody may call, and of the RPC API, which has its own description in docs/rpc.md.</summary>
internal static class RootDescriptions
{
    public static readonly RouteDescription Call = new("Call an action of the RPC API.", Reply.Ok("The answer of the action.", Shape.Object("RequestId and the members of the action's answer.", ("RequestId", Shape.Text("The id of the request."))) with { Others = Shape.Any("A member.") }))
    {
        Details = "ActionTrail's API 2020-07-06: parameters in the query, in a form or both, also as GET; answers in JSON or XML. Signed in as everywhere, or by an RPC signature.",
        Parameters = [new("Action", Shape.Text("Name of the action.")), new("Version", Shape.Text("2020-07-06."))],
        Takes = Shape.Object("Parameters of the action.") with { Others = Shape.Text("A parameter."), Example = """{"Action":"DescribeTrails","Version":"2020-07-06"}""" },
    };

    private static readonly Shape Status = Shape.Object("A status.", ("status", Shape.Text("In a word."))).As("Status");

    private static readonly Shape Ready = Shape.Object(
        "Whether what is needed answers.",
        ("status", Shape.Text("In a word.")),
        ("checks", Shape.Object("Each of them by its name.") with { Others = Shape.Text("How it is.") })).As("Readiness");

    private static readonly RouteDescription Root = new(
        "Show what this is.",
        Reply.Ok(
            "Name, version and links.",
            Shape.Object("What this is.", ("name", Shape.Text("Name of the product.")), ("version", Shape.Text("Version of the product.")), ("links", Shape.Object("Where to go.") with { Others = Shape.Text("An address.") }))));

    private static readonly RouteDescription Document = new(
        "Show this document.",
        Reply.Ok("The OpenAPI document of the REST API.", Shape.Object("OpenAPI 3.1.") with { Others = Shape.Any("A part of the document.") }));

    public static readonly DescribedRoute[] All =
    [
        new("GET", "/", "GetRoot", Root),
        new("POST", "/", "CallAction", Call) { IsRpc = true, Body = BodyForm.Json },
        new("GET", "/health/live", "GetLiveness", new("Say whether the process lives.", Reply.Ok("It does.", Status))),
        new("GET", "/health/ready", "GetReadiness", new("Say whether the storage answers.", Reply.Ok("It does.", Ready)) { Problems = [ProblemType.StoreUnavailable] }),
        new("GET", "/openapi.json", "GetDocument", Document),
        new("GET", "/v1/openapi.json", "GetDocumentOfVersion", Document),
    ];
}
