using System.Globalization;
using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.Delivery;
using ActionTrail.Layout;
using ActionTrail.Retention;
using ActionTrail.Verify;

namespace ActionTrail.Functions.Rest;

/// <summary><c>/v1/store</c>: the operator proves and mends the store; <c>/v1/retention/purge</c>: and runs the purge by hand.</summary>
internal sealed class StoreRoutes(StoreVerifier verifier, StoreRepair repair, DeliveryLedger ledger, RetentionPurge purge, TimeProvider time)
{
    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/v1/store/verify", Operation.VerifyStore, VerifyAsync),
        new("POST", "/v1/store/repair", Operation.RepairStore, RepairAsync),
        new("POST", "/v1/retention/purge", Operation.PurgeEvents, PurgeAsync),
    ];

    private async Task<ApiResult> VerifyAsync(ApiCall call)
    {
        var readObjects = call.Query.Flag("readObjects", fallback: true);
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        var report = await verifier.VerifyAsync(StoreName.History, new VerifyOptions { ReadObjects = readObjects }, call.Cancellation);
        return ApiResult.Ok(json => Write(json, report));
    }

    private async Task<ApiResult> RepairAsync(ApiCall call)
    {
        var hours = call.Query.Number("hours", 0, 24 * 3650, 0);
        call.Note("hours", hours.ToString(CultureInfo.InvariantCulture));
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        var window = hours == 0 ? default(TimeSpan?) : TimeSpan.FromHours(hours);
        var report = await repair.RepairAsync(StoreName.History, window, call.Cancellation);
        var since = window is { } length ? time.GetUtcNow() - length : DateTimeOffset.MinValue;
        var deliveries = await ledger.RecheckAsync(since, call.Cancellation);
        return ApiResult.Ok(json => Write(json, report, deliveries));
    }

    private async Task<ApiResult> PurgeAsync(ApiCall call)
    {
        var dryRun = call.Query.Flag("dryRun", fallback: true);
        var force = call.Query.Flag("force", fallback: false);
        call.Note("dryRun", dryRun.ToString());
        call.Note("force", force.ToString());
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        var report = await purge.RunAsync(dryRun, force, call.Cancellation);
        return ApiResult.Ok(json =>
        {
            json.WriteStartObject();
            PurgeJson.Write(json, report);
            json.WriteEndObject();
        });
    }

    private static void Write(Utf8JsonWriter json, RepairReport report, RecheckReport deliveries)
    {
        json.WriteStartObject();
        json.WriteNumber("checked"u8, report.Checked);
        json.WriteNumber("lostEvents"u8, report.LostEvents);
        WriteCommits(json, "lost", report.Lost);
        WriteCommits(json, "returned", report.Returned);
        json.WriteStartObject("deliveries"u8);
        json.WriteNumber("checked"u8, deliveries.Checked);
        json.WriteNumber("reopened"u8, deliveries.Reopened);
        json.WriteEndObject();
        json.WriteEndObject();
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

    private static void Write(Utf8JsonWriter json, VerifyReport report)
    {
        json.WriteStartObject();
        json.WriteBoolean("sound"u8, report.IsSound);
        json.WriteNumber("partitions"u8, report.Partitions);
        json.WriteNumber("commits"u8, report.Commits);
        json.WriteNumber("events"u8, report.Events);
        json.WriteNumber("quarantined"u8, report.Quarantined);
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
        json.WriteEndObject();
    }
}
