using ActionTrail.Directories;
using ActionTrail.Functions.OpenApi;

namespace ActionTrail.Functions.Rest;

/// <summary>What the OpenAPI document says of <see cref="DirectoryRoutes"/>.</summary>
internal static class DirectoryDescriptions
{
    private static readonly Parameter InPath = new("directoryId", Shape.Text("Id of a directory."));

    private static readonly Shape Id = Shape.Text("Id of the directory.", pattern: "^rd-[0-9a-f]{16}$");

    private static readonly Shape Directory = Shape.Object(
        "A directory. A plain member learns whose it is, no more.",
        ("directoryId", Id),
        ("managementAccountId", AccountDescriptions.Id),
        ("role", Shape.Choice<DirectoryRole>("The place of the account in it.")),
        ("displayName?", AccountDescriptions.Name),
        ("createdAt?", Shape.Time("When it was made.")),
        ("accounts?", Shape.Whole("Members and invited accounts.")),
        ("etag?", AccountDescriptions.ETag)).As("Directory");

    private static readonly Shape Member = Shape.Object(
        "A member of a directory, or an account that is asked to be one.",
        ("directoryId", Id),
        ("accountId", AccountDescriptions.Id),
        ("state", Shape.Choice("Whether it is one.", nameof(MemberState.Invited), nameof(MemberState.Creating), nameof(MemberState.Member))),
        ("invitedAt?", Shape.Time("When it was invited.")),
        ("expiresAt?", Shape.Time("When the invitation ends.")),
        ("joinedAt?", Shape.Time("When it joined."))).As("Member");

    private static readonly ProblemType[] ForManagement = [ProblemType.DirectoryNotFound, ProblemType.NotOrganizationMasterAccount];

    public static readonly RouteDescription Create = new("Make a directory, which the account manages.", Reply.Created("The new directory.", Directory) with { HasETag = true })
    {
        Takes = Shape.Object("The new directory.", ("displayName?", AccountDescriptions.Name)) with { Example = """{"displayName":"Contoso"}""" },
        Problems = [ProblemType.AccountInDirectory, ProblemType.Conflict],
    };

    public static readonly RouteDescription List = new("List the directory that the account is in, if any.", Reply.Ok("None or one.", Shape.Page(Directory)));

    public static readonly RouteDescription Invitations = new("List invitations of the account.", Reply.Ok("All that have not expired.", Shape.Page(Member)));

    public static readonly RouteDescription Get = new("Show a directory.", Reply.Ok("The directory.", Directory) with { HasETag = true }) { Parameters = [InPath], Problems = [ProblemType.DirectoryNotFound] };

    public static readonly RouteDescription Delete = new("Dissolve a directory that has no other members and no trail.", Reply.NoContent("It is gone."))
    {
        Parameters = [InPath],
        Problems = [.. ForManagement, ProblemType.Conflict],
        HonoursIfMatch = true,
    };

    public static readonly RouteDescription CreateMember = new("Make an account that is a member from its beginning.", Reply.Created("The new member.", Member) with { HasETag = true })
    {
        Parameters = [InPath],
        Takes = Shape.Object("The new account.", ("accountId?", AccountDescriptions.Id with { About = "Its id; only the operator may name one." }), ("displayName?", AccountDescriptions.Name)) with { Example = """{"displayName":"Research"}""" },
        Problems = [.. ForManagement, ProblemType.AccountAlreadyExists, ProblemType.DirectoryLimitExceeded, ProblemType.Conflict],
    };

    public static readonly RouteDescription Members = new("List members and invited accounts.", Reply.Ok("A page of members.", Shape.Page(Member)))
    {
        Parameters = [InPath, AccountDescriptions.PageSize(1000, 100), AccountDescriptions.After],
        Problems = ForManagement,
    };

    public static readonly RouteDescription GetMember = new("Show a member.", Reply.Ok("The member.", Member) with { HasETag = true })
    {
        Parameters = [InPath, AccountDescriptions.InPath],
        Problems = [.. ForManagement, ProblemType.MemberNotFound],
    };

    public static readonly RouteDescription RemoveMember = new("Take an account out, or withdraw its invitation.", Reply.NoContent("It is no member."))
    {
        Parameters = [InPath, AccountDescriptions.InPath],
        Problems = [.. ForManagement, ProblemType.MemberNotFound, ProblemType.Conflict],
        HonoursIfMatch = true,
    };

    public static readonly RouteDescription Invite = new(
        "Ask an account to join.",
        Reply.Ok("It is invited already.", Member) with { HasETag = true },
        Reply.Created("It is invited. Whether the account exists does not show.", Member) with { HasETag = true })
    {
        Parameters = [InPath],
        Takes = Shape.Object("Whom.", ("accountId", AccountDescriptions.Id)) with { Example = """{"accountId":"fabrikam"}""" },
        Problems = [.. ForManagement, ProblemType.DirectoryLimitExceeded, ProblemType.Conflict],
    };

    public static readonly RouteDescription Accept = new("Join the directory that invited the account.", Reply.Ok("The membership.", Member) with { HasETag = true })
    {
        Parameters = [InPath],
        Problems = [ProblemType.InvitationNotFound, ProblemType.AccountInDirectory, ProblemType.Conflict],
    };

    public static readonly RouteDescription Decline = new("Refuse an invitation.", Reply.NoContent("It is withdrawn."))
    {
        Parameters = [InPath],
        Problems = [ProblemType.InvitationNotFound, ProblemType.Conflict],
    };

    public static readonly RouteDescription Administrators = new(
        "List delegated administrators.",
        Reply.Ok("All.", Shape.Page(Shape.Object("A delegated administrator.", ("accountId", AccountDescriptions.Id)).As("DelegatedAdministrator"))) with { HasETag = true })
    {
        Parameters = [InPath],
        Problems = ForManagement,
    };

    public static readonly RouteDescription Delegate = new("Make a member a delegated administrator.", Reply.NoContent("It is one."))
    {
        Parameters = [InPath, AccountDescriptions.InPath],
        Problems = [.. ForManagement, ProblemType.MemberNotFound, ProblemType.DirectoryLimitExceeded, ProblemType.Conflict],
        HonoursIfMatch = true,
    };

    public static readonly RouteDescription Revoke = new("Make a delegated administrator a plain member.", Reply.NoContent("It is none."))
    {
        Parameters = [InPath, AccountDescriptions.InPath],
        Problems = [.. ForManagement, ProblemType.MemberNotFound, ProblemType.Conflict],
        HonoursIfMatch = true,
    };
}
