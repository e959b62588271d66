using ActionTrail.Functions.OpenApi;

namespace ActionTrail.Functions.Rest;

/// <summary>What the OpenAPI document says of <see cref="HoldRoutes"/>.</summary>
internal static class HoldDescriptions
{
    private const string Again = "A second hold replaces the reason of the first. Runs of the purge that begin after the answer keep what is held; one that is under way may delete what it has begun to.";

    private static readonly Parameter InPath = new("accountId", AccountDescriptions.Id);

    private static readonly Shape Reason = Shape.Object("Why.", ("reason", Shape.Text("For people.", 1000))) with { Example = """{"reason":"case 17"}""" };

    private static readonly Shape EventHold = Shape.Object(
        "Whether the purge is held up.", ("held", Shape.Flag("Whether.")), ("reason?", Shape.Text("Why.")), ("since?", Shape.Time("Since when.")), ("etag?", AccountDescriptions.ETag)).As("Hold");

    private static readonly Shape AccountHold = Shape.Object(
        "A legal hold on an account.",
        ("accountId", AccountDescriptions.Id),
        ("reason", Shape.Text("Why.")),
        ("since", Shape.Time("Since when.")),
        ("etag", AccountDescriptions.ETag)).As("AccountHold");

    public static readonly RouteDescription Get = new("Show whether the purge is held up.", Reply.Ok("Whether.", EventHold) with { HasETag = true });

    public static readonly RouteDescription Hold = new("Have nothing purged from now on.", Reply.Ok("It is held up.", EventHold) with { HasETag = true })
    {
        Details = Again,
        Takes = Reason,
        HonoursIfMatch = true,
    };

    public static readonly RouteDescription Release = new("End a hold.", Reply.NoContent("The purge runs again.")) { HonoursIfMatch = true };

    public static readonly RouteDescription List = new("List the legal holds on accounts.", Reply.Ok("All holds.", Shape.Page(AccountHold)));

    public static readonly RouteDescription HoldAccount = new("Have nothing deleted that may hold an event of an account.", Reply.Ok("The hold.", AccountHold) with { HasETag = true })
    {
        Details = Again + " It covers the account's own store, and every Logstore that events of the account were delivered to.",
        Parameters = [InPath],
        Takes = Reason,
        Problems = [ProblemType.AccountNotFound],
        HonoursIfMatch = true,
    };

    public static readonly RouteDescription ReleaseAccount = new("End the hold on an account.", Reply.NoContent("There is none."))
    {
        Parameters = [InPath],
        Problems = [ProblemType.AccountNotFound],
        HonoursIfMatch = true,
    };
}
