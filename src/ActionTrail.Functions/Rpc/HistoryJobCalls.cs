using System.Globalization;
using System.Text.Json;
using ActionTrail.Functions.Rest;
using ActionTrail.HistoryJobs;

namespace ActionTrail.Functions.Rpc;

/// <summary>History delivery jobs under ActionTrail's names. <c>StartTime</c> and <c>EndTime</c> are the range of time that a job takes, as in the original.</summary>
internal sealed class HistoryJobCalls(HistoryJobStore jobs)
{
    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>ActionTrail's numbers: 0 initializing, 1 delivering, 2 complete, 3 failed, also for cancelled ones, of which it knows none.</summary>
    public static int Number(HistoryJobState state) => state switch
    {
        HistoryJobState.Initializing => 0,
        HistoryJobState.Delivering or HistoryJobState.Cancelling => 1,
        HistoryJobState.Complete => 2,
        HistoryJobState.Failed or HistoryJobState.Cancelled or HistoryJobState.Deleting => 3,
        _ => throw new InvalidOperationException($"There is no state {state}."),
    };

    public async Task<ApiResult> CreateAsync(ApiCall call, RpcParameters parameters)
    {
        var name = TrailCalls.ReadName(call, parameters, "TrailName");
        var token = parameters.Text("ClientToken", maxLength: HistoryJobRoutes.MaxClientToken);
        if (token is not null && !HistoryJobRoutes.IsClientToken(token))
            parameters.Refuse("ClientToken", "Printable ASCII characters without blanks.");
        if (parameters.Finish() is { } refused)
            return refused;
        var outcome = await jobs.CreateAsync(call.AccountId, name!, token, call.Cancellation);
        return Refusal(outcome) ?? RpcAnswerForm.Ok(call, json => json.WriteNumber("JobId"u8, outcome.Job!.JobId));
    }

    public async Task<ApiResult> GetAsync(ApiCall call, RpcParameters parameters)
    {
        var id = parameters.Number("JobId", 1, int.MaxValue, 0, required: true);
        if (parameters.Finish() is { } refused)
            return refused;
        if (await jobs.FindAsync(call.AccountId, id, call.Cancellation) is not { } progress)
            return ProblemType.HistoryJobNotFound;
        call.ResourceName = progress.Job.Trail.Name;
        return RpcAnswerForm.Ok(call, json =>
        {
            Write(json, progress.Job, progress.UpdatedAt);
            json.WriteStartArray("Status"u8);
            json.WriteStartObject();
            json.WriteString("Region"u8, progress.Job.Trail.HomeRegion);
            json.WriteNumber("Status"u8, Number(progress.Job.State));
            json.WriteEndObject();
            json.WriteEndArray();
        });
    }

    public async Task<ApiResult> ListAsync(ApiCall call, RpcParameters parameters)
    {
        var number = parameters.Number("PageNumber", 1, int.MaxValue, 1);
        var size = parameters.Number("PageSize", 1, 100, 20);
        if (parameters.Finish() is { } refused)
            return refused;
        var all = await jobs.ListAsync(call.AccountId, call.Cancellation);
        return RpcAnswerForm.Ok(call, json =>
        {
            json.WriteNumber("PageNumber"u8, number);
            json.WriteNumber("PageSize"u8, size);
            json.WriteNumber("TotalCount"u8, all.Count);
            json.WriteStartArray("DeliveryHistoryJobs"u8);
            foreach (var job in all.Skip((int)Math.Min((long)(number - 1) * size, int.MaxValue)).Take(size))
            {
                json.WriteStartObject();
                Write(json, job, job.UpdatedAt);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    /// <summary>One that runs ends with it.</summary>
    public async Task<ApiResult> DeleteAsync(ApiCall call, RpcParameters parameters)
    {
        var id = parameters.Number("JobId", 1, int.MaxValue, 0, required: true);
        if (parameters.Finish() is { } refused)
            return refused;
        var outcome = await jobs.DeleteAsync(call.AccountId, id, ifMatch: null, call.Cancellation);
        call.ResourceName = outcome.Job?.Trail.Name;
        return Refusal(outcome) ?? RpcAnswerForm.Ok(call);
    }

    private static ApiResult? Refusal(HistoryOutcome outcome) => HistoryJobRoutes.Refusal(outcome) is { } problem
        ? (ApiResult)(problem with { Errors = [.. problem.Errors.Select(static e => e with { Pointer = e.Pointer == "/clientToken" ? "ClientToken" : "TrailName" })] })
        : null;

    private static void Write(Utf8JsonWriter json, HistoryJob job, DateTimeOffset updatedAt)
    {
        json.WriteNumber("JobId"u8, job.JobId);
        json.WriteString("TrailName"u8, job.Trail.Name);
        json.WriteString("HomeRegion"u8, job.Trail.HomeRegion);
        json.WriteNumber("JobStatus"u8, Number(job.State));
        json.WriteString("CreatedTime"u8, Text(job.CreatedAt));
        json.WriteString("UpdatedTime"u8, Text(updatedAt));
        json.WriteString("StartTime"u8, Text(job.From));
        json.WriteString("EndTime"u8, Text(job.Until));
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(TimeForm, CultureInfo.InvariantCulture);
}
