using ActionTrail.Events.CloudEvents;

namespace ActionTrail.Functions.Rest;

/// <summary>The <c>ce-*</c> headers of a CloudEvent in binary mode.</summary>
internal static class CloudEventHeaders
{
    /// <summary>The attributes; null when the request is no CloudEvent in binary mode.</summary>
    public static CloudEventAttributes? Of(HttpRequest request) =>
        CloudEventAttributes.FromHeaders(request.Headers.SelectMany(static header => header.Value.Select(value => KeyValuePair.Create(header.Key, value ?? ""))));
}
