using ActionTrail.Events;
using ActionTrail.Functions.OpenApi;
using ActionTrail.Query;

namespace ActionTrail.Functions.Rest;

/// <summary>What the OpenAPI document says of sending, looking up, counting and exporting events.</summary>
internal static class EventDescriptions
{
    private static readonly Shape AnyMember = Shape.Any("Every other member of the event as it was stored.");

    public static readonly Shape Event = (Shape.Object(
        "An event as it was stored: members of the ActionTrail event form, and whatever else the publisher put in.",
        ("eventId", Shape.Text("Unique within the account.")),
        ("eventName", Shape.Text("What was done.")),
        ("eventTime", Shape.Text("When it was done, as the publisher wrote it.")),
        ("serviceName?", Shape.Text("The service that it was done at.")),
        ("eventRW?", Shape.Text("Read or Write.")),
        ("eventType?", Shape.Text("Kind of event, such as ApiCall.")),
        ("sourceIpAddress?", Shape.Text("From where.")),
        ("requestId?", Shape.Text("Id of the request that did it.")),
        ("errorCode?", Shape.Text("Why it was refused.")),
        ("recipientAccountId?", Shape.Text("The account that the event belongs to.")),
        ("userIdentity?", Shape.Any("Who did it.")),
        ("originalRecord?", Shape.Any("The record that the event was mapped from, when it is asked for."))) with
    { Others = AnyMember }).As("Event");

    public static readonly Parameter InPath = new("eventId", Shape.Text("Id of an event; a slash in it is escaped."));

    private static readonly Parameter WithOriginal = new(LookupParameters.Original, Shape.Flag("Whether events come with the records they were mapped from.") with { Default = "false" });

    private static readonly Parameter Direction = new("direction", Shape.Choice("Newest first (backward) or oldest first.", "backward", "forward") with { Default = "\"backward\"" });

    private static readonly Parameter[] Selection =
    [
        new("startTime", Shape.Time("From when, inclusive; by default 7 days ago.")),
        new("endTime", Shape.Time("Until when, exclusive; by default a day ahead.")),
        .. LookupParameters.Attributes.Select(static attribute => new Parameter(attribute.Name, attribute.Attribute switch
        {
            EventAttribute.EventRW => Shape.Choice("Only events of this kind.", "Read", "Write"),
            EventAttribute.SensitiveAction => Shape.Choice("Only sensitive actions.", "true"),
            _ => Shape.Text($"Only events whose {attribute.Name} is exactly this.", 2048),
        })),
    ];

    /// <summary>In a Logstore of platform events these have their own form; all others are as everywhere.</summary>
    private static readonly Shape LogstoreEvent = (Shape.Object("An event as it was stored; a platform event in the form that it came in.") with { Others = AnyMember }).As("LogstoreEvent");

    public static readonly Parameter RecipientAccount = new("recipientAccountId", Shape.Text("Only events of this account.", 2048));

    public static readonly Shape AttributeOfLogstore = Shape.Choice("Whose values are counted.", [.. LookupParameters.LogstoreAttributes.Select(static a => a.Name)]);

    private static readonly Shape Attribute = Shape.Choice("Whose values are counted.", [.. LookupParameters.Attributes.Select(static a => a.Name)]);

    private static readonly Shape Published = Shape.Object(
        "What was stored.",
        ("accepted", Shape.Whole("How many events.")),
        ("eventIds", Shape.List("Their ids, in the order they came.", Shape.Text("Id of an event.")))).As("PublishedEvents");

    public static readonly RouteDescription Publish = new("Store events.", StoredEvents)
    {
        Details = "One event, an array, or one per line; the answer comes when all are stored, and one bad event refuses all. Repeating a request is harmless. CloudEvents come in all three modes.",
        Takes = Shape.Any("Events, at most 16 MiB, also in gzip.") with
        {
            Example = """[{"eventId":"1","eventName":"DeleteDisk","eventTime":"2026-11-22T07:04:25Z","eventRW":"Write","serviceName":"Ecs","recipientAccountId":"contoso","userIdentity":{"type":"ram-user","userName":"alice"}}]""",
        },
        Problems = [ProblemType.InvalidEvents],
    };

    public static readonly RouteDescription Lookup = new("Look up events.", Reply.Ok("A page of events.", Shape.Page(Event)) with { HasStatistics = true })
    {
        Details = "All conditions must hold. A page of large events may hold fewer than were asked for.",
        Parameters = [.. Selection, Direction, AccountDescriptions.PageSize(1000, 50), Continuation, WithOriginal],
        Problems = [ProblemType.InvalidContinuation],
    };

    public static readonly RouteDescription Get = new("Show one event as it was stored.", Reply.Ok("The event.", Event))
    {
        Parameters = [InPath, WithOriginal],
        Problems = [ProblemType.EventNotFound],
    };

    public static readonly RouteDescription GetOriginal = new("Show the record that an event was mapped from.", Reply.Ok("The record, in its own form.", Shape.Any("The record.")))
    {
        Parameters = [InPath],
        Problems = [ProblemType.EventNotFound, ProblemType.OriginalNotFound],
    };

    public static readonly RouteDescription Histogram = new(
        "Count events by time.",
        Reply.Ok(
            "Counts of all buckets, empty ones too.",
            Shape.Object(
                "Events by time.",
                ("startTime", Shape.Time("Begin of what was counted.")),
                ("endTime", Shape.Time("End of what was counted.")),
                ("interval", Shape.Text("Length of a bucket, ISO 8601.")),
                ("total", Shape.Whole("All events.")),
                ("by?", AttributeOfLogstore),
                ("truncated?", Shape.Flag("Whether rare values were forgotten on the way.")),
                ("values?", Shape.List("The most frequent values.", Shape.Text("A value."))),
                ("buckets", Shape.List("In order of time.", Shape.Object(
                    "A bucket.",
                    ("time", Shape.Time("Its begin.")),
                    ("count", Shape.Whole("Its events.")),
                    ("values?", Shape.List("Counts of the values, in their order.", Shape.Whole("A count."))),
                    ("other?", Shape.Whole("Events that have none of the values.")))))).As("Histogram")) with
        { HasStatistics = true })
    {
        Parameters =
        [
            .. Selection,
            new("interval", Shape.Text("Length of a bucket: a duration of one unit such as PT5M, PT1H, P1D, P1W; by default the shortest that makes at most 200.", 16)),
            new("by", Attribute),
            new("limit", Shape.Whole("How many values each bucket is split into; only with by.", 1, 20) with { Default = "5" }),
        ],
    };

    public static readonly RouteDescription Top = new(
        "Count the most frequent values of an attribute.",
        Reply.Ok(
            "Values, most frequent first.",
            Shape.Object(
                "The most frequent values.",
                ("startTime", Shape.Time("Begin of what was counted.")),
                ("endTime", Shape.Time("End of what was counted.")),
                ("by", AttributeOfLogstore),
                ("total", Shape.Whole("All events.")),
                ("distinct", Shape.Whole("All values.")),
                ("other", Shape.Whole("Counts of the values not shown, together.")),
                ("without", Shape.Whole("Events that have no value.")),
                ("truncated", Shape.Flag("Whether rare values were forgotten on the way.")),
                ("maxError", Shape.Whole("By how much a count may be short.")),
                ("values", Shape.List("Most frequent first.", Shape.Object(
                    "A value.",
                    ("value", Shape.Text("The value.")),
                    ("count", Shape.Whole("Its events.")),
                    ("lastTime", Shape.Time("Time of its newest event.")))))).As("TopValues")) with
        { HasStatistics = true })
    {
        Parameters = [.. Selection, new("by", Attribute) { IsRequired = true }, new("limit", Shape.Whole("How many values.", 1, TopValues.MaxValues) with { Default = "10" })],
    };

    public static readonly RouteDescription Export = new(
        "Export all events of a query as one file.",
        new Reply(StatusCodes.Status200OK, "The file. A part that broke off never ends with a line break.")
        {
            HasStatistics = true,
            Files = [("application/x-ndjson", Shape.Text("An event per line.")), ("application/json", Shape.List("All events.", Event)), ("text/csv", Shape.Text("RFC 4180, with a header."))],
        })
    {
        Parameters =
        [
            .. Selection,
            Direction,
            WithOriginal,
            new("format", Shape.Choice("Form of the file.", "ndjson", "json", "csv") with { Default = "\"ndjson\"" }),
            new("columns", Shape.Text($"Columns of CSV, with commas: {string.Join(", ", CsvColumn.All.Select(static c => c.Name))}.", 2048)),
        ],
    };

    public static readonly RouteDescription LookupInLogstore = LogstoreDescriptions.Of(Lookup, Reply.Ok("A page of events.", Shape.Page(LogstoreEvent)) with { HasStatistics = true });

    public static readonly RouteDescription GetInLogstore = LogstoreDescriptions.Of(Get, Reply.Ok("The event.", LogstoreEvent));

    public static readonly RouteDescription ExportFromLogstore = LogstoreDescriptions.Of(
        Export,
        Export.Replies[0] with { Files = [("application/x-ndjson", Shape.Text("An event per line.")), ("application/json", Shape.List("All events.", LogstoreEvent)), ("text/csv", Shape.Text("RFC 4180, with a header."))] });

    public static Reply StoredEvents => Reply.Ok("The events are stored.", Published);

    public static Parameter Continuation => new("continuationToken", Shape.Text("Where the page begins, from nextLink.", 200));
}
