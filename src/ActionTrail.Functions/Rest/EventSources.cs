using ActionTrail.Events;
using ActionTrail.Functions.OpenApi;
using ActionTrail.Layout;
using ActionTrail.Logstores;
using ActionTrail.Query;

namespace ActionTrail.Functions.Rest;

/// <summary>How an event is shown.</summary>
internal enum EventShape
{
    /// <summary>As it was stored, without the record it was mapped from.</summary>
    Mapped,

    /// <summary>With that record.</summary>
    Whole,

    /// <summary>As that record, if there is one.</summary>
    Original,
}

/// <summary>Where events are looked up.</summary>
/// <param name="Store">The store.</param>
/// <param name="Reach">How far back, and what binds page tokens to it.</param>
/// <param name="Path">Path of its events, for links.</param>
/// <param name="IsPlatform">Its events are shown in the form that platform events have.</param>
internal sealed record EventSource(StoreName Store, LookupReach Reach, string Path, bool IsPlatform)
{
    public static EventSource History { get; } = new(StoreName.History, LookupReach.Retention, "/v1/events", IsPlatform: false);

    /// <summary>Path of the checkpoints of its log, for links.</summary>
    public string CheckpointsPath => Path[..^"events".Length] + "checkpoints";

    public bool IsLogstore => Store != StoreName.History;

    /// <remarks>Whoever asks for the original gets the bytes that are stored, those of platform events too: they are what a proof is for.</remarks>
    public EventShape Shape(bool withOriginal) => withOriginal ? EventShape.Whole : IsPlatform ? EventShape.Original : EventShape.Mapped;

    public static ReadOnlySpan<byte> Show(ReadOnlySpan<byte> body, EventShape shape) =>
        shape == EventShape.Whole || OriginalRecord.Find(body) is not { } original ? body
        : shape == EventShape.Original ? original.Of(body)
        : original.Without(body);
}

/// <summary>Finds what a call looks through: under <c>/v1/events</c> the history, under a Logstore of the account that one.</summary>
internal sealed class EventSources(LogstoreRegistry logstores)
{
    public const string Logstore = "/v1/logstores/{project}/{logstore}";

    public static bool IsLogstore(ApiCall call) => call.Request.RouteValues.ContainsKey("logstore");

    /// <summary>Both addresses of a route on events.</summary>
    /// <param name="route">Of the history.</param>
    /// <param name="description">Of the Logstores'; null: that of the history, with what is a Logstore's.</param>
    public static IEnumerable<ApiRoute> Both(ApiRoute route, RouteDescription? description = null) =>
        [route, route with { Pattern = Logstore + route.Pattern["/v1".Length..], Description = description ?? LogstoreDescriptions.Of(route.Description) }];

    /// <summary>Null: the account has no such Logstore.</summary>
    public async Task<EventSource?> FindAsync(ApiCall call)
    {
        if (!IsLogstore(call))
            return EventSource.History;
        return await FindLogstoreAsync(call) is { } logstore
            ? new(
                logstore.Store,
                new LookupReach(logstore.RetentionDays, logstore.Store.ToString()),
                $"/v1/logstores/{logstore.Name.Project}/{logstore.Name.Name}/events",
                logstore.Schema == LogstoreSchema.Platform)
            : null;
    }

    public async Task<Logstore?> FindLogstoreAsync(ApiCall call)
    {
        var name = new LogstoreName(call.Route("project"), call.Route("logstore"));
        call.ResourceName = call.Note("logstore", name.ToString());
        return await logstores.FindAsync(call.AccountId, name, call.Cancellation);
    }
}
