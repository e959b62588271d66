using System.Globalization;
using ActionTrail.Functions.Rest;
using ActionTrail.Layout;
using ActionTrail.Query;

namespace ActionTrail.Functions.Rpc;

/// <summary>How many events the account has by day.</summary>
internal sealed class EventCountCalls(EventHistogram histogram, LookupRateLimiter limiter, TimeProvider time)
{
    /// <summary>Days that are counted when none is named.</summary>
    private const int UsualDays = 30;

    private const int MaxDays = EventHistogram.MaxBuckets;

    /// <summary>Days in UTC by event time, both inclusive. What lies before the retention counts as nothing.</summary>
    public async Task<ApiResult> DescribeLogCountAsync(ApiCall call, RpcParameters parameters)
    {
        var today = new DateTimeOffset(time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
        var given = (Start: parameters.Date("StartDate"), End: parameters.Date("EndDate"));
        var end = given.End ?? (given.Start is { } since && since > today ? since : today);
        var start = given.Start ?? (end - DateTimeOffset.MinValue < TimeSpan.FromDays(UsualDays) ? end : end.AddDays(1 - UsualDays));
        if (start > end)
            parameters.Refuse("StartDate", "Not after EndDate.");
        else if ((end - start).TotalDays >= MaxDays)
            parameters.Refuse("StartDate", string.Create(CultureInfo.InvariantCulture, $"At most {MaxDays} days up to EndDate."));
        if (parameters.Finish() is { } refused)
            return refused;
        if (!limiter.TryAcquire(call.Caller.HomeAccountId, out var wait))
            return new Problem(ProblemType.TooManyRequests) { RetryAfter = wait };

        var day = BucketInterval.Day;
        var query = new LookupQuery { AccountId = call.AccountId, FromMs = start.ToUnixTimeMilliseconds(), ToMs = end.ToUnixTimeMilliseconds() + day.Milliseconds };
        var answer = await histogram.ReadAsync(StoreName.History, query, day, split: null, call.Cancellation);
        var counts = answer.Buckets.ToDictionary(static bucket => bucket.StartMs, static bucket => bucket.Count);
        var days = new List<(string, long)>();
        for (var at = start; at <= end; at += TimeSpan.FromDays(1))
            days.Add((at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), counts.GetValueOrDefault(at.ToUnixTimeMilliseconds())));
        return RpcAnswerForm.Ok(call, json => DailyCounts.Write(json, days));
    }
}
