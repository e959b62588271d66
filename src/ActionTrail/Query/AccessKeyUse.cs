using System.Text.Json;
using ActionTrail.Events;
using ActionTrail.Layout;

namespace ActionTrail.Query;

/// <summary>What kind of event a use of an access key is known from.</summary>
public enum KeyUseSource
{
    ManagementEvent,
    DataEvent,
    Internal,
}

/// <summary>The newest use of an access key of its kind. Texts are empty when the event does not have them.</summary>
/// <param name="Event">The event that shows it.</param>
/// <param name="ServiceName">Service that was used.</param>
/// <param name="EventName">What was done.</param>
/// <param name="SourceIpAddress">From where.</param>
/// <param name="EventId">Id of the event.</param>
/// <param name="Source">What kind of event it is.</param>
public sealed record KeyUse(FoundEvent Event, string ServiceName, string EventName, string SourceIpAddress, string EventId, KeyUseSource Source)
{
    /// <summary>The resource, in a list by resource; empty otherwise.</summary>
    public string ResourceName { get; init; } = "";

    /// <summary>Its type, when the event tells one for each resource; empty otherwise.</summary>
    public string ResourceType { get; init; } = "";
}

/// <summary>Uses of an access key, newest first, each kind once. When not <paramref name="IsComplete"/>, older events were not looked at.</summary>
public sealed record KeyUses(IReadOnlyList<KeyUse> Uses, bool IsComplete);

/// <summary>
/// What an access key was last used for, from the events of an account within the retention, our own audit events included. An attempt to sign in
/// that failed is no use: whoever made it need not have the secret.
/// </summary>
public sealed class AccessKeyUse(EventLookup lookup, LookupOptions options, TimeProvider clock)
{
    /// <summary>Most pages of <see cref="LookupOptions.MaxPageSize"/> events that one call looks at.</summary>
    private const int MaxPages = 10;

    /// <summary>The newest use of all; null when there is none in the retention.</summary>
    public async Task<KeyUse?> FindLastAsync(StoreName store, string accountId, string accessKeyId, CancellationToken cancellationToken)
    {
        var query = Query(accountId, accessKeyId, serviceName: null) with { PageSize = 20 };
        return await ListAsync(store, query, mostUses: 1, static use => [(use, "")], cancellationToken) is { Uses: [var last, ..] } ? last : null;
    }

    /// <summary>The newest use of each service.</summary>
    public Task<KeyUses> ListServicesAsync(StoreName store, string accountId, string accessKeyId, CancellationToken cancellationToken) =>
        ListAsync(store, Query(accountId, accessKeyId, serviceName: null), int.MaxValue, static use => [(use, use.ServiceName)], cancellationToken);

    /// <summary>The newest event of each name within a service.</summary>
    public Task<KeyUses> ListEventsAsync(StoreName store, string accountId, string accessKeyId, string serviceName, CancellationToken cancellationToken) =>
        ListAsync(store, Query(accountId, accessKeyId, serviceName), int.MaxValue, static use => [(use, use.EventName)], cancellationToken);

    /// <summary>The newest use from each address within a service.</summary>
    public Task<KeyUses> ListAddressesAsync(StoreName store, string accountId, string accessKeyId, string serviceName, CancellationToken cancellationToken) =>
        ListAsync(store, Query(accountId, accessKeyId, serviceName), int.MaxValue, static use => [(use, use.SourceIpAddress)], cancellationToken);

    /// <summary>The newest use of each resource within a service.</summary>
    public Task<KeyUses> ListResourcesAsync(StoreName store, string accountId, string accessKeyId, string serviceName, CancellationToken cancellationToken) =>
        ListAsync(store, Query(accountId, accessKeyId, serviceName), int.MaxValue, Resources, cancellationToken);

    private LookupQuery Query(string accountId, string accessKeyId, string? serviceName)
    {
        var now = clock.GetUtcNow();
        var conditions = new List<LookupCondition> { new(EventAttribute.AccessKeyId, accessKeyId) };
        if (serviceName is not null)
            conditions.Add(new(EventAttribute.ServiceName, serviceName));
        return new LookupQuery
        {
            AccountId = accountId,
            FromMs = now.AddDays(-options.RetentionDays).ToUnixTimeMilliseconds(),
            ToMs = now.AddDays(1).ToUnixTimeMilliseconds(),
            PageSize = options.MaxPageSize,
            Conditions = conditions,
        };
    }

    private async Task<KeyUses> ListAsync(
        StoreName store, LookupQuery query, int mostUses, Func<KeyUse, IEnumerable<(KeyUse Use, string Kind)>> kindsOf, CancellationToken cancellationToken)
    {
        var uses = new List<KeyUse>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var pages = 0; pages < MaxPages; pages++)
        {
            var page = await lookup.LookupAsync(store, query, cancellationToken);
            foreach (var (use, kind) in page.Events.Select(Read).OfType<KeyUse>().SelectMany(kindsOf))
            {
                if (seen.Add(kind))
                    uses.Add(use);
                if (uses.Count == mostUses)
                    return new KeyUses(uses, IsComplete: true);
            }

            if (page.Next is null)
                return new KeyUses(uses, IsComplete: true);
            query = query with { After = page.Next, PageSize = options.MaxPageSize };
        }

        return new KeyUses(uses, IsComplete: false);
    }

    private static IEnumerable<(KeyUse Use, string Kind)> Resources(KeyUse use)
    {
        var names = EventMatcher.Values(use.Event.Body.Span, EventAttribute.ResourceName);
        var types = EventMatcher.Values(use.Event.Body.Span, EventAttribute.ResourceType);
        return names.Select((name, index) => (use with { ResourceName = name, ResourceType = types.Count == names.Count ? types[index] : "" }, name));
    }

    /// <summary>The facts of a use; null for a failed attempt to sign in.</summary>
    private static KeyUse? Read(FoundEvent found)
    {
        string service = "", name = "", address = "", id = "", category = "", error = "";
        var reader = new Utf8JsonReader(found.Body.Span, new JsonReaderOptions { MaxDepth = int.MaxValue });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("serviceName"u8))
                service = Text(ref reader);
            else if (reader.ValueTextEquals("eventName"u8))
                name = Text(ref reader);
            else if (reader.ValueTextEquals("sourceIpAddress"u8))
                address = Text(ref reader);
            else if (reader.ValueTextEquals("eventId"u8))
                id = Text(ref reader);
            else if (reader.ValueTextEquals("eventCategory"u8))
                category = Text(ref reader);
            else if (reader.ValueTextEquals("errorCode"u8))
                error = Text(ref reader);
            else
                reader.Skip();
        }

        // Our own events tell the principal only when the credentials proved it.
        if (service == "ActionTrail" && error.Length > 0 && EventMatcher.Values(found.Body.Span, EventAttribute.PrincipalId).Count == 0)
            return null;
        var source = category switch { "Data" => KeyUseSource.DataEvent, "" or "Management" => KeyUseSource.ManagementEvent, _ => KeyUseSource.Internal };
        return new KeyUse(found, service, name, address, id, source);
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            return reader.GetString()!;
        reader.Skip();
        return "";
    }
}
