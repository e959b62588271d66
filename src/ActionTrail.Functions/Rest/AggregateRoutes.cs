using System.Globalization;
using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.Events;
using ActionTrail.Query;

namespace ActionTrail.Functions.Rest;

/// <summary><c>GET /v1/events/histogram</c> and <c>/v1/events/top</c>: counts over the events that <c>GET /v1/events</c> would show.</summary>
internal sealed class AggregateRoutes(EventHistogram histogram, TopValues top, EventSources sources, LookupRateLimiter limiter, LookupOptions options, TimeProvider time)
{
    private const int DefaultSplit = 5;
    private const int MaxSplit = 20;
    private const int DefaultTop = 10;

    public IEnumerable<ApiRoute> All =>
    [
        .. EventSources.Both(new("GET", "/v1/events/histogram", Operation.GetEventHistogram, HistogramAsync, EventDescriptions.Histogram)),
        .. EventSources.Both(new("GET", "/v1/events/top", Operation.GetTopValues, TopAsync, EventDescriptions.Top)),
    ];

    private async Task<ApiResult> HistogramAsync(ApiCall call)
    {
        var query = LookupParameters.ReadSelection(call, options, time.GetUtcNow());
        var by = ReadBy(call);
        var limit = call.Query.Number("limit", 1, MaxSplit, DefaultSplit);
        if (by is null && call.Query.Text("limit") is not null)
            call.Query.Refuse("limit", "Only with by.");
        var interval = ReadInterval(call, query);
        if (call.Query.Finish() is { } problem)
            return problem;
        if (await sources.FindAsync(call) is not { } source)
            return ProblemType.LogstoreNotFound;
        query = query with { Reach = source.Reach };
        if (!limiter.TryAcquire(call.Caller.HomeAccountId, out var wait))
            return new Problem(ProblemType.TooManyRequests) { RetryAfter = wait };
        var answer = await histogram.ReadAsync(source.Store, query, interval, by is null ? null : (AttributeOf(by), limit), call.Cancellation);
        return ApiResult.Ok(json => Write(json, answer, interval, by)) with { Statistics = LookupRoutes.Text(answer.Statistics) };
    }

    private async Task<ApiResult> TopAsync(ApiCall call)
    {
        var query = LookupParameters.ReadSelection(call, options, time.GetUtcNow());
        var limit = call.Query.Number("limit", 1, TopValues.MaxValues, DefaultTop);
        if (ReadBy(call) is not { } by)
        {
            if (!call.Request.Query.ContainsKey("by"))
                call.Query.Refuse("by", "Required: the attribute whose values are counted.");
            return call.Query.Finish()!;
        }

        if (call.Query.Finish() is { } problem)
            return problem;
        if (await sources.FindAsync(call) is not { } source)
            return ProblemType.LogstoreNotFound;
        query = query with { Reach = source.Reach };
        if (!limiter.TryAcquire(call.Caller.HomeAccountId, out var wait))
            return new Problem(ProblemType.TooManyRequests) { RetryAfter = wait };
        var answer = await top.ReadAsync(source.Store, query, AttributeOf(by), limit, call.Cancellation);
        return ApiResult.Ok(json => Write(json, answer, by)) with { Statistics = LookupRoutes.Text(answer.Statistics) };
    }

    private static string? ReadBy(ApiCall call) => call.Note("by", call.Query.Choice("by", [.. LookupParameters.AttributesOf(call).Select(static a => a.Name)]));

    private static EventAttribute AttributeOf(string name) => LookupParameters.LogstoreAttributes.First(a => a.Name == name).Attribute;

    private BucketInterval ReadInterval(ApiCall call, LookupQuery query)
    {
        BucketInterval interval;
        if (call.Note("interval", call.Query.Text("interval", 16)) is not { } text)
        {
            interval = BucketInterval.Choose(one => histogram.CountBuckets(query, one));
        }
        else if (!BucketInterval.TryParse(text, out interval))
        {
            call.Query.Refuse("interval", "A duration of one unit such as PT30S, PT5M, PT1H, P1D, P1W, at most 366 days.");
            return interval;
        }

        // Also of the longest that is chosen there are too many when a Logstore is asked for half a century.
        if (histogram.CountBuckets(query, interval) > EventHistogram.MaxBuckets)
            call.Query.Refuse("interval", string.Create(CultureInfo.InvariantCulture, $"At most {EventHistogram.MaxBuckets} buckets: a longer interval or a shorter range."));
        return interval;
    }

    private static void Write(Utf8JsonWriter json, HistogramAnswer answer, BucketInterval interval, string? by)
    {
        json.WriteStartObject();
        json.WriteString("startTime"u8, Time(answer.FromMs));
        json.WriteString("endTime"u8, Time(answer.ToMs));
        json.WriteString("interval"u8, interval.ToString());
        json.WriteNumber("total"u8, answer.Buckets.Sum(static bucket => bucket.Count));
        if (by is not null)
        {
            json.WriteString("by"u8, by);
            json.WriteBoolean("truncated"u8, answer.IsTruncated);
            json.WriteStartArray("values"u8);
            foreach (var value in answer.Values)
                json.WriteStringValue(value);
            json.WriteEndArray();
        }

        json.WriteStartArray("buckets"u8);
        foreach (var bucket in answer.Buckets)
        {
            json.WriteStartObject();
            json.WriteString("time"u8, Time(bucket.StartMs));
            json.WriteNumber("count"u8, bucket.Count);
            if (by is not null)
            {
                json.WriteStartArray("values"u8);
                foreach (var count in bucket.Values)
                    json.WriteNumberValue(count);
                json.WriteEndArray();
                json.WriteNumber("other"u8, bucket.Other);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, TopAnswer answer, string by)
    {
        json.WriteStartObject();
        json.WriteString("startTime"u8, Time(answer.FromMs));
        json.WriteString("endTime"u8, Time(answer.ToMs));
        json.WriteString("by"u8, by);
        json.WriteNumber("total"u8, answer.Total);
        json.WriteNumber("distinct"u8, answer.Distinct);
        json.WriteNumber("other"u8, answer.Other);
        json.WriteNumber("without"u8, answer.Without);
        json.WriteBoolean("truncated"u8, answer.MaxError > 0);
        json.WriteNumber("maxError"u8, answer.MaxError);
        json.WriteStartArray("values"u8);
        foreach (var value in answer.Values)
        {
            json.WriteStartObject();
            json.WriteString("value"u8, value.Value);
            json.WriteNumber("count"u8, value.Count);
            json.WriteString("lastTime"u8, Time(value.NewestMs));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Time(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs).ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture);
}
