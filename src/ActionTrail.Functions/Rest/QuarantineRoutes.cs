using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using ActionTrail.Access;
using ActionTrail.Ingest;
using ActionTrail.Layout;

namespace ActionTrail.Functions.Rest;

/// <summary><c>/v1/quarantine</c>: the operator looks at records that were refused from the hub, and plays them again.</summary>
internal sealed class QuarantineRoutes(QuarantineLog quarantine, PublicAddress address)
{
    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/v1/quarantine", Operation.ListQuarantine, ListAsync, StoreDescriptions.ListQuarantine),
        new("GET", "/v1/quarantine/{id}", Operation.GetQuarantineRecord, GetAsync, StoreDescriptions.GetQuarantined),
        new("POST", "/v1/quarantine/{id}/replay", Operation.ReplayQuarantineRecord, ReplayAsync, StoreDescriptions.Replay),
    ];

    private async Task<ApiResult> ListAsync(ApiCall call)
    {
        var pageSize = call.Query.Number("pageSize", 1, 1000, 50);
        var direction = call.Query.Choice("direction", "backward", "forward");
        var partition = default(PartitionName?);
        if (call.Query.Text("partition", 64) is { } name)
        {
            if (PartitionName.TryParse(name, out var parsed))
                partition = parsed;
            else
                call.Query.Refuse("partition", "A partition of the commit log, such as hub-0a1b2c3d-0001 or api-00.");
        }

        var token = call.Query.Text("continuationToken", 100);
        var after = default(QuarantineId);
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (token is not null && !QuarantineId.TryParse(token, out after))
            return ProblemType.InvalidContinuation;
        var query = new QuarantineQuery { Partition = partition, NewestFirst = direction != "forward", Limit = pageSize, After = token is null ? null : after };
        var page = await quarantine.ListAsync(query, call.Cancellation);
        var next = page.Next is { } id
            ? string.Create(CultureInfo.InvariantCulture, $"{address.Of(call.Request)}/v1/quarantine?pageSize={pageSize}&direction={direction ?? "backward"}{(partition is null ? "" : "&partition=" + partition)}&continuationToken={id}")
            : null;
        return ApiResult.Ok(json => JsonPage.Write(
            json,
            page.Entries,
            static (writer, entry) =>
            {
                writer.WriteStartObject();
                Write(writer, entry);
                writer.WriteEndObject();
            },
            next));
    }

    private async Task<ApiResult> GetAsync(ApiCall call)
    {
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        return Find(call) is { } id && await quarantine.FindAsync(id, call.Cancellation) is { } content
            ? ApiResult.Ok(json =>
            {
                json.WriteStartObject();
                Write(json, content.Entry);
                json.WriteBase64String("raw"u8, content.Raw.Span);
                if (Utf8.IsValid(content.Raw.Span))
                    json.WriteString("text"u8, content.Raw.Span);
                json.WriteEndObject();
            })
            : ProblemType.QuarantineRecordNotFound;
    }

    private async Task<ApiResult> ReplayAsync(ApiCall call)
    {
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (Find(call) is not { } id || await quarantine.ReplayAsync(id, call.Cancellation) is not { } result)
            return ProblemType.QuarantineRecordNotFound;
        return result.IsStored ? ApiResult.Ok(json => EventRoutes.Write(json, result)) : EventRoutes.Refuse(result.Errors);
    }

    private static QuarantineId? Find(ApiCall call)
    {
        call.ResourceName = call.Note("id", call.Route("id"));
        return QuarantineId.TryParse(call.Route("id"), out var id) ? id : null;
    }

    private static void Write(Utf8JsonWriter json, QuarantineEntry entry)
    {
        json.WriteString("id"u8, entry.Id.ToString());
        json.WriteString("partition"u8, entry.Id.Partition.ToString());
        json.WriteNumber("sequenceNumber"u8, entry.SequenceNumber);
        json.WriteNumber("index"u8, entry.Index);
        json.WriteString("enqueuedTime"u8, entry.EnqueuedTime.UtcDateTime);
        json.WriteString("quarantinedAt"u8, entry.QuarantinedAt.UtcDateTime);
        json.WriteString("reason"u8, entry.Reason.Code.ToString());
        if (entry.Reason.Field is not null)
            json.WriteString("field"u8, entry.Reason.Field);
        json.WriteString("rule"u8, entry.Reason.Rule);
        json.WriteNumber("bytes"u8, entry.Bytes);
        if (entry.ReplayedAt is { } replayed)
            json.WriteString("replayedAt"u8, replayed.UtcDateTime);
    }
}
