using ActionTrail.Delivery;
using ActionTrail.Functions.OpenApi;
using ActionTrail.Layout;
using ActionTrail.Trails;

namespace ActionTrail.Functions.Rest;

/// <summary>What the OpenAPI document says of <see cref="TrailRoutes"/> and <see cref="DeliveryRoutes"/>.</summary>
internal static class TrailDescriptions
{
    public static readonly Parameter InPath = new("name", Shape.Text("Name of a trail."));

    public static readonly Parameter IsOrganization = new("isOrganizationTrail", Shape.Flag("Whether the directory's trail of that name is meant, not the account's own.") with { Default = "false" });

    private static readonly Shape Destination = Shape.Choice("Kind of destination.", [.. DestinationKinds.All.Select(DestinationKinds.Text)]);

    private static readonly Parameter OnlyTo = new("destination", Destination with { About = "Only this kind of destination." });

    private static readonly Parameter Window = new("window", Shape.Text("A window, as the list of deliveries names it."));

    private static readonly Shape Name = Shape.Text("Name, unique within the account.", pattern: "^[a-z][a-z0-9_-]{5,35}$");

    private static readonly Shape Container = Shape.Text("Container of this deployment's storage account that it delivers to.", pattern: "^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$");

    private static readonly Shape LogstoreProject = Shape.Text("Project of the Logstore that it delivers to.", pattern: "^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$");

    private static readonly Shape Stream = Shape.Text("Event hub that it delivers to, by the name that the operator gave it.");

    private static readonly Shape LogAnalytics = Shape.Text("Log Analytics table that it delivers to, by the name that the operator gave it.");

    private static readonly Shape Format = Shape.Choice<ObjectFormat>("Form of delivered objects.");

    private static readonly Shape MaxObject = Shape.Whole("Largest object, MiB before gzip.", 1, TrailRules.MaxObjectMegabytes);

    private static readonly Shape FlushAfter = Shape.Whole("Seconds in which events are gathered before they are written to the container: 300, or as the deployment says; fixed when it is made.", 300, 300);

    private static readonly Shape Validation = Shape.Flag("Whether signed digests of what is delivered to the container are made.");

    private static readonly Shape EventRW = Shape.Choice<TrailEventRW>("Which events it takes, by eventRW.");

    private static readonly Shape Region = Shape.Text("All, or the one region whose events it takes.", pattern: "^[A-Za-z0-9][A-Za-z0-9-]{0,63}$");

    private static readonly (string, Shape)[] SelectorLists =
    [
        ("eventNames?", Values("Names of events.")),
        ("services?", Values("Services.")),
        ("resourceTypes?", Values("Types of resources.")),
        ("regions?", Values("Regions.")),
        ("categories?", Values("Categories of events: Management, Data, Insight.")),
    ];

    private static readonly Shape Selectors = Shape.Object(
        "Which events the trail takes: those with a value of every list given and none of an excluded list. Values compare exactly.",
        [
            .. SelectorLists,
            ("sensitiveOnly?", Shape.Flag("Only sensitive actions.") with { IsNullable = true }),
            ("exclude?", Shape.Object("Events that are not taken.", SelectorLists).As("SelectorLists")),
        ]).As("Selectors");

    private static readonly Shape FieldSelector = Shape.Object(
        "What one attribute must be. Also in CloudTrail's spelling with a capital first letter.",
        [.. EachSpelling(("field", Shape.Text($"One of {string.Join(", ", AdvancedFields.All)}."))), .. EachSpelling(ValuesOf("equals"), ValuesOf("startsWith"), ValuesOf("endsWith"), ValuesOf("notEquals"), ValuesOf("notStartsWith"), ValuesOf("notEndsWith"))]);

    private static readonly Shape AdvancedSelectors = Shape.List(
        "Which events the trail takes: those that fit all fields of any selector.",
        Shape.Object(
            "An advanced selector.",
            [.. EachSpelling(("name", Shape.Text("For people.") with { MaxLength = SelectorRules.MaxNameLength, IsNullable = true }), ("fieldSelectors", Shape.List("One for each field; eventCategory is among them.", FieldSelector.As("FieldSelector"))))]).As("AdvancedSelector"));

    private static readonly (string, Shape)[] Changeable =
    [
        ("container?", Container with { IsNullable = true }),
        ("logstoreProject?", LogstoreProject with { IsNullable = true }),
        ("isInnerTrail?", Shape.Flag("Whether it takes platform events to a Logstore and nothing else; fixed when it is made.") with { IsNullable = true }),
        ("stream?", Stream with { IsNullable = true }),
        ("logAnalytics?", LogAnalytics with { IsNullable = true }),
        ("prefix?", Shape.Text("What names of delivered objects begin with.", pattern: "^([A-Za-z][A-Za-z0-9/_-]{5,31})?$") with { IsNullable = true }),
        ("format?", Format with { IsNullable = true }),
        ("maxObjectMegabytes?", MaxObject with { IsNullable = true }),
        ("flushAfterSeconds?", FlushAfter with { IsNullable = true }),
        ("logFileValidation?", Validation with { IsNullable = true }),
        ("eventRW?", EventRW with { IsNullable = true }),
        ("trailRegion?", Region with { IsNullable = true }),
        ("selectors?", Selectors),
        ("advancedSelectors?", AdvancedSelectors),
        ("isOrganizationTrail?", Shape.Flag("Whether it takes the events of all accounts of the directory; fixed when it is made.") with { IsNullable = true }),
    ];

    private static readonly Shape Trail = Shape.Object(
        "A trail. Of a directory's trail a member sees only that it is there and what it takes.",
        ("name", Name),
        ("accountId", AccountDescriptions.Id),
        ("status", Shape.Choice<TrailStatus>("Fresh: never started. Enable: delivering. Disable: stopped.")),
        ("container?", Container),
        ("logstoreProject?", LogstoreProject),
        ("logstore?", Shape.Text("Name of the Logstore that it delivers to.")),
        ("isInnerTrail?", Shape.Flag("Whether it takes platform events and nothing else.")),
        ("stream?", Stream),
        ("logAnalytics?", LogAnalytics),
        ("prefix?", Shape.Text("What names of delivered objects begin with.")),
        ("format?", Format),
        ("maxObjectMegabytes?", MaxObject),
        ("flushAfterSeconds?", FlushAfter),
        ("logFileValidation?", Validation),
        ("eventRW", EventRW),
        ("trailRegion", Region),
        ("homeRegion", Shape.Text("The region of the deployment that it was made in.")),
        ("isOrganizationTrail", Shape.Flag("Whether it takes the events of all accounts of the directory.")),
        ("isShadowTrail?", Shape.Flag("True to a member that sees its directory's trail.")),
        ("organizationId?", Shape.Text("The directory.")),
        ("selectors?", Selectors),
        ("advancedSelectors?", AdvancedSelectors),
        ("createTime", Shape.Time("When it was made.")),
        ("updateTime?", Shape.Time("When it was changed last.")),
        ("startLoggingTime?", Shape.Time("When it was started last.")),
        ("stopLoggingTime?", Shape.Time("When it was stopped last.")),
        ("etag?", AccountDescriptions.ETag)).As("Trail");

    private static readonly (string, Shape)[] Latest =
    [
        ("latestDeliveryTime?", Shape.Time("When something was last delivered.")),
        ("latestDeliveryError?", Shape.Text("What went wrong at the last attempt.")),
        ("latestDeliveryErrorTime?", Shape.Time("When.")),
    ];

    private static readonly (string, Shape)[] Counts =
    [
        ("pending", Shape.Whole("Deliveries under way, counted to a bound.")),
        ("undelivered", Shape.Whole("Deliveries that wait for a person, counted to a bound.")),
        ("lastWindow?", Shape.Time("Boundary of the newest window that is settled.")),
    ];

    private static readonly ProblemType[] OfOne = [ProblemType.TrailNotFound, ProblemType.NotOrganizationMasterAccount];

    public static readonly RouteDescription Create = new("Make a trail.", Reply.Created("The new trail; it is not started.", Trail) with { HasETag = true })
    {
        Details = "At least one of container, logstoreProject, stream and logAnalytics. The container must be there and serve no other account. Either selectors or advancedSelectors.",
        Takes = Shape.Object("The new trail.", [("name", Name), .. Changeable]) with { Example = """{"name":"audit-trail","container":"contoso-audit","eventRW":"Write"}""" },
        Problems = [ProblemType.TrailAlreadyExists, ProblemType.TrailLimitExceeded, ProblemType.LogstoreLimitExceeded, ProblemType.NotOrganizationMasterAccount, ProblemType.Conflict],
    };

    public static readonly RouteDescription List = new("List the trails of the account.", Reply.Ok("All trails.", Shape.Page(Trail)))
    {
        Parameters =
        [
            new("includeOrganizationTrail", Shape.Flag("Also the directory's trail.") with { Default = "false" }),
            new("includeShadowTrails", Shape.Flag("Also the directory's trail, as members know it.") with { Default = "false" }),
        ],
    };

    public static readonly RouteDescription Get = new("Show a trail.", Reply.Ok("The trail.", Trail) with { HasETag = true }) { Parameters = [InPath, IsOrganization], Problems = [ProblemType.TrailNotFound] };

    public static readonly RouteDescription Update = new("Change a trail.", Reply.Ok("The changed trail.", Trail) with { HasETag = true })
    {
        Details = "What is left out stays as it is; an empty prefix, or null, takes the prefix away.",
        Parameters = [InPath, IsOrganization],
        Takes = Shape.Object("What changes.", Changeable) with { Example = """{"eventRW":"All"}""" },
        Problems = [.. OfOne, ProblemType.LogstoreLimitExceeded, ProblemType.Conflict],
        HonoursIfMatch = true,
    };

    public static readonly RouteDescription Delete = new("Delete a trail.", Reply.NoContent("It is gone. What it delivered stays."))
    {
        Parameters = [InPath, IsOrganization],
        Problems = [.. OfOne, ProblemType.Conflict],
        HonoursIfMatch = true,
    };

    public static readonly RouteDescription Start = new("Start a trail; harmless when it is started.", Reply.Ok("The trail, delivering what is committed from now on.", Trail) with { HasETag = true })
    {
        Parameters = [InPath, IsOrganization],
        Problems = [.. OfOne, ProblemType.Conflict],
        HonoursIfMatch = true,
    };

    public static readonly RouteDescription Stop = new("Stop a trail; harmless when it is stopped.", Reply.Ok("The trail, delivering no more than was committed until now.", Trail) with { HasETag = true })
    {
        Parameters = [InPath, IsOrganization],
        Problems = [.. OfOne, ProblemType.Conflict],
        HonoursIfMatch = true,
    };

    public static readonly RouteDescription Status = new(
        "Show how the deliveries of a trail stand.",
        Reply.Ok(
            "The status.",
            Shape.Object(
                "How the deliveries of a trail stand.",
                [
                    ("name", Name), ("status", Shape.Choice<TrailStatus>("State of the trail.")), ("isLogging", Shape.Flag("Whether it delivers.")),
                    ("startLoggingTime?", Shape.Time("When it was started last.")), ("stopLoggingTime?", Shape.Time("When it was stopped last.")),
                    .. Latest, ("containerStatus?", Shape.Flag("False when the container was gone or closed to us at the last attempt.")), .. Counts,
                    ("latestDigestDeliveryTime?", Shape.Time("When a digest was last delivered.")), ("latestDigestEndTime?", Shape.Time("Until when digests cover.")),
                    ("latestDigestDeliveryError?", Shape.Text("What went wrong with the last digest.")), ("latestDigestDeliveryErrorTime?", Shape.Time("When.")),
                    ("destinations", Shape.List("The same for each destination.", Shape.Object(
                        "How the deliveries to a destination stand.",
                        [("destination", Destination), ("usable", Shape.Flag("False when it was gone or closed to us at the last attempt.")), .. Latest, .. Counts]).As("DestinationStatus"))),
                ]).As("TrailStatus")))
    {
        Parameters = [InPath, IsOrganization],
        Problems = OfOne,
    };

    public static readonly RouteDescription Metrics = new(
        "Show what the deliveries of a trail came to, by period.",
        Reply.Ok(
            "All periods.",
            Shape.Page(Shape.Object(
                "What deliveries came to in a period.",
                ("start", Shape.Time("Its begin.")),
                ("deliveredEvents", Shape.Whole("Events that were delivered.")),
                ("failedEvents", Shape.Whole("Events that had been read when a delivery failed.")),
                ("bytes", Shape.Whole("Bytes that were delivered.")),
                ("deliveries", Shape.Whole("Deliveries that were done.")),
                ("failedAttempts", Shape.Whole("Attempts that failed."))).As("DeliveryPeriod"))))
    {
        Details = "At most 30 days back.",
        Parameters =
        [
            InPath, IsOrganization, OnlyTo, new("startTime", Shape.Time("From when; by default an hour before the end.")), new("endTime", Shape.Time("Until when; by default now.")),
            new("periodMinutes", Shape.Whole("Length of a period.", 1, 24 * 60) with { Default = "1" }),
        ],
        Problems = OfOne,
    };

    public static readonly RouteDescription Deliveries = new(
        "List deliveries that wait for a person, oldest first.",
        Reply.Ok(
            "A page of windows.",
            Shape.Page(Shape.Object(
                "A delivery that waits for a person.",
                ("window", Shape.Whole("Its name: the boundary of the window in Unix milliseconds.")),
                ("destination", Destination),
                ("state", Shape.Choice("Its state.", "undelivered")),
                ("category", Shape.Choice<DeliveryCategory>("What kind of obstacle it met.")),
                ("detail?", Shape.Text("More about that.")),
                ("at", Shape.Time("When.")),
                ("attempts", Shape.Whole("How often it was tried."))).As("Delivery"))))
    {
        Parameters =
        [
            InPath, IsOrganization, new("state", Shape.Choice("Which deliveries.", "undelivered") with { Default = "\"undelivered\"" }), AccountDescriptions.PageSize(DeliveryLedger.MaxPage, 50),
            EventDescriptions.Continuation with { Shape = Shape.Text("Where the page begins, from nextLink.", 40) },
        ],
        Problems = [.. OfOne, ProblemType.InvalidContinuation],
    };

    public static readonly RouteDescription Redeliver = new("Have one undelivered window delivered again.", Reopened)
    {
        Parameters = [InPath, Window, IsOrganization, OnlyTo],
        Problems = [.. OfOne, ProblemType.DeliveryNotFound, ProblemType.Conflict],
    };

    public static readonly RouteDescription RedeliverAll = new("Have all undelivered windows of a trail delivered again.", Reopened) { Parameters = [InPath, IsOrganization, OnlyTo], Problems = OfOne };

    private static Reply Reopened => Reply.Ok("They are under way again.", Shape.Object("What was opened again.", ("reopened", Shape.Whole("How many deliveries."))).As("ReopenedDeliveries"));

    /// <summary>Optional members in our spelling and, as requests may write them, with a capital first letter.</summary>
    public static IEnumerable<(string, Shape)> EachSpelling(params IReadOnlyList<(string Name, Shape Shape)> members) =>
        members.SelectMany(static member => ((string, Shape)[])[(member.Name + "?", member.Shape), (char.ToUpperInvariant(member.Name[0]) + member.Name[1..] + "?", member.Shape)]);

    private static Shape Values(string about) => Shape.List(about, Shape.Text("A value.") with { MaxLength = TrailRules.MaxSelectorValueLength });

    private static (string Name, Shape Shape) ValuesOf(string name) => (name, Shape.List($"Values for {name}.", Shape.Text("A value.") with { MaxLength = SelectorRules.MaxValueLength }));
}
