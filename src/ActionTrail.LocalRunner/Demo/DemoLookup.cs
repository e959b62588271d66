using System.Globalization;
using System.Net;
using System.Text.Json;

namespace ActionTrail.LocalRunner.Demo;

/// <summary>The lookups of the tour.</summary>
internal sealed class DemoLookup(DemoApi api, DateTimeOffset from, DateTimeOffset to, TextWriter output, TimeProvider clock)
{
    /// <summary>Lookup requests that were answered.</summary>
    public int Count { get; private set; }

    /// <summary>Waits until every one of these events is found by its id.</summary>
    public async Task WaitForAsync(IReadOnlyList<string> eventIds, CancellationToken cancellationToken)
    {
        foreach (var id in eventIds)
        {
            while ((await GetAsync(id, cancellationToken)).Status == HttpStatusCode.NotFound)
                await Task.Delay(TimeSpan.FromMilliseconds(250), clock, cancellationToken);
        }
    }

    /// <summary>Reads one event by its id; 404 is an answer.</summary>
    public async Task<DemoApi.Answer> GetAsync(string eventId, CancellationToken cancellationToken)
    {
        var answer = await api.CallAsync("event by id", HttpMethod.Get, $"v1/events/{Uri.EscapeDataString(eventId)}", json: null, [HttpStatusCode.OK, HttpStatusCode.NotFound], cancellationToken);
        if (answer.Status == HttpStatusCode.OK)
            Count++;
        return answer;
    }

    /// <summary>Pages through the whole span and insists that each of these events is shown exactly once.</summary>
    public async Task CountAsync(HashSet<string> expected, CancellationToken cancellationToken)
    {
        const string Step = "count all events";
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var repeated = 0;
        var path = $"v1/events?{Span()}&direction=forward&pageSize=1000";
        for (var next = path; next is not null;)
        {
            var page = await PageAsync(Step, next, cancellationToken);
            foreach (var item in Items(Step, page))
            {
                var id = DemoApi.Text(Step, item, "eventId");
                if (expected.Contains(id) && !seen.Add(id))
                    repeated++;
            }
            next = page.TryGetProperty("nextLink", out var link) ? link.GetString() : null;
        }
        if (seen.Count != expected.Count || repeated > 0)
            throw new DemoFailure(Step, $"each of {expected.Count} published events once", $"{seen.Count} of them were shown, {repeated} repeatedly");
    }

    /// <summary>Prints the newest sensitive events as a table.</summary>
    public async Task PrintSensitiveAsync(CancellationToken cancellationToken)
    {
        const string Step = "first lookup";
        var started = clock.GetTimestamp();
        var path = $"v1/events?{Span()}&sensitiveAction=true&pageSize=8";
        var page = await PageAsync(Step, path, cancellationToken);
        var elapsed = clock.GetElapsedTime(started);
        var items = Items(Step, page).ToList();
        if (items.Count == 0)
            throw new DemoFailure(Step, "sensitive events among those published", "the page is empty");

        output.WriteLine($"First lookup, the newest sensitive actions ({elapsed.TotalMilliseconds:N0} ms): GET /{path}");
        output.WriteLine($"  {"time",-20} {"user",-28} {"event",-28} {"resource",-26} ip");
        foreach (var item in items)
            output.WriteLine($"  {Field(item, "eventTime"),-20} {Cut(Identity(item), 28),-28} {Cut(Field(item, "eventName"), 28),-28} {Cut(Field(item, "resourceName"), 26),-26} {Field(item, "sourceIpAddress")}");
    }

    private async Task<JsonElement> PageAsync(string step, string path, CancellationToken cancellationToken)
    {
        var answer = await api.CallAsync(step, HttpMethod.Get, path, json: null, [HttpStatusCode.OK], cancellationToken);
        Count++;
        return answer.Json;
    }

    private static JsonElement.ArrayEnumerator Items(string step, JsonElement page) =>
        page.ValueKind == JsonValueKind.Object && page.TryGetProperty("value", out var value) && value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray()
            : throw new DemoFailure(step, "a page with an array 'value'", $"it was a {page.ValueKind}");

    private string Span() => $"startTime={Time(from)}&endTime={Time(to)}";

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Identity(JsonElement item) => item.TryGetProperty("userIdentity", out var identity) ? Field(identity, "userName") : "-";

    private static string Field(JsonElement item, string name) => item.TryGetProperty(name, out var value) ? value.ToString() : "-";

    private static string Cut(string text, int length) => text.Length <= length ? text : $"{text.AsSpan(0, length - 2)}..";
}
