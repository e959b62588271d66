using ActionTrail.Access;
using ActionTrail.Functions.OpenApi;

namespace ActionTrail.Functions.Rest;

/// <summary><c>/v1/caller</c>: who the credentials of the call are. Every role may ask; a console or a script learns so what else it may do.</summary>
internal sealed class CallerRoutes
{
    private static readonly RouteDescription Description = new(
        "Show who the credentials of the call are.",
        Reply.Ok(
            "Who calls.",
            Shape.Object(
                "Who calls.",
                ("accountId", AccountDescriptions.Id with { About = "The account that the call acts for." }),
                ("role", Shape.Choice<Role>("What the caller may do.")),
                ("principalId", Shape.Text("As audit events of the caller have it.")),
                ("userName", Shape.Text("As audit events of the caller have it."))).As("Caller")));

    public IEnumerable<ApiRoute> All => [new("GET", "/v1/caller", Operation.GetCallerIdentity, GetAsync, Description)];

    private static Task<ApiResult> GetAsync(ApiCall call)
    {
        if (call.Query.Finish() is { } badQuery)
            return Task.FromResult<ApiResult>(badQuery);
        var caller = call.Caller;
        return Task.FromResult(ApiResult.Ok(json =>
        {
            json.WriteStartObject();
            json.WriteString("accountId"u8, call.AccountId);
            json.WriteString("role"u8, caller.Role.ToString());
            json.WriteString("principalId"u8, caller.PrincipalId);
            json.WriteString("userName"u8, caller.UserName);
            json.WriteEndObject();
        }));
    }
}
