using ActionTrail.Functions.OpenApi;

namespace ActionTrail.Functions.Rest;

/// <summary>What the OpenAPI document says of <see cref="LogstoreRoutes"/>, and of the routes of the history when they are a Logstore's.</summary>
internal static class LogstoreDescriptions
{
    private static readonly Parameter[] InPath = [new("project", Shape.Text("Project of the Logstore.")), new("logstore", Shape.Text("Name of the Logstore."))];

    private static readonly Shape Retention = Shape.Any("Days for which events are kept, 1 to 36500, or \"permanent\".");

    private static readonly Shape Logstore = Shape.Object(
        "A Logstore.",
        ("project", Shape.Text("Its project.")),
        ("name", Shape.Text("Its name, unique in the project.")),
        ("accountId", AccountDescriptions.Id),
        ("retentionDays", Retention),
        ("schema", Shape.Choice("What it holds: events, or platform events in their own form.", "audit", "platform")),
        ("store", Shape.Text("Its name among the stores of the deployment, for the operator's tools.")),
        ("createTime", Shape.Time("When it was made.")),
        ("updateTime", Shape.Time("When it was changed last.")),
        ("etag", AccountDescriptions.ETag)).As("Logstore");

    public static readonly RouteDescription List = new("List the Logstores of the account.", Reply.Ok("All Logstores.", Shape.Page(Logstore)));

    public static readonly RouteDescription Get = new("Show a Logstore.", Reply.Ok("The Logstore.", Logstore) with { HasETag = true }) { Parameters = InPath, Problems = [ProblemType.LogstoreNotFound] };

    public static readonly RouteDescription Update = new("Set how long a Logstore keeps events.", Reply.Ok("The changed Logstore.", Logstore) with { HasETag = true })
    {
        Details = "A shorter retention deletes with the next purges; a longer one brings nothing back.",
        Parameters = InPath,
        Takes = Shape.Object("What changes.", ("retentionDays", Retention)) with { Example = """{"retentionDays":400}""" },
        Problems = [ProblemType.LogstoreNotFound, ProblemType.Conflict],
        HonoursIfMatch = true,
    };

    public static readonly RouteDescription Delete = new("Delete a Logstore and its events for good.", Reply.NoContent("Nobody finds it any more."))
    {
        Details = "Not while a trail or a running history job delivers to it, nor under a legal hold. Its store is erased a grace (a day by default) later, unless a hold comes before. A Logstore made anew under the name is empty.",
        Parameters = [.. InPath, new("confirm", Shape.Text("The name of the Logstore once more.")) { IsRequired = true }],
        Problems = [ProblemType.LogstoreNotFound, ProblemType.LogstoreInUse, ProblemType.LogstoreHeld, ProblemType.Conflict],
        HonoursIfMatch = true,
    };

    /// <summary>The description of a route of the history as that of a Logstore.</summary>
    /// <param name="history">Of the history.</param>
    /// <param name="replies">Its answers, where events of a Logstore may have another form; none: those of the history.</param>
    public static RouteDescription Of(RouteDescription history, params IReadOnlyList<Reply> replies) => history with
    {
        Summary = "In a Logstore: " + char.ToLowerInvariant(history.Summary[0]) + history.Summary[1..],
        Replies = replies.Count > 0 ? replies : history.Replies,
        Parameters = [.. InPath, .. history.Parameters.Select(static p => p.Name == "by" ? p with { Shape = EventDescriptions.AttributeOfLogstore } : p), .. HasConditions(history) ? [EventDescriptions.RecipientAccount] : Array.Empty<Parameter>()],
        Problems = [.. history.Problems, ProblemType.LogstoreNotFound],
    };

    private static bool HasConditions(RouteDescription history) => history.Parameters.Any(static p => p.Name == "startTime");
}
