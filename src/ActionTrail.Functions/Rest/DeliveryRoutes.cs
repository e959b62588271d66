using System.Globalization;
using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.Delivery;
using ActionTrail.Digests;
using ActionTrail.Layout;
using ActionTrail.Trails;

namespace ActionTrail.Functions.Rest;

/// <summary>How the deliveries of a trail stand, and having undelivered ones made again.</summary>
internal sealed class DeliveryRoutes(TrailStore trails, DeliveryLedger ledger, DigestLedger digests, PublicAddress address)
{
    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/v1/trails/{name}/status", Operation.GetTrailStatus, StatusAsync, TrailDescriptions.Status),
        new("GET", "/v1/trails/{name}/deliveries", Operation.ListDeliveries, ListAsync, TrailDescriptions.Deliveries),
        new("POST", "/v1/trails/{name}/deliveries/{window}/redeliver", Operation.RedeliverWindow, RedeliverAsync, TrailDescriptions.Redeliver),
        new("POST", "/v1/trails/{name}/redeliver", Operation.RedeliverTrail, RedeliverAllAsync, TrailDescriptions.RedeliverAll),
    ];

    private async Task<ApiResult> StatusAsync(ApiCall call)
    {
        if (TrailRoutes.Finish(call) is { } badQuery)
            return badQuery;
        var (trail, refusal) = await TrailRoutes.FindAdministeredAsync(trails, call);
        if (trail is null)
            return refusal!;
        var report = await ledger.ReadStatusAsync(trail, call.Cancellation);
        var digest = await digests.ReadStatusAsync(trail, call.Cancellation);
        return ApiResult.Ok(json => Write(json, trail, report, digest));
    }

    private async Task<ApiResult> ListAsync(ApiCall call)
    {
        call.Query.Choice("state", "undelivered");
        var pageSize = call.Query.Number("pageSize", 1, DeliveryLedger.MaxPage, 50);
        var token = call.Query.Text("continuationToken", 40);
        if (TrailRoutes.Finish(call) is { } badQuery)
            return badQuery;
        var (trail, refusal) = await TrailRoutes.FindAdministeredAsync(trails, call);
        if (trail is null)
            return refusal!;
        if (await ledger.ListUndeliveredAsync(trail, pageSize, token, call.Cancellation) is not { } page)
            return ProblemType.InvalidContinuation;
        var next = page.NextToken is null
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{address.Of(call.Request)}/v1/trails/{trail.Name}/deliveries?state=undelivered&pageSize={pageSize}&continuationToken={page.NextToken}");
        return ApiResult.Ok(json => JsonPage.Write(json, page.Items, Write, next));
    }

    private async Task<ApiResult> RedeliverAsync(ApiCall call)
    {
        var text = call.Note("window", call.Route("window"));
        var kind = Destination(call);
        if (TrailRoutes.Finish(call) is { } badQuery)
            return badQuery;
        var (trail, refusal) = await TrailRoutes.FindAdministeredAsync(trails, call);
        if (trail is null)
            return refusal!;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var window))
            return ProblemType.DeliveryNotFound;
        return await ledger.RedeliverAsync(trail, kind, window, call.Cancellation) switch
        {
            RedeliverOutcome.Reopened => Reopened(1),
            RedeliverOutcome.NotUndelivered => new Problem(ProblemType.Conflict, "The delivery is not undelivered."),
            RedeliverOutcome.NotFound => ProblemType.DeliveryNotFound,
            var other => throw new InvalidOperationException($"There is no outcome {other}."),
        };
    }

    private async Task<ApiResult> RedeliverAllAsync(ApiCall call)
    {
        var kind = Destination(call);
        if (TrailRoutes.Finish(call) is { } badQuery)
            return badQuery;
        var (trail, refusal) = await TrailRoutes.FindAdministeredAsync(trails, call);
        return trail is null ? refusal! : Reopened(await ledger.RedeliverAllAsync(trail, kind, call.Cancellation));
    }

    /// <summary>The destination that is meant; null: all of them.</summary>
    private static DestinationKind? Destination(ApiCall call) =>
        DestinationKinds.TryParse(call.Note("destination", call.Query.Choice("destination", [.. DestinationKinds.All.Select(DestinationKinds.Text)])), out var kind) ? kind : null;

    private static ApiResult Reopened(int count) => ApiResult.Ok(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("reopened"u8, count);
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, Trail trail, TrailStatusReport report, DigestStatus digest)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, trail.Name);
        json.WriteString("status"u8, trail.Status.ToString());
        json.WriteBoolean("isLogging"u8, report.IsLogging);
        Write(json, "startLoggingTime", report.StartLoggingTime);
        Write(json, "stopLoggingTime", report.StopLoggingTime);
        var container = report.Find(DestinationKind.Blob);
        if (container is not null)
            WriteLatest(json, container);
        if (container is not null)
            json.WriteBoolean("containerStatus"u8, container.IsUsable);
        json.WriteNumber("pending"u8, report.Pending);
        json.WriteNumber("undelivered"u8, report.Undelivered);
        Write(json, "lastWindow", container?.LastWindow);
        json.WriteStartArray("destinations"u8);
        foreach (var one in report.Destinations)
            Write(json, one);
        json.WriteEndArray();
        Write(json, "latestDigestDeliveryTime", digest.LatestTime);
        Write(json, "latestDigestEndTime", digest.LatestEnd);
        if (digest.LatestError is not null)
            json.WriteString("latestDigestDeliveryError"u8, digest.LatestError);
        Write(json, "latestDigestDeliveryErrorTime", digest.LatestErrorTime);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, DestinationStatus status)
    {
        json.WriteStartObject();
        json.WriteString("destination"u8, DestinationKinds.Text(status.Kind));
        json.WriteBoolean("usable"u8, status.IsUsable);
        WriteLatest(json, status);
        json.WriteNumber("pending"u8, status.Pending);
        json.WriteNumber("undelivered"u8, status.Undelivered);
        Write(json, "lastWindow", status.LastWindow);
        json.WriteEndObject();
    }

    private static void WriteLatest(Utf8JsonWriter json, DestinationStatus status)
    {
        Write(json, "latestDeliveryTime", status.LatestDeliveryTime);
        if (status.LatestDeliveryError is not null)
            json.WriteString("latestDeliveryError"u8, status.LatestDeliveryError);
        Write(json, "latestDeliveryErrorTime", status.LatestDeliveryErrorTime);
    }

    private static void Write(Utf8JsonWriter json, UndeliveredWindow item)
    {
        json.WriteStartObject();
        json.WriteString("destination"u8, DestinationKinds.Text(item.Kind));
        json.WriteNumber("window"u8, item.Window);
        json.WriteString("state"u8, "undelivered");
        json.WriteString("category"u8, item.Category.ToString());
        if (item.Detail is not null)
            json.WriteString("detail"u8, item.Detail);
        json.WriteString("at"u8, item.At.UtcDateTime);
        json.WriteNumber("attempts"u8, item.Attempts);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } at)
            json.WriteString(name, at.UtcDateTime);
    }
}
