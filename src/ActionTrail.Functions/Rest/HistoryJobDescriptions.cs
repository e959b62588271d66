using ActionTrail.Delivery;
using ActionTrail.Functions.OpenApi;
using ActionTrail.HistoryJobs;
using ActionTrail.Layout;

namespace ActionTrail.Functions.Rest;

/// <summary>What the OpenAPI document says of <see cref="HistoryJobRoutes"/>.</summary>
internal static class HistoryJobDescriptions
{
    private static readonly Parameter InPath = new("jobId", Shape.Text("Number of a job of the account."));

    private static readonly Shape Destination = Shape.Choice("Kind of destination.", DestinationKinds.Text(DestinationKind.Blob), DestinationKinds.Text(DestinationKind.Logstore));

    private static readonly Shape TrailName = Shape.Text("Name of a trail of one account.", 64);

    private static readonly (string, Shape)[] Members =
    [
        ("jobId", Shape.Whole("Its number, from 1 in each account.", 1)),
        ("accountId", AccountDescriptions.Id),
        ("trailName", Shape.Text("Name of the trail.")),
        ("state", Shape.Choice("Where it stands.", [.. Enum.GetNames<HistoryJobState>().Where(static name => name != nameof(HistoryJobState.Deleting))])),
        ("fromTime", Shape.Time("Beginning of the time that it takes, by commit.")),
        ("untilTime", Shape.Time("End of that time, exclusive.")),
        ("destinations", Shape.List("Where it delivers to.", Destination)),
        ("createTime", Shape.Time("When it was made.")),
        ("updateTime", Shape.Time("When its state last changed.")),
        ("endTime?", Shape.Time("When it came to its end.")),
    ];

    private static readonly Shape Listed = Shape.Object("A history delivery job, without its progress.", Members).As("HistoryJob");

    private static readonly Shape Item = Shape.Object(
        "A work item: one day of a job and one destination.",
        ("day", Shape.Text("The day in UTC, by commit.", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")),
        ("destination", Destination),
        ("state", Shape.Choice<HistoryItemState>("Where it stands.")),
        ("deliveredUntil", Shape.Time("What was committed before is delivered.")),
        ("events", Shape.Whole("Events delivered.")),
        ("objects", Shape.Whole("Objects, or appends, that hold them.")),
        ("bytes", Shape.Whole("Their bytes before compression.")),
        ("attempts", Shape.Whole("Attempts that failed since the last success.")),
        ("category?", Shape.Choice<DeliveryCategory>("How the last attempt ended.")),
        ("detail?", Shape.Text("What went wrong, for people.")),
        ("notBefore?", Shape.Time("No attempt before this time."))).As("HistoryJobItem");

    private static readonly Shape One = Shape.Object(
        "A history delivery job and how far it is.",
        [
            .. Members,
            ("percentComplete", Shape.Whole("How much of the time is delivered.", 0, 100)),
            ("events", Shape.Whole("Events delivered.")),
            ("objects", Shape.Whole("Objects, or appends, that hold them.")),
            ("bytes", Shape.Whole("Their bytes before compression.")),
            ("items", Shape.List("By day, then destination.", Item)),
            ("etag", AccountDescriptions.ETag),
        ]).As("HistoryJobProgress");

    private static readonly Reply Accepted = new(StatusCodes.Status202Accepted, "The work goes on; watch it at Operation-Location.", One) { HasETag = true };

    public static readonly RouteDescription Create = new("Have delivered what a trail did not deliver.", Accepted)
    {
        Details = "Delivers what was committed within the retention while the trail was not logging, as far as no earlier job of the trail that is kept has it. Trail, selectors and times are frozen. One job of an account runs at a time.",
        Takes = Shape.Object("The job.", ("trailName", TrailName), ("clientToken?", Shape.Text("Makes a repeated creation safe: it answers the job that the token made.", HistoryJobRoutes.MaxClientToken, "^[!-~]+$")))
            with
        { Example = """{"trailName":"audit-trail"}""" },
        Problems = [ProblemType.TrailNotFound, ProblemType.NotOrganizationMasterAccount, ProblemType.HistoryJobRunning, ProblemType.HistoryJobLimitExceeded, ProblemType.Conflict],
    };

    public static readonly RouteDescription List = new("List history delivery jobs, newest first.", Reply.Ok("A page of jobs.", Shape.Page(Listed)))
    {
        Parameters = [AccountDescriptions.PageSize(100, 50), new("continuationToken", Shape.Whole("Where the page begins, from nextLink.", 1, int.MaxValue))],
    };

    public static readonly RouteDescription Get = new("Show a history delivery job and how far it is.", Reply.Ok("The job.", One) with { HasETag = true })
    {
        Parameters = [InPath],
        Problems = [ProblemType.HistoryJobNotFound],
    };

    public static readonly RouteDescription Delete = new("Delete a history delivery job, never what it delivered.", Reply.NoContent("It is gone; if it ran, it ends."))
    {
        Details = "A later job of the trail takes again what this one took.",
        Parameters = [InPath],
        Problems = [ProblemType.HistoryJobNotFound, ProblemType.Conflict],
        HonoursIfMatch = true,
    };

    public static readonly RouteDescription Cancel = new("Cancel a history delivery job.", Accepted)
    {
        Details = "Nothing more is begun; what was begun is brought to its end, so that nothing lies half delivered.",
        Parameters = [InPath],
        Problems = [ProblemType.HistoryJobNotFound, ProblemType.Conflict],
        HonoursIfMatch = true,
    };

    public static readonly RouteDescription Retry = new("Have a failed job try again what it gave up.", Accepted)
    {
        Parameters = [InPath],
        Problems = [ProblemType.HistoryJobNotFound, ProblemType.HistoryJobRunning, ProblemType.Conflict],
        HonoursIfMatch = true,
    };
}
