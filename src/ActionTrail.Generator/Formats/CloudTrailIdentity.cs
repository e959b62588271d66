using System.Text.Json.Nodes;

namespace ActionTrail.Generator.Formats;

/// <summary>The <c>userIdentity</c> of CloudTrail records, in the shares that real accounts have: mostly roles, then users, then services.</summary>
internal static class CloudTrailIdentity
{
    private static readonly string[] Services = ["autoscaling.amazonaws.com", "config.amazonaws.com", "lambda.amazonaws.com", "resource-explorer-2.amazonaws.com", "cloudformation.amazonaws.com"];

    /// <summary>The identity and the user name that an event of it should show.</summary>
    public static (JsonObject Identity, string UserName) Of(Scene scene, string account, Person person, DateTimeOffset time, bool isConsole) => scene.Below(100) switch
    {
        < 2 => (Root(account, time), "root"),
        < 12 when !isConsole => Service(scene),
        < 15 when !isConsole => Federated(person, account),
        < 45 => User(account, person, time),
        _ when isConsole => User(account, person, time),
        _ => Role(scene, account, person, time),
    };

    private static JsonObject Root(string account, DateTimeOffset time) => new()
    {
        ["type"] = "Root",
        ["principalId"] = account,
        ["arn"] = $"arn:aws:iam::{account}:root",
        ["accountId"] = account,
        ["accessKeyId"] = "",
        ["sessionContext"] = new JsonObject { ["attributes"] = Attributes(time, usesMfa: true) },
    };

    private static (JsonObject, string) Service(Scene scene)
    {
        var host = scene.Pick(Services);
        return (new JsonObject { ["type"] = "AWSService", ["invokedBy"] = host }, host);
    }

    private static (JsonObject, string) Federated(Person person, string account) => (new JsonObject
    {
        ["type"] = "WebIdentityUser",
        ["principalId"] = $"arn:aws:iam::{account}:oidc-provider/token.actions.example:repo:contoso/{person.Role}",
        ["userName"] = $"repo:contoso/{person.Role}",
        ["identityProvider"] = $"arn:aws:iam::{account}:oidc-provider/token.actions.example",
    }, $"repo:contoso/{person.Role}");

    private static (JsonObject, string) User(string account, Person person, DateTimeOffset time) => (new JsonObject
    {
        ["type"] = "IAMUser",
        ["principalId"] = "AIDA" + Stable(person, 17),
        ["arn"] = $"arn:aws:iam::{account}:user/{person.Name}",
        ["accountId"] = account,
        ["accessKeyId"] = "AKIA" + Stable(person, 16),
        ["userName"] = person.Name,
        ["sessionContext"] = new JsonObject { ["attributes"] = Attributes(time, person.UsesMfa) },
    }, person.Name);

    private static (JsonObject, string) Role(Scene scene, string account, Person person, DateTimeOffset time)
    {
        var roleId = "AROA" + Stable(person, 17);
        return (new JsonObject
        {
            ["type"] = "AssumedRole",
            ["principalId"] = $"{roleId}:{person.Name}",
            ["arn"] = $"arn:aws:sts::{account}:assumed-role/{person.Role}/{person.Name}",
            ["accountId"] = account,
            ["accessKeyId"] = "ASIA" + scene.Letters(16),
            ["sessionContext"] = new JsonObject
            {
                ["sessionIssuer"] = new JsonObject { ["type"] = "Role", ["principalId"] = roleId, ["arn"] = $"arn:aws:iam::{account}:role/{person.Role}", ["accountId"] = account, ["userName"] = person.Role },
                ["webIdFederationData"] = new JsonObject(),
                ["attributes"] = Attributes(time, person.UsesMfa),
            },
        }, $"{person.Role}:{person.Name}");
    }

    private static JsonObject Attributes(DateTimeOffset time, bool usesMfa) => new()
    {
        ["creationDate"] = Scene.Iso(time.AddMinutes(-12), 0),
        ["mfaAuthenticated"] = usesMfa ? "true" : "false",
    };

    private static string Stable(Person person, int count)
    {
        Span<byte> text = stackalloc byte[count];
        return System.Text.Encoding.ASCII.GetString(Ids.Text(text, default, person.Seed, count, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"u8));
    }
}
