using System.Globalization;
using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.Events;
using ActionTrail.Functions.Audit;
using ActionTrail.Ingest;

namespace ActionTrail.Functions.Rest;

/// <summary><c>POST /v1/events</c>: events of the caller's account, stored all or none, with the audit event of the call in the same commit.</summary>
internal sealed class EventRoutes(ApiIngest ingest, AuditTrail audit)
{
    public IEnumerable<ApiRoute> All =>
    [
        new("POST", "/v1/events", Operation.PublishEvents, PublishAsync, EventDescriptions.Publish) { Body = BodyForm.Events },
    ];

    private async Task<ApiResult> PublishAsync(ApiCall call)
    {
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        call.Note("bytes", call.Body.Length.ToString(CultureInfo.InvariantCulture));

        // The operator may send events of any account; once it names one, only of that.
        var anyAccount = call.Caller.Role == Role.Operator && call.AccountId == Account.Operator;
        var submission = new ApiSubmission
        {
            AccountId = anyAccount ? null : call.AccountId,
            Body = call.Body,
            ContentType = call.Request.ContentType,
            CloudEvent = CloudEventHeaders.Of(call.Request),
            ExtraEvents = [audit.Write(AuditFacts.Of(call))],
        };
        var result = await ingest.SubmitAsync(submission, call.Cancellation);
        if (!result.IsStored)
            return Refuse(result.Errors);
        return ApiResult.Ok(json => Write(json, result)) with { Audited = true };
    }

    /// <summary><c>{"accepted":n,"eventIds":[…]}</c>.</summary>
    public static void Write(Utf8JsonWriter json, ApiIngestResult result)
    {
        json.WriteStartObject();
        json.WriteNumber("accepted"u8, result.EventIds.Count);
        json.WriteStartArray("eventIds"u8);
        foreach (var id in result.EventIds)
            json.WriteStringValue(id);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Every fault with its pointer; a body that is too large as a whole is 413.</summary>
    public static Problem Refuse(IReadOnlyList<ApiError> errors) => errors is [{ Pointer: "", Code: RejectCode.TooLarge } tooLarge]
        ? new Problem(ProblemType.BodyTooLarge, tooLarge.Rule)
        : new Problem(ProblemType.InvalidEvents) { Errors = [.. errors.Select(static e => new Fault(e.Pointer, e.Rule))] };
}
