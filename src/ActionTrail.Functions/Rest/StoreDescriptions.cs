using ActionTrail.Events;
using ActionTrail.Functions.OpenApi;

namespace ActionTrail.Functions.Rest;

/// <summary>What the OpenAPI document says of <see cref="QuarantineRoutes"/> and <see cref="StoreRoutes"/>, the operator's tools.</summary>
internal static class StoreDescriptions
{
    private static readonly Parameter OfStore = new("store", Shape.Text("The store of a Logstore, as it names it; by default the history.", 63));

    private static readonly Parameter InPath = new("id", Shape.Text("Id of a quarantined record."));

    private static readonly (string, Shape)[] EntryMembers =
    [
        ("id", Shape.Text("Its name.")),
        ("partition", Shape.Text("Partition of the commit log.")),
        ("sequenceNumber", Shape.Whole("Of the message in the hub.")),
        ("index", Shape.Whole("Position in the message.")),
        ("enqueuedTime", Shape.Time("When the hub took it.")),
        ("quarantinedAt", Shape.Time("When it was refused.")),
        ("reason", Shape.Choice<RejectCode>("Why.")),
        ("field?", Shape.Text("The field that is wrong.")),
        ("rule", Shape.Text("What holds there.")),
        ("bytes", Shape.Whole("Its length.")),
        ("replayedAt?", Shape.Time("When it was judged anew and stored.")),
    ];

    private static readonly Shape Entry = Shape.Object("A record that was refused.", EntryMembers).As("QuarantineEntry");

    private static readonly (string, Shape)[] Span = [("partition", Shape.Text("Partition of the commit log.")), ("first", Shape.Whole("First sequence number.")), ("last", Shape.Whole("Last sequence number."))];

    private static readonly Shape LostAt = Shape.Time("When the loss was accepted.");

    private static readonly Shape Events = Shape.Whole("How many events.");

    public static readonly RouteDescription ListQuarantine = new("List records that were refused.", Reply.Ok("A page of records.", Shape.Page(Entry)))
    {
        Parameters =
        [
            AccountDescriptions.PageSize(1000, 50), new("direction", Shape.Choice("Newest first (backward) or oldest first.", "backward", "forward") with { Default = "\"backward\"" }),
            new("partition", Shape.Text("Only of this partition of the commit log.", 64)), EventDescriptions.Continuation with { Shape = Shape.Text("Where the page begins, from nextLink.", 100) },
        ],
        Problems = [ProblemType.InvalidContinuation],
    };

    public static readonly RouteDescription GetQuarantined = new(
        "Show a refused record with its bytes.",
        Reply.Ok(
            "The record.",
            Shape.Object("A refused record with its bytes.", [.. EntryMembers, ("raw", Shape.Text("The bytes.") with { Format = "byte" }), ("text?", Shape.Text("The same as text, when they are UTF-8."))]).As("QuarantineRecord")))
    {
        Parameters = [InPath],
        Problems = [ProblemType.QuarantineRecordNotFound],
    };

    public static readonly RouteDescription Replay = new("Have a refused record judged anew.", EventDescriptions.StoredEvents)
    {
        Parameters = [InPath],
        Problems = [ProblemType.QuarantineRecordNotFound, ProblemType.InvalidEvents],
    };

    public static readonly RouteDescription Verify = new(
        "Re-read the store and prove it.",
        Reply.Ok(
            "What was found, of all or of a part.",
            Shape.Object(
                "What a verification found.",
                ("sound", Shape.Flag("Whether all is as it was written.")),
                ("partitions", Shape.Whole("Partitions of the commit log.")),
                ("commits", Shape.Whole("Commits.")),
                ("events", Events),
                ("quarantined", Shape.Whole("Refused records.")),
                ("plans", Shape.Whole("Plans of compaction.")),
                ("segments", Shape.Whole("Compacted segments.")),
                ("compactedEvents", Shape.Whole("Events in these.")),
                ("bytes", Shape.Whole("Bytes that were read.")),
                ("problemCount", Shape.Whole("All problems.")),
                ("problems", Shape.List("The first of them.", Shape.Object("A problem.", ("object", Shape.Text("Where.")), ("what", Shape.Text("What."))))),
                ("gaps", Shape.List("Sequence numbers that the hub never gave.", Shape.Object("A gap.", Span))),
                ("losses", Shape.List("Commits whose loss was accepted.", Shape.Object("A loss.", [.. Span, ("events", Events), ("lostAt", LostAt)]))),
                ("lostSegments", Shape.List("Segments whose loss was accepted.", Shape.Object("A loss.", ("name", Shape.Text("Its name.")), ("events", Events), ("lostAt", LostAt)))),
                ("nextLink?", Shape.Text("Address of the next part; absent after the last.") with { Format = "uri" })).As("VerifyReport")))
    {
        Details = "After maxSeconds the report is that of a part, and nextLink goes on: the store is sound when every part is.",
        Parameters =
        [
            new("readObjects", Shape.Flag("False reads rows only.") with { Default = "true" }),
            new("maxSeconds", Shape.Whole("How long one part may take.", 0, 150) with { Default = "100" }),
            new("after", Shape.Text("Where the part begins, from nextLink.", 2048)),
            OfStore,
        ],
    };

    public static readonly RouteDescription Repair = new(
        "Mend what can be made again.",
        Reply.Ok(
            "What was done.",
            Shape.Object(
                "What a repair did.",
                ("checked", Shape.Whole("Commits that were looked at.")),
                ("lostEvents", Events),
                ("lost", Shape.List("Commits marked as lost.", CommitSpan)),
                ("returned", Shape.List("Commits whose object is back.", CommitSpan)),
                ("restoredSegments", Shape.List("Segments written again.", Shape.Text("A name."))),
                ("restoredProofs", Shape.List("Objects of proofs written again.", Shape.Text("A name."))),
                ("missingSegments", Shape.List("Segments that cannot be.", SegmentCount)),
                ("acceptedSegments", Shape.List("Segments given up.", SegmentCount)),
                ("digests", Shape.Object(
                    "Digests of trails.",
                    ("checked", Shape.Whole("Looked for.")),
                    ("restored", Shape.List("Written again byte for byte, with the signature of then.", Shape.Text("Container and name."))),
                    ("missingCount", Shape.Whole("That are gone and stay so.")),
                    ("missing", Shape.List("The first thousand of these.", Shape.Object(
                        "A digest that is gone.",
                        ("container", Shape.Text("Where it was.")),
                        ("object", Shape.Text("Its name.")),
                        ("reason", Shape.Text("Why it could not be written again."))))))),
                ("deliveries", Shape.Object("Deliveries of trails.", ("checked", Shape.Whole("Looked at.")), ("reopened", Shape.Whole("Under way again."))))).As("RepairReport")))
    {
        Details = "Marks commits whose segment is gone, writes missing compacted segments and digests again or names them, and re-opens deliveries whose object is gone.",
        Parameters = [new("hours", Shape.Whole("How far to look back; 0: all.", 0, 24 * 3650) with { Default = "0" }), new("acceptLoss", Shape.Text("Name of a compacted segment to give up.", 2048)), OfStore],
    };

    public static readonly RouteDescription Purge = new(
        "Delete what is past its retention, or show what would be.",
        Reply.Ok(
            "What was, or would be, deleted.",
            Shape.Object(
                "What a purge did.",
                ("dryRun", Shape.Flag("Whether nothing was changed.")),
                ("store", Shape.Text("The store.")),
                ("at", Shape.Time("The time it reckoned with.")),
                ("cutoff?", Shape.Time("What is older is past its retention; absent for a store that is kept for ever.")),
                ("refusal?", Shape.Text("Why nothing was purged.")),
                ("warning?", Shape.Text("Why the time is not the clock's.")),
                ("heldAccounts?", Shape.List("Accounts under a legal hold.", Shape.Text("An id."))),
                ("unsealed?", Shape.Text("Which digest that is not sealed keeps commits.")),
                ("partitions", Shape.List("By partition of the commit log.", Shape.Object("A partition.", [("partition", Shape.Text("Its name.")), ("held", Shape.Flag("Whether a commit past its retention stays.")), .. Counts("marked", "markedEvents", "deleted", "deletedEvents", "deletedBytes", "deletedQuarantined", "orphans", "orphanBytes")]))),
                ("segments", Shape.Object("Compacted segments.", [("held", Shape.Whole("Segments past their retention that stay.")), .. Counts("marked", "markedEvents", "retired", "retiredEvents", "retiredBytes")])),
                ("undatable", Shape.List("Objects whose age is not known.", Shape.Text("A name.")))).As("PurgeReport")))
    {
        Parameters = [new("dryRun", Shape.Flag("Change nothing.") with { Default = "true" }), new("force", Shape.Flag("Vouch for a clock that jumped ahead.") with { Default = "false" }), OfStore],
        Problems = [ProblemType.LogstoreNotFound],
    };

    private static Shape CommitSpan => Shape.Object("A commit.", [.. Span, ("events", Events)]);

    private static Shape SegmentCount => Shape.Object("A segment.", ("name", Shape.Text("Its name.")), ("events", Events));

    private static IEnumerable<(string, Shape)> Counts(params string[] names) => [.. names.Select(static name => (name, Shape.Whole("How many."))), ("contended", Shape.Flag("Whether another run was at it."))];
}
