using System.Globalization;
using System.Net;
using System.Text.Json;
using ActionTrail.Generator.Formats;

namespace ActionTrail.LocalRunner.Demo;

/// <summary>Finds the events that came in other formats, account by account, and shows one lookup for each format.</summary>
/// <param name="operatorOf">The operator, acting for an account.</param>
/// <param name="published">What was sent.</param>
/// <param name="from">Inclusive.</param>
/// <param name="to">Exclusive.</param>
/// <param name="output">Gets the table.</param>
/// <param name="clock">Waits between two rounds.</param>
internal sealed class DemoCensus(Func<string, DemoApi> operatorOf, IReadOnlyList<(TrafficFormat Format, ExpectedEvent Event)> published,
    DateTimeOffset from, DateTimeOffset to, TextWriter output, TimeProvider clock)
{
    private const string Step = "find the events of other formats";

    // With half a second between two rounds.
    private const int FruitlessRounds = 90;

    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    /// <summary>Lookup requests that were answered.</summary>
    public int Count { get; private set; }

    /// <summary>Waits until every event is found exactly as often as it was sent; fails when nothing new is found in 90 rounds, half a second apart.</summary>
    public async Task FindAllAsync(CancellationToken cancellationToken)
    {
        var missing = published.Select(static p => p.Event).GroupBy(static e => e.AccountId, StringComparer.Ordinal)
            .ToDictionary(static g => g.Key, static g => g.GroupBy(KeyOf, StringComparer.Ordinal).ToDictionary(static k => k.Key, static k => k.Count(), StringComparer.Ordinal), StringComparer.Ordinal);
        for (var fruitless = 0; missing.Count > 0; fruitless++)
        {
            foreach (var account in missing.Keys.Order(StringComparer.Ordinal).ToArray())
            {
                if (await FindAsync(account, missing[account], cancellationToken))
                    fruitless = 0;
                if (missing[account].Count == 0)
                    missing.Remove(account);
            }
            if (missing.Count > 0 && fruitless > FruitlessRounds)
                throw new DemoFailure(Step, $"each of {published.Count} events", $"{missing.Values.Sum(static m => m.Values.Sum())} were not found, the first as {missing.Values.First().Keys.First()}");
            if (missing.Count > 0)
                await Task.Delay(TimeSpan.FromMilliseconds(500), clock, cancellationToken);
        }
    }

    /// <summary>Prints a line for each format: how many events of it are stored, and one that was looked up by its user.</summary>
    public async Task PrintAsync(CancellationToken cancellationToken)
    {
        output.WriteLine("Other formats, all stored; one lookup by user each:");
        output.WriteLine($"  {"format",-19} {"events",7}  {"event",-36} {"user",-36} account");
        foreach (var format in published.GroupBy(static p => p.Format))
        {
            var one = format.Select(static p => p.Event).FirstOrDefault(static e => e.UserName is not null) ?? format.First().Event;
            var filter = one.UserName is { } user ? $"&user={Uri.EscapeDataString(user)}" : "";
            var path = $"v1/events?startTime={Time(one.EventTime)}&endTime={Time(one.EventTime.AddSeconds(1))}&pageSize=50{filter}";
            var found = Items(await PageAsync(one.AccountId, path, cancellationToken)).FirstOrDefault(item => KeysOf(item).Contains(KeyOf(one)));
            if (found.ValueKind != JsonValueKind.Object)
                throw new DemoFailure(Step, $"{KeyOf(one)} of account {one.AccountId} from GET /{path}", "it was not there");
            var name = found.TryGetProperty("userIdentity", out var identity) ? Text(identity, "userName") : "-";
            output.WriteLine($"  {TrafficFormats.NameOf(format.Key),-19} {format.Count(),7:N0}  {Cut(Text(found, "eventName")),-36} {Cut(name),-36} {one.AccountId}");
        }
    }

    // Pages through an account and takes what is found off the missing ones.
    private async Task<bool> FindAsync(string account, Dictionary<string, int> missing, CancellationToken cancellationToken)
    {
        var isNew = false;
        for (var next = $"v1/events?startTime={Time(from)}&endTime={Time(to)}&pageSize=1000"; next is not null && missing.Count > 0;)
        {
            var page = await PageAsync(account, next, cancellationToken);
            foreach (var item in Items(page))
            {
                if (!_seen.Add($"{account} {Text(item, "eventId")}"))
                    continue;
                var key = KeysOf(item).FirstOrDefault(missing.ContainsKey);
                if (key is null)
                    continue;
                isNew = true;
                if (--missing[key] == 0)
                    missing.Remove(key);
            }
            next = page.ValueKind == JsonValueKind.Object && page.TryGetProperty("nextLink", out var link) ? link.GetString() : null;
        }
        return isNew;
    }

    // The account of a producer is there from its first event on.
    private async Task<JsonElement> PageAsync(string account, string path, CancellationToken cancellationToken)
    {
        var answer = await operatorOf(account).CallAsync(Step, HttpMethod.Get, path, json: null, [HttpStatusCode.OK, HttpStatusCode.NotFound], cancellationToken);
        Count++;
        return answer.Status == HttpStatusCode.OK ? answer.Json : default;
    }

    private static IEnumerable<JsonElement> Items(JsonElement page) =>
        page.ValueKind == JsonValueKind.Object && page.TryGetProperty("value", out var value) ? value.EnumerateArray() : [];

    // By id where the source gives one, else by what was done, when and from where.
    private static string KeyOf(ExpectedEvent e) => e.EventId ?? Key(e.EventName, Time(e.EventTime), e.SourceIpAddress ?? "-");

    private static string[] KeysOf(JsonElement item) => [Text(item, "eventId"), Key(Text(item, "eventName"), TimeOf(item), Text(item, "sourceIpAddress"))];

    private static string Key(string name, string time, string address) => $"{name.ToUpperInvariant()} at {time} from {address}";

    private static string TimeOf(JsonElement item) => item.TryGetProperty("eventTime", out var time) && time.TryGetDateTimeOffset(out var read) ? Time(read) : "-";

    private static string Text(JsonElement item, string name) => item.TryGetProperty(name, out var value) ? value.ToString() : "-";

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Cut(string text) => text.Length <= 36 ? text : $"{text.AsSpan(0, 34)}..";
}
