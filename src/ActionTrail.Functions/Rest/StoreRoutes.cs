using System.Globalization;
using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.Delivery;
using ActionTrail.Digests;
using ActionTrail.Layout;
using ActionTrail.Logstores;
using ActionTrail.Proofs;
using ActionTrail.Retention;
using ActionTrail.Verify;

namespace ActionTrail.Functions.Rest;

/// <summary><c>/v1/store</c>: the operator proves and mends the store; <c>/v1/retention/purge</c>: and runs the purge by hand.</summary>
internal sealed class StoreRoutes(StoreVerifier verifier, StoreRepair repair, SealRestore seals, DigestRepair digests, DeliveryLedger ledger, RetentionPurge purge, RetentionOptions retention, LogstoreRegistry logstores, TimeProvider time, PublicAddress address)
{
    /// <summary>A part of a verification ends well before the deadline of a call, whatever its last object is.</summary>
    private const int MaxVerifySeconds = 150;
    private const int DefaultVerifySeconds = 100;

    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/v1/store/verify", Operation.VerifyStore, VerifyAsync, StoreDescriptions.Verify),
        new("POST", "/v1/store/repair", Operation.RepairStore, RepairAsync, StoreDescriptions.Repair),
        new("POST", "/v1/retention/purge", Operation.PurgeEvents, PurgeAsync, StoreDescriptions.Purge),
    ];

    private async Task<ApiResult> VerifyAsync(ApiCall call)
    {
        var readObjects = call.Query.Flag("readObjects", fallback: true);
        var seconds = call.Query.Number("maxSeconds", 0, MaxVerifySeconds, DefaultVerifySeconds);
        var after = call.Query.Text("after") is { } text ? VerifyPosition.TryParse(text) : null;
        if (call.Query.Text("after") is not null && after is null)
            call.Query.Refuse("after", "A position as nextLink has it.");
        var store = ReadStore(call);
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        var options = new VerifyOptions { ReadObjects = readObjects, After = after, TimeLimit = TimeSpan.FromSeconds(seconds) };
        var report = await verifier.VerifyAsync(store, options, call.Cancellation);
        var next = report.Next is { } position
            ? string.Create(CultureInfo.InvariantCulture, $"{address.Of(call.Request)}/v1/store/verify?{(store == StoreName.History ? "" : $"store={store}&")}maxSeconds={seconds}&after={Uri.EscapeDataString(position.ToString())}")
            : null;
        return ApiResult.Ok(json => Write(json, report, next));
    }

    private async Task<ApiResult> RepairAsync(ApiCall call)
    {
        var hours = call.Query.Number("hours", 0, 24 * 3650, 0);
        call.Note("hours", hours.ToString(CultureInfo.InvariantCulture));
        var acceptLoss = call.Note("acceptLoss", call.Query.Text("acceptLoss"));
        var store = ReadStore(call);
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        var window = hours == 0 ? default(TimeSpan?) : TimeSpan.FromHours(hours);
        var report = await repair.RepairAsync(store, window, acceptLoss, call.Cancellation);
        var restored = await seals.RunAsync(store, window, call.Cancellation);
        var since = window is { } length ? time.GetUtcNow() - length : DateTimeOffset.MinValue;
        var proved = await digests.RunAsync(since, call.Cancellation);
        var deliveries = await ledger.RecheckAsync(since, call.Cancellation);
        return ApiResult.Ok(json => Write(json, report, restored, proved, deliveries));
    }

    private async Task<ApiResult> PurgeAsync(ApiCall call)
    {
        var dryRun = call.Query.Flag("dryRun", fallback: true);
        var force = call.Query.Flag("force", fallback: false);
        call.Note("dryRun", dryRun.ToString());
        call.Note("force", force.ToString());
        var store = ReadStore(call);
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        var (isKnown, days) = await FindRetentionAsync(store, call.Cancellation);
        if (!isKnown)
            return ProblemType.LogstoreNotFound;
        var report = await purge.RunAsync(store, days, dryRun, force, call.Cancellation);
        return ApiResult.Ok(json =>
        {
            json.WriteStartObject();
            PurgeJson.Write(json, report);
            json.WriteEndObject();
        });
    }

    /// <summary>The store that is meant: the history, or that of a Logstore as <c>GET /v1/logstores</c> names it.</summary>
    private static StoreName ReadStore(ApiCall call)
    {
        if (call.Note("store", call.Query.Text("store", 63)) is not { } text)
            return StoreName.History;
        if (!StoreName.TryParse(text, out var store))
            call.Query.Refuse("store", "The name of a store, as a Logstore shows it.");
        return store;
    }

    private async Task<(bool IsKnown, int? Days)> FindRetentionAsync(StoreName store, CancellationToken cancellationToken)
    {
        if (store == StoreName.History)
            return (true, retention.Days);
        await foreach (var logstore in logstores.ScanAsync(cancellationToken))
        {
            if (logstore.Store == store)
                return (true, logstore.RetentionDays);
        }

        return (false, null);
    }

    private static void Write(Utf8JsonWriter json, RepairReport report, IReadOnlyList<string> proofs, DigestRepairReport digests, RecheckReport deliveries)
    {
        json.WriteStartObject();
        json.WriteNumber("checked"u8, report.Checked);
        json.WriteNumber("lostEvents"u8, report.LostEvents);
        WriteCommits(json, "lost", report.Lost);
        WriteCommits(json, "returned", report.Returned);
        json.WriteStartArray("restoredSegments"u8);
        foreach (var name in report.Restored)
            json.WriteStringValue(name);
        json.WriteEndArray();
        json.WriteStartArray("restoredProofs"u8);
        foreach (var name in proofs)
            json.WriteStringValue(name);
        json.WriteEndArray();
        WriteSegments(json, "missingSegments", report.Missing);
        WriteSegments(json, "acceptedSegments", report.Accepted);
        Write(json, digests);
        json.WriteStartObject("deliveries"u8);
        json.WriteNumber("checked"u8, deliveries.Checked);
        json.WriteNumber("reopened"u8, deliveries.Reopened);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, DigestRepairReport report)
    {
        json.WriteStartObject("digests"u8);
        json.WriteNumber("checked"u8, report.Checked);
        json.WriteStartArray("restored"u8);
        foreach (var name in report.Restored)
            json.WriteStringValue(name);
        json.WriteEndArray();
        json.WriteNumber("missingCount"u8, report.Missing.Count);
        json.WriteStartArray("missing"u8);
        foreach (var one in report.Missing.Take(VerifyReport.MaxListed))
        {
            json.WriteStartObject();
            json.WriteString("container"u8, one.Container);
            json.WriteString("object"u8, one.Object);
            json.WriteString("reason"u8, one.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteSegments(Utf8JsonWriter json, string name, IReadOnlyList<CompactedSegment> segments)
    {
        json.WriteStartArray(name);
        foreach (var segment in segments)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, segment.Segment.Name);
            json.WriteNumber("events"u8, segment.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteCommits(Utf8JsonWriter json, string name, IReadOnlyList<Commit> commits)
    {
        json.WriteStartArray(name);
        foreach (var commit in commits)
        {
            json.WriteStartObject();
            json.WriteString("partition"u8, commit.Partition.ToString());
            json.WriteNumber("first"u8, commit.First);
            json.WriteNumber("last"u8, commit.Last);
            json.WriteNumber("events"u8, commit.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, VerifyReport report, string? nextLink)
    {
        json.WriteStartObject();
        json.WriteBoolean("sound"u8, report.IsSound);
        json.WriteNumber("partitions"u8, report.Partitions);
        json.WriteNumber("commits"u8, report.Commits);
        json.WriteNumber("events"u8, report.Events);
        json.WriteNumber("quarantined"u8, report.Quarantined);
        json.WriteNumber("plans"u8, report.Plans);
        json.WriteNumber("segments"u8, report.Segments);
        json.WriteNumber("compactedEvents"u8, report.CompactedEvents);
        json.WriteNumber("bytes"u8, report.Bytes);
        json.WriteNumber("problemCount"u8, report.ProblemCount);
        json.WriteStartArray("problems"u8);
        foreach (var problem in report.Problems)
        {
            json.WriteStartObject();
            json.WriteString("object"u8, problem.Object);
            json.WriteString("what"u8, problem.What);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("gaps"u8);
        foreach (var gap in report.Gaps)
        {
            json.WriteStartObject();
            json.WriteString("partition"u8, gap.Partition.ToString());
            json.WriteNumber("first"u8, gap.First);
            json.WriteNumber("last"u8, gap.Last);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("losses"u8);
        foreach (var loss in report.Losses)
        {
            json.WriteStartObject();
            json.WriteString("partition"u8, loss.Partition.ToString());
            json.WriteNumber("first"u8, loss.First);
            json.WriteNumber("last"u8, loss.Last);
            json.WriteNumber("events"u8, loss.Events);
            json.WriteString("lostAt"u8, loss.LostAt.UtcDateTime);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("lostSegments"u8);
        foreach (var loss in report.LostSegments)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, loss.Name);
            json.WriteNumber("events"u8, loss.Events);
            json.WriteString("lostAt"u8, loss.LostAt.UtcDateTime);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (nextLink is not null)
            json.WriteString("nextLink"u8, nextLink);
        json.WriteEndObject();
    }
}
