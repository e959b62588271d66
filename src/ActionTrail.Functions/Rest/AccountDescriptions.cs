using ActionTrail.Access;
using ActionTrail.Events;
using ActionTrail.Functions.OpenApi;

namespace ActionTrail.Functions.Rest;

/// <summary>What the OpenAPI document says of <see cref="AccountRoutes"/> and <see cref="AccessKeyRoutes"/>.</summary>
internal static class AccountDescriptions
{
    public static readonly Shape Id = Shape.Text("Id of an account.", AccountIds.MaxLength, "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$");

    public static readonly Shape Name = Shape.Text("For people.", Account.MaxDisplayName);

    public static readonly Shape ETag = Shape.Text("The version, for If-Match.", pattern: "^\"[0-9a-f]{16}\"$");

    public static readonly Parameter InPath = new("accountId", Shape.Text("Id of an account."));

    private static readonly Parameter KeyInPath = new("accessKeyId", Shape.Text("Id of an access key."));

    private static readonly Shape One = Shape.Object(
        "An account: the tenant that owns events.",
        ("accountId", Id),
        ("displayName", Name),
        ("createdAt", Shape.Time("When it was made.")),
        ("source", Shape.Choice<AccountSource>("How it came to be: by the operator, by an event that named it, or by a directory.")),
        ("state", Shape.Choice<AccountState>("Whether its keys work. Events of a disabled account are stored all the same.")),
        ("etag", ETag)).As("Account");

    private static readonly (string, Shape)[] KeyMembers =
    [
        ("accountId", Id),
        ("role", Shape.Choice("What it may do.", nameof(Role.Administrator), nameof(Role.TrailAdministrator), nameof(Role.Auditor), nameof(Role.Publisher))),
        ("state", Shape.Choice<AccessKeyState>("Whether it works.")),
        ("createdAt", Shape.Time("When it was made.")),
        ("rotatedFrom?", Shape.Text("The key that a rotation made this one from.")),
        ("etag", ETag),
    ];

    private static readonly Shape KeyId = Shape.Text("Id of an access key.", pattern: "^AT[A-Z2-7]{18}$");

    private static readonly Shape Key = Shape.Object("An access key, without its secret.", [("accessKeyId", KeyId), .. KeyMembers]).As("AccessKey");

    private static readonly Shape NewKey = Shape.Object(
        "A new access key with its secret, which is shown this once.",
        [("accessKeyId", KeyId), ("secret", Shape.Text("The secret; nobody can show it again.", pattern: "^[A-Za-z0-9]{40}$")), .. KeyMembers]).As("IssuedAccessKey");

    public static readonly RouteDescription Create = new("Make an account.", Reply.Created("The new account.", One) with { HasETag = true })
    {
        Takes = Shape.Object("The new account.", ("accountId", Id), ("displayName?", Name)) with { Example = """{"accountId":"contoso","displayName":"Contoso Ltd"}""" },
        Problems = [ProblemType.AccountAlreadyExists],
    };

    public static readonly RouteDescription List = new("List all accounts, in order of their ids.", Reply.Ok("A page of accounts.", Shape.Page(One)))
    {
        Parameters = [PageSize(1000, 100), After],
    };

    public static readonly RouteDescription Get = new("Show an account.", Reply.Ok("The account.", One) with { HasETag = true }) { Parameters = [InPath] };

    public static readonly RouteDescription Update = new("Rename, disable or enable an account.", Reply.Ok("The changed account.", One) with { HasETag = true })
    {
        Parameters = [InPath],
        Takes = Shape.Object("What changes.", ("displayName?", Name), ("state?", Shape.Choice<AccountState>("Whether its keys work."))) with { Example = """{"state":"Active"}""" },
        HonoursIfMatch = true,
    };

    public static readonly RouteDescription CreateKey = new("Issue an access key.", Reply.Created("The new key with its secret, shown this once.", NewKey) with { HasETag = true })
    {
        Parameters = [InPath],
        Takes = Shape.Object("The new key.", ("role", KeyMembers[1].Item2)) with { Example = """{"role":"Auditor"}""" },
        Problems = [ProblemType.AccessKeyLimitExceeded],
    };

    public static readonly RouteDescription ListKeys = new("List the access keys of an account, oldest first.", Reply.Ok("All keys, without secrets.", Shape.Page(Key))) { Parameters = [InPath] };

    public static readonly RouteDescription GetKey = new("Show an access key.", Reply.Ok("The key, without its secret.", Key) with { HasETag = true })
    {
        Parameters = [InPath, KeyInPath],
        Problems = [ProblemType.AccessKeyNotFound],
    };

    public static readonly RouteDescription UpdateKey = new("Activate or deactivate an access key.", Reply.Ok("The changed key.", Key) with { HasETag = true })
    {
        Parameters = [InPath, KeyInPath],
        Takes = Shape.Object("What changes.", ("state", Shape.Choice<AccessKeyState>("Whether it works."))) with { Example = """{"state":"Active"}""" },
        Problems = [ProblemType.AccessKeyNotFound],
        HonoursIfMatch = true,
    };

    public static readonly RouteDescription DeleteKey = new("Delete an access key.", Reply.NoContent("It is gone. What it did stays in the audit trail."))
    {
        Parameters = [InPath, KeyInPath],
        Problems = [ProblemType.AccessKeyNotFound],
        HonoursIfMatch = true,
    };

    public static readonly RouteDescription RotateKey = new("Issue a key that takes over from another.", Reply.Created("The new key with its secret, shown this once.", NewKey) with { HasETag = true })
    {
        Details = "The new key has the role of the old one, which stays active until it is deactivated. Not while two keys of the line are active.",
        Parameters = [InPath, KeyInPath],
        Problems = [ProblemType.AccessKeyNotFound, ProblemType.AccessKeyLimitExceeded, ProblemType.Conflict],
        HonoursIfMatch = true,
    };

    public static readonly RouteDescription LastUsed = new(
        "Show what an access key did last.",
        Reply.Ok(
            "Its last event, or null.",
            Shape.Object(
                "The last use of a key.",
                ("accessKeyId", Shape.Text("Id of the key.")),
                ("lastUsed", Shape.Object(
                    "The event.",
                    ("eventTime", Shape.Time("When.")),
                    ("serviceName", Shape.Text("The service that was called.")),
                    ("eventName", Shape.Text("What was called.")),
                    ("sourceIpAddress", Shape.Text("From where.") with { IsNullable = true }),
                    ("eventId", Shape.Text("Id of the event.") with { IsNullable = true }),
                    ("source", Shape.Text("How the event was recognised."))) with
                { IsNullable = true })).As("AccessKeyUse")))
    {
        Parameters = [InPath, KeyInPath],
        Problems = [ProblemType.AccessKeyNotFound],
    };

    public static Parameter After => new("after", Id with { About = "List what comes behind this account." });

    public static Parameter PageSize(int max, int fallback) => new("pageSize", Shape.Whole("Most items on the page.", 1, max) with { Default = fallback.ToString(System.Globalization.CultureInfo.InvariantCulture) });
}
