using System.Globalization;
using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.HistoryJobs;
using ActionTrail.Layout;

namespace ActionTrail.Functions.Rest;

/// <summary><c>/v1/history-jobs</c>: jobs that deliver what a trail of the account did not.</summary>
internal sealed class HistoryJobRoutes(HistoryJobStore jobs, PublicAddress address)
{
    public const int MaxClientToken = 64;

    private const string One = "/v1/history-jobs/{jobId}";

    public IEnumerable<ApiRoute> All =>
    [
        new("POST", "/v1/history-jobs", Operation.CreateDeliveryHistoryJob, CreateAsync, HistoryJobDescriptions.Create) { Body = BodyForm.Json },
        new("GET", "/v1/history-jobs", Operation.ListDeliveryHistoryJobs, ListAsync, HistoryJobDescriptions.List),
        new("GET", One, Operation.GetDeliveryHistoryJob, GetAsync, HistoryJobDescriptions.Get),
        new("DELETE", One, Operation.DeleteDeliveryHistoryJob, DeleteAsync, HistoryJobDescriptions.Delete),
        new("POST", One + "/cancel", Operation.CancelDeliveryHistoryJob, CancelAsync, HistoryJobDescriptions.Cancel),
        new("POST", One + "/retry", Operation.RetryDeliveryHistoryJob, RetryAsync, HistoryJobDescriptions.Retry),
    ];

    /// <summary>The problem that an end of a call is; null when it is none.</summary>
    public static Problem? Refusal(HistoryOutcome outcome) => outcome.Kind switch
    {
        HistoryOutcomeKind.Created or HistoryOutcomeKind.Ok => null,
        HistoryOutcomeKind.TrailNotFound => new(ProblemType.TrailNotFound),
        HistoryOutcomeKind.NotPermitted => new(ProblemType.NotOrganizationMasterAccount),
        HistoryOutcomeKind.SeveralAccounts => Problem.Invalid(new Fault("/trailName", "A trail of one account; a multi-account trail has no history jobs.")),
        HistoryOutcomeKind.NoDestination => Problem.Invalid(new Fault("/trailName", "A trail with a container or a Logstore.")),
        HistoryOutcomeKind.TokenReused => Problem.Invalid(new Fault("/clientToken", "A token of its own for every job; this one made a job of another trail.")),
        HistoryOutcomeKind.AlreadyRunning => new(ProblemType.HistoryJobRunning, outcome.Job is { } running ? string.Create(CultureInfo.InvariantCulture, $"Job {running.JobId} runs.") : null),
        HistoryOutcomeKind.QuotaExceeded => new(ProblemType.HistoryJobLimitExceeded, "Delete one that has ended."),
        HistoryOutcomeKind.NotFound => new(ProblemType.HistoryJobNotFound),
        HistoryOutcomeKind.WrongState => new(ProblemType.Conflict, $"The job is {outcome.Job!.State}."),
        HistoryOutcomeKind.Superseded => new(ProblemType.Conflict, "A later job of the trail has what this one gave up; delete that job first."),
        HistoryOutcomeKind.PreconditionFailed => new(ProblemType.PreconditionFailed),
        HistoryOutcomeKind.TooManyChanges => new(ProblemType.Conflict, "The jobs of the account change too fast; repeat later."),
        _ => throw new InvalidOperationException($"There is no outcome {outcome.Kind}."),
    };

    /// <summary>A client token as ActionTrail has it: up to 64 ASCII characters.</summary>
    public static bool IsClientToken(string token) => token.Length <= MaxClientToken && token.All(static c => c is > ' ' and <= '~');

    private async Task<ApiResult> CreateAsync(ApiCall call)
    {
        if (BodyReader.Open(call.Body, out var malformed) is not { } body)
            return malformed!;
        var name = call.Note("trailName", body.Text("trailName", required: true, maxLength: 64));
        var token = call.Note("clientToken", body.Text("clientToken", required: false, MaxClientToken));
        call.ResourceName = name;
        if (token is not null && !IsClientToken(token))
            body.Refuse("clientToken", "Printable ASCII characters without blanks.");
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (body.FinishWithProblem() is { } badBody)
            return badBody;
        return await AcceptedAsync(call, await jobs.CreateAsync(call.AccountId, name!, token, call.Cancellation));
    }

    private async Task<ApiResult> ListAsync(ApiCall call)
    {
        var pageSize = call.Query.Number("pageSize", 1, 100, 50);
        var before = call.Query.Number("continuationToken", 1, int.MaxValue, int.MaxValue);
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        var rest = (await jobs.ListAsync(call.AccountId, call.Cancellation)).Where(job => job.JobId < before).ToList();
        var next = rest.Count > pageSize
            ? string.Create(CultureInfo.InvariantCulture, $"{address.Of(call.Request)}/v1/history-jobs?pageSize={pageSize}&continuationToken={rest[pageSize - 1].JobId}")
            : null;
        return ApiResult.Ok(json => JsonPage.Write(json, rest.Take(pageSize), Write, next));
    }

    private async Task<ApiResult> GetAsync(ApiCall call)
    {
        var id = ReadId(call);
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        return await FindAsync(call, id) is { } progress ? ApiResult.Ok(json => Write(json, progress)) with { ETag = ETags.Of(progress.Job.ETag) } : ProblemType.HistoryJobNotFound;
    }

    private async Task<ApiResult> DeleteAsync(ApiCall call)
    {
        var result = await GuardedAsync(call, jobs.DeleteAsync);
        return result.Refused ?? ApiResult.NoContent;
    }

    private async Task<ApiResult> CancelAsync(ApiCall call)
    {
        var result = await GuardedAsync(call, jobs.CancelAsync);
        return result.Refused ?? await AcceptedAsync(call, result.Outcome!);
    }

    private async Task<ApiResult> RetryAsync(ApiCall call)
    {
        var result = await GuardedAsync(call, jobs.RetryAsync);
        return result.Refused ?? await AcceptedAsync(call, result.Outcome!);
    }

    /// <summary>Changes the job of the route if it is the version that If-Match names.</summary>
    private async Task<(HistoryOutcome? Outcome, ApiResult? Refused)> GuardedAsync(ApiCall call, Func<string, long, string?, CancellationToken, Task<HistoryOutcome>> change)
    {
        var id = ReadId(call);
        if (call.Query.Finish() is { } badQuery)
            return (null, badQuery);
        if (await FindAsync(call, id) is not { } progress)
            return (null, ProblemType.HistoryJobNotFound);
        if (!ETags.Match(call.Request, progress.Job.ETag))
            return (null, ProblemType.PreconditionFailed);
        var named = call.Request.Headers.IfMatch.Count > 0 && call.Request.Headers.IfMatch != "*";
        var outcome = await change(call.AccountId, id, named ? progress.Job.ETag : null, call.Cancellation);
        return Refusal(outcome) is { } problem ? (null, problem) : (outcome, null);
    }

    /// <summary>The number of the route; 0, which no job has, when it is none.</summary>
    private static long ReadId(ApiCall call) =>
        long.TryParse(call.Note("jobId", call.Route("jobId")), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;

    private async Task<HistoryProgress?> FindAsync(ApiCall call, long id)
    {
        var progress = await jobs.FindAsync(call.AccountId, id, call.Cancellation);
        call.ResourceName = progress?.Job.Trail.Name;
        return progress;
    }

    /// <summary>The work goes on after the answer; where to watch it is in <c>Operation-Location</c>.</summary>
    private async Task<ApiResult> AcceptedAsync(ApiCall call, HistoryOutcome outcome)
    {
        if (Refusal(outcome) is { } problem)
            return problem;
        var job = outcome.Job!;
        var progress = await jobs.FindAsync(call.AccountId, job.JobId, call.Cancellation) ?? new(job, []);
        var path = string.Create(CultureInfo.InvariantCulture, $"/v1/history-jobs/{job.JobId}");
        return new()
        {
            Status = StatusCodes.Status202Accepted,
            Body = json => Write(json, progress),
            ETag = ETags.Of(progress.Job.ETag),
            OperationLocation = address.Of(call.Request) + path,
        };
    }

    private static void Write(Utf8JsonWriter json, HistoryJob job)
    {
        json.WriteStartObject();
        WriteMembers(json, job);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, HistoryProgress progress)
    {
        json.WriteStartObject();
        WriteMembers(json, progress.Job);
        json.WriteNumber("percentComplete"u8, progress.Percent);
        json.WriteNumber("events"u8, progress.Events);
        json.WriteNumber("objects"u8, progress.Objects);
        json.WriteNumber("bytes"u8, progress.Bytes);
        json.WriteStartArray("items"u8);
        foreach (var item in progress.Items)
            Write(json, item);
        json.WriteEndArray();
        json.WriteString("etag"u8, ETags.Of(progress.Job.ETag));
        json.WriteEndObject();
    }

    private static void WriteMembers(Utf8JsonWriter json, HistoryJob job)
    {
        json.WriteNumber("jobId"u8, job.JobId);
        json.WriteString("accountId"u8, job.Account);
        json.WriteString("trailName"u8, job.Trail.Name);
        json.WriteString("state"u8, job.State.ToString());
        json.WriteString("fromTime"u8, job.From.UtcDateTime);
        json.WriteString("untilTime"u8, job.Until.UtcDateTime);
        json.WriteStartArray("destinations"u8);
        foreach (var target in job.Targets)
            json.WriteStringValue(DestinationKinds.Text(target.Kind));
        json.WriteEndArray();
        json.WriteString("createTime"u8, job.CreatedAt.UtcDateTime);
        json.WriteString("updateTime"u8, job.UpdatedAt.UtcDateTime);
        if (job.EndedAt is { } ended)
            json.WriteString("endTime"u8, ended.UtcDateTime);
    }

    private static void Write(Utf8JsonWriter json, HistoryItem item)
    {
        json.WriteStartObject();
        json.WriteString("day"u8, item.Day.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        json.WriteString("destination"u8, DestinationKinds.Text(item.Kind));
        json.WriteString("state"u8, item.State.ToString());
        json.WriteString("deliveredUntil"u8, item.At.UtcDateTime);
        json.WriteNumber("events"u8, item.Events);
        json.WriteNumber("objects"u8, item.Objects);
        json.WriteNumber("bytes"u8, item.Bytes);
        json.WriteNumber("attempts"u8, item.Attempts);
        if (item.LastCategory is { } category)
            json.WriteString("category"u8, category.ToString());
        if (item.LastDetail is { } detail)
            json.WriteString("detail"u8, detail);
        if (item.NotBefore is { } next)
            json.WriteString("notBefore"u8, next.UtcDateTime);
        json.WriteEndObject();
    }
}
