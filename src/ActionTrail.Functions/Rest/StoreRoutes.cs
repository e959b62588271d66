using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.Layout;
using ActionTrail.Verify;

namespace ActionTrail.Functions.Rest;

/// <summary><c>/v1/store</c>: the operator proves the store.</summary>
internal sealed class StoreRoutes(StoreVerifier verifier)
{
    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/v1/store/verify", Operation.VerifyStore, VerifyAsync),
    ];

    private async Task<ApiResult> VerifyAsync(ApiCall call)
    {
        var readObjects = call.Query.Flag("readObjects", fallback: true);
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        var report = await verifier.VerifyAsync(StoreName.History, new VerifyOptions { ReadObjects = readObjects }, call.Cancellation);
        return ApiResult.Ok(json => Write(json, report));
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
