using System.Globalization;
using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.HistoryJobs;
using ActionTrail.Logstores;
using ActionTrail.Retention;
using ActionTrail.Trails;

namespace ActionTrail.Functions.Rest;

/// <summary><c>/v1/logstores</c>: the Logstores of the account. Trails make them and write to them; here they are shown, their retention is set, and those that no trail writes to are deleted.</summary>
internal sealed class LogstoreRoutes(LogstoreRegistry logstores, LogstoreRemoval removal, StoreErasure erasure, HistoryJobStore jobs, EventSources sources)
{
    private const string Permanent = "permanent";
    private static readonly string RetentionRule = FormattableString.Invariant($"Days, 1 to {Logstore.MaxRetentionDays}, or \"{Permanent}\".");

    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/v1/logstores", Operation.ListLogstores, ListAsync, LogstoreDescriptions.List),
        new("GET", EventSources.Logstore, Operation.GetLogstore, GetAsync, LogstoreDescriptions.Get),
        new("PATCH", EventSources.Logstore, Operation.UpdateLogstore, UpdateAsync, LogstoreDescriptions.Update) { Body = BodyForm.Json },
        new("DELETE", EventSources.Logstore, Operation.DeleteLogstore, DeleteAsync, LogstoreDescriptions.Delete),
    ];

    private async Task<ApiResult> ListAsync(ApiCall call)
    {
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        var list = await logstores.ListAsync(call.AccountId, call.Cancellation);
        return ApiResult.Ok(json => JsonPage.Write(json, list, Write, nextLink: null));
    }

    private async Task<ApiResult> GetAsync(ApiCall call)
    {
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        return await sources.FindLogstoreAsync(call) is { } logstore ? Ok(logstore) : ProblemType.LogstoreNotFound;
    }

    private async Task<ApiResult> UpdateAsync(ApiCall call)
    {
        if (BodyReader.Parse(call.Body, out var malformed) is not { } body)
            return malformed!;
        var faults = new List<Fault>();
        var days = ReadRetention(body, faults);
        call.Note("retentionDays", faults.Count > 0 ? null : days?.ToString(CultureInfo.InvariantCulture) ?? Permanent);
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (faults.Count > 0)
            return Problem.Invalid(faults);
        if (await sources.FindLogstoreAsync(call) is not { } logstore)
            return ProblemType.LogstoreNotFound;
        if (!ETags.Match(call.Request, logstore.ETag))
            return ProblemType.PreconditionFailed;
        var isNamed = call.Request.Headers.IfMatch.Count > 0 && call.Request.Headers.IfMatch != "*";
        var (outcome, changed) = await logstores.SetRetentionAsync(call.AccountId, logstore.Name, days, isNamed ? logstore.ETag : null, call.Cancellation);
        return outcome switch
        {
            LogstoreOutcome.Changed => Ok(changed!),
            LogstoreOutcome.NotFound => ProblemType.LogstoreNotFound,
            LogstoreOutcome.PreconditionFailed => isNamed ? ProblemType.PreconditionFailed : new Problem(ProblemType.Conflict, "The Logstore changes too fast; repeat later."),
            _ => throw new InvalidOperationException($"There is no outcome {outcome}."),
        };
    }

    private async Task<ApiResult> DeleteAsync(ApiCall call)
    {
        var confirmed = call.Query.Text("confirm");
        if (confirmed != call.Route("logstore"))
            call.Query.Refuse("confirm", "Repeat the name of the Logstore: its events are deleted for good.");
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (await sources.FindLogstoreAsync(call) is not { } logstore)
            return ProblemType.LogstoreNotFound;
        if (!ETags.Match(call.Request, logstore.ETag))
            return ProblemType.PreconditionFailed;
        if (await erasure.FindHoldAsync(logstore.Store, logstore.Account, call.Cancellation) is not null)
            return ProblemType.LogstoreHeld;
        if ((await jobs.ListAsync(call.AccountId, call.Cancellation)).FirstOrDefault(job => job.IsRunning && job.Trail.Logstore == logstore.Name) is { } running)
            return new Problem(ProblemType.LogstoreInUse, string.Create(CultureInfo.InvariantCulture, $"History job {running.JobId} delivers to it."));
        var (outcome, user) = await removal.DeleteAsync(call.AccountId, logstore.Name, ETags.Named(call.Request, logstore.ETag), call.Cancellation);
        return outcome switch
        {
            LogstoreRemovalOutcome.Deleted => ApiResult.NoContent,
            LogstoreRemovalOutcome.InUse => new Problem(ProblemType.LogstoreInUse, user),
            LogstoreRemovalOutcome.NotFound => ProblemType.LogstoreNotFound,
            LogstoreRemovalOutcome.PreconditionFailed when ETags.Named(call.Request, logstore.ETag) is null => new Problem(ProblemType.Conflict, "The Logstore changes too fast; repeat later."),
            LogstoreRemovalOutcome.PreconditionFailed => ProblemType.PreconditionFailed,
            _ => throw new InvalidOperationException($"There is no outcome {outcome}."),
        };
    }

    private static int? ReadRetention(JsonElement body, List<Fault> faults)
    {
        int? days = null;
        var isGiven = false;
        foreach (var member in body.EnumerateObject())
        {
            if (member.Name != "retentionDays")
            {
                faults.Add(new Fault("/" + member.Name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal), "Unknown member."));
                continue;
            }

            isGiven = true;
            if (member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt32(out var number) && number is >= 1 and <= Logstore.MaxRetentionDays)
                days = number;
            else if (member.Value.ValueKind != JsonValueKind.String || member.Value.GetString() != Permanent)
                faults.Add(new Fault("/retentionDays", RetentionRule));
        }

        if (!isGiven)
            faults.Add(new Fault("/retentionDays", "Required. " + RetentionRule));
        return days;
    }

    private static ApiResult Ok(Logstore logstore) => ApiResult.Ok(json => Write(json, logstore)) with { ETag = ETags.Of(logstore.ETag) };

    private static void Write(Utf8JsonWriter json, Logstore logstore)
    {
        json.WriteStartObject();
        json.WriteString("project"u8, logstore.Name.Project);
        json.WriteString("name"u8, logstore.Name.Name);
        json.WriteString("accountId"u8, logstore.Account);
        if (logstore.RetentionDays is { } days)
            json.WriteNumber("retentionDays"u8, days);
        else
            json.WriteString("retentionDays"u8, Permanent);
        json.WriteString("schema"u8, logstore.Schema == LogstoreSchema.Platform ? "platform"u8 : "audit"u8);
        json.WriteString("store"u8, logstore.Store.ToString());
        json.WriteString("createTime"u8, logstore.CreateTime.UtcDateTime);
        json.WriteString("updateTime"u8, logstore.UpdateTime.UtcDateTime);
        json.WriteString("etag"u8, ETags.Of(logstore.ETag));
        json.WriteEndObject();
    }
}
