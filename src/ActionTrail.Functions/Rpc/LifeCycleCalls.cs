using System.Text;
using System.Text.Json;
using ActionTrail.Events;
using ActionTrail.Functions.Rest;
using ActionTrail.Layout;
using ActionTrail.Query;

namespace ActionTrail.Functions.Rpc;

/// <summary>
/// DescribeResourceLifeCycleEvents: by service and resource type, which events made, changed and deleted resources. It tells of the newest 1,000
/// write events of the account, not of everything that services could send.
/// </summary>
internal sealed class LifeCycleCalls(EventLookup lookup, LookupRateLimiter limiter, LookupOptions options, TimeProvider time)
{
    /// <summary>Verbs by which a resource comes to be or goes; every other write changes it.</summary>
    private static readonly string[] Creating = ["Create", "Run", "Allocate", "Add", "Register", "Import", "Clone", "Copy", "New", "Put"];

    private static readonly string[] Deleting = ["Delete", "Remove", "Release", "Terminate", "Deregister", "Destroy", "Purge"];

    public async Task<ApiResult> DescribeAsync(ApiCall call, RpcParameters parameters)
    {
        var conditions = new List<LookupCondition> { new(EventAttribute.EventRW, "Write") };
        if (parameters.Text("ServiceName") is { } service)
            conditions.Add(new LookupCondition(EventAttribute.ServiceName, service));
        var resourceType = parameters.Text("ResourceType");
        if (resourceType is not null)
            conditions.Add(new LookupCondition(EventAttribute.ResourceType, resourceType));
        if (parameters.Finish() is { } refused)
            return refused;
        if (!limiter.TryAcquire(call.Caller.HomeAccountId, out var wait))
            return new Problem(ProblemType.TooManyRequests) { RetryAfter = wait };
        var now = time.GetUtcNow();
        var page = await lookup.LookupAsync(
            StoreName.History,
            new LookupQuery
            {
                AccountId = call.AccountId,
                FromMs = now.AddDays(-options.RetentionDays).ToUnixTimeMilliseconds(),
                ToMs = now.ToUnixTimeMilliseconds() + 1,
                PageSize = options.MaxPageSize,
                Conditions = conditions,
            },
            call.Cancellation);
        var seen = page.Events.SelectMany(static found => Read(found.Body)).Where(one => resourceType is null || one.ResourceType == resourceType).ToList();
        return RpcAnswerForm.Ok(call, json => json.WriteString("Data"u8, Tree(seen)));
    }

    private static IEnumerable<(string Service, string ResourceType, string Event)> Read(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = LookupCalls.MaxDepth });
        string Member(string name) => document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        var (service, name) = (Member("serviceName"), Member("eventName"));
        return [.. Member("resourceType").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal).Select(type => (service, type, name))];
    }

    /// <summary><c>[{value: service, children: [{value: resource type, children: [{label, labelEn, value: names joined by commas}]}]}]</c> as text.</summary>
    private static string Tree(IReadOnlyList<(string Service, string ResourceType, string Event)> seen)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var service in seen.GroupBy(static one => one.Service, StringComparer.Ordinal).OrderBy(static g => g.Key, StringComparer.Ordinal))
            {
                Open(json, service.Key, service.Key);
                foreach (var type in service.GroupBy(static one => one.ResourceType, StringComparer.Ordinal).OrderBy(static g => g.Key, StringComparer.Ordinal))
                {
                    Open(json, type.Key, type.Key);
                    string[] names = [.. type.Select(static one => one.Event).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
                    Leaf(json, "Create Events", names.Where(static name => Kind(name) > 0));
                    Leaf(json, "Change Events", names.Where(static name => Kind(name) == 0));
                    Leaf(json, "Delete Events", names.Where(static name => Kind(name) < 0));
                    Close(json);
                }

                Close(json);
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void Open(Utf8JsonWriter json, string label, string value)
    {
        json.WriteStartObject();
        json.WriteString("label"u8, label);
        json.WriteString("labelEn"u8, label);
        json.WriteString("value"u8, value);
        json.WriteStartArray("children"u8);
    }

    private static void Close(Utf8JsonWriter json)
    {
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Leaf(Utf8JsonWriter json, string label, IEnumerable<string> names)
    {
        var value = string.Join(',', names);
        if (value.Length == 0)
            return;
        json.WriteStartObject();
        json.WriteString("label"u8, label);
        json.WriteString("labelEn"u8, label);
        json.WriteString("value"u8, value);
        json.WriteEndObject();
    }

    private static int Kind(string name) => Creating.Any(verb => Starts(name, verb)) ? 1 : Deleting.Any(verb => Starts(name, verb)) ? -1 : 0;

    private static bool Starts(string name, string verb) => name.StartsWith(verb, StringComparison.Ordinal);
}
