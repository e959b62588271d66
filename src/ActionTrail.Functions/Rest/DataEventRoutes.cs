using ActionTrail.Access;
using ActionTrail.Trails;

namespace ActionTrail.Functions.Rest;

/// <summary><c>/v1/trails/{name}/data-event-selectors</c>: the data events that a trail takes beside what its selectors take.</summary>
internal sealed class DataEventRoutes(TrailStore trails)
{
    private const string Pattern = "/v1/trails/{name}/data-event-selectors";

    public IEnumerable<ApiRoute> All =>
    [
        new("PUT", Pattern, Operation.PutDataEventSelector, PutAsync, DataEventDescriptions.Put) { Body = BodyForm.Json },
        new("GET", Pattern, Operation.GetDataEventSelector, GetAsync, DataEventDescriptions.Get),
        new("DELETE", Pattern, Operation.DeleteDataEventSelector, DeleteAsync, DataEventDescriptions.Delete),
    ];

    private async Task<ApiResult> PutAsync(ApiCall call)
    {
        if (BodyReader.Parse(call.Body, out var malformed) is not { } body)
            return malformed!;
        var errors = new List<TrailFieldError>();
        var selectors = SelectorJson.ReadDataEvents(body, "", errors);
        if (TrailRoutes.Finish(call) is { } badQuery)
            return badQuery;
        if (errors.Count > 0)
            return TrailRoutes.Invalid(errors);
        return await TrailRoutes.GuardedAsync(
            trails,
            call,
            (trail, ifMatch) => trails.PutDataEventsAsync(trail.Account, trail.Name, selectors, ifMatch, call.Cancellation),
            static outcome => outcome.Kind == TrailOutcomeKind.Ok ? Ok(outcome.Trail!) : TrailRoutes.Answer(outcome));
    }

    private async Task<ApiResult> GetAsync(ApiCall call)
    {
        if (TrailRoutes.Finish(call) is { } badQuery)
            return badQuery;
        var (trail, refusal) = await TrailRoutes.FindAdministeredAsync(trails, call);
        if (trail is null)
            return refusal!;
        return trail.DataEvents is null ? ProblemType.DataEventSelectorNotFound : Ok(trail);
    }

    private async Task<ApiResult> DeleteAsync(ApiCall call)
    {
        if (TrailRoutes.Finish(call) is { } badQuery)
            return badQuery;
        return await TrailRoutes.GuardedAsync(
            trails,
            call,
            (trail, ifMatch) => trails.DeleteDataEventsAsync(trail.Account, trail.Name, ifMatch, call.Cancellation),
            static outcome => outcome.Kind == TrailOutcomeKind.Ok ? ApiResult.NoContent : TrailRoutes.Answer(outcome));
    }

    /// <summary>The version is the trail's.</summary>
    private static ApiResult Ok(Trail trail) => ApiResult.Ok(json => SelectorJson.Write(json, trail.DataEvents!)) with { ETag = ETags.Of(trail.ETag) };
}
