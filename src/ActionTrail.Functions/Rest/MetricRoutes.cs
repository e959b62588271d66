using System.Globalization;
using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.Delivery;
using ActionTrail.Layout;
using ActionTrail.Trails;

namespace ActionTrail.Functions.Rest;

/// <summary>What the deliveries of a trail came to, minute by minute, for 30 days.</summary>
internal sealed class MetricRoutes(TrailStore trails, TrailMetrics metrics, TimeProvider time)
{
    private const int MaxPeriodMinutes = 24 * 60;

    /// <summary>How long the range is without startTime.</summary>
    private static readonly TimeSpan DefaultLength = TimeSpan.FromHours(1);

    public IEnumerable<ApiRoute> All => [new("GET", "/v1/trails/{name}/metrics", Operation.DescribeTrailDeliveryMetricData, ReadAsync, TrailDescriptions.Metrics)];

    private async Task<ApiResult> ReadAsync(ApiCall call)
    {
        var minutes = call.Query.Number("periodMinutes", 1, MaxPeriodMinutes, 1);
        var kind = DestinationKinds.TryParse(call.Note("destination", call.Query.Choice("destination", [.. DestinationKinds.All.Select(DestinationKinds.Text)])), out var named)
            ? named
            : (DestinationKind?)null;
        var end = call.Query.Time("endTime") ?? time.GetUtcNow();
        var start = call.Query.Time("startTime") ?? (end - DateTimeOffset.MinValue > DefaultLength ? end - DefaultLength : DateTimeOffset.MinValue);
        var period = TimeSpan.FromMinutes(minutes);
        if (start >= end)
            call.Query.Refuse("startTime", "Before endTime.");
        else if (TrailMetrics.CountPeriods(start, end, period) > TrailMetrics.MaxPeriods)
            call.Query.Refuse("periodMinutes", string.Create(CultureInfo.InvariantCulture, $"At most {TrailMetrics.MaxPeriods} periods from startTime to endTime."));
        if (TrailRoutes.Finish(call) is { } badQuery)
            return badQuery;
        var (trail, refusal) = await TrailRoutes.FindAdministeredAsync(trails, call);
        if (trail is null)
            return refusal!;
        var periods = await metrics.ReadAsync(trail, kind, start, end, period, call.Cancellation);
        return ApiResult.Ok(json => JsonPage.Write(json, periods, Write, nextLink: null));
    }

    private static void Write(Utf8JsonWriter json, PeriodCounts one)
    {
        json.WriteStartObject();
        json.WriteString("start"u8, one.Start.UtcDateTime);
        json.WriteNumber("deliveredEvents"u8, one.Counts.Delivered);
        json.WriteNumber("failedEvents"u8, one.Counts.Failed);
        json.WriteNumber("bytes"u8, one.Counts.Bytes);
        json.WriteNumber("deliveries"u8, one.Counts.Deliveries);
        json.WriteNumber("failedAttempts"u8, one.Counts.FailedAttempts);
        json.WriteEndObject();
    }
}
