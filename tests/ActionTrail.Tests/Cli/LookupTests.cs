using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Web;

namespace ActionTrail.Tests.Cli;

public class LookupTests
{
    [Theory]
    [InlineData("table", 50)]
    [InlineData("ndjson", 2_345)]
    [InlineData("json", 2_345)]
    [InlineData("csv", 2_345)]
    public async Task Pages_are_followed_to_the_end_but_a_table_ends_after_a_screenful(string form, int expected)
    {
        var bench = new CliBench { Api = Pages(2_345) };
        Assert.Equal(0, await bench.RunAsync("events", "query", "--output", form, "--user", "a&b", "--last", "2h"));
        var ids = form switch
        {
            "json" => JsonDocument.Parse(bench.Output).RootElement.EnumerateArray().Select(static e => e.GetProperty("eventId").GetString()).ToList(),
            "ndjson" => [.. bench.Output.TrimEnd().Split('\n').Select(static line => JsonDocument.Parse(line).RootElement.GetProperty("eventId").GetString())],
            _ => [.. bench.Output.TrimEnd().Split('\n').Skip(1)],
        };
        Assert.Equal(expected, ids.Distinct().Count() + (form == "table" ? ids.Count - ids.Distinct().Count() : 0));
        Assert.Equal(expected, ids.Count);
        Assert.All(bench.Calls, static call => Assert.Contains("user=a%26b", call, StringComparison.Ordinal));
        Assert.Contains("startTime=2026-11-22T10:00:00.000Z", bench.Calls.First(), StringComparison.Ordinal);
        Assert.Equal(form == "table", bench.Errors.Contains("50 shown; there are more", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(100, 100, false)]
    [InlineData(99, 100, true)]
    [InlineData(101, 100, false)]
    [InlineData(0, 100, false)]
    public async Task A_cut_is_said_and_a_whole_answer_is_not_called_cut(int maxItems, int total, bool isCut)
    {
        var bench = new CliBench { Api = Pages(total) };
        Assert.Equal(0, await bench.RunAsync("events", "query", "--output", "ndjson", "--max-items", maxItems.ToString(CultureInfo.InvariantCulture)));
        Assert.Equal(isCut ? maxItems : total, bench.Output.Count(static c => c == '\n'));
        Assert.Equal(isCut, bench.Errors.Contains("there are more", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_key_follows_no_link_to_another_host()
    {
        var bench = new CliBench();
        var hosts = new List<string>();
        bench.Api = (request, _) =>
        {
            hosts.Add(request.RequestUri!.Authority);
            return CliBench.Answer(HttpStatusCode.OK, hosts.Count == 1 ? """{"value":[],"nextLink":"http://evil.example/v1/events?continuationToken=x"}""" : """{"value":[]}""");
        };
        Assert.Equal(0, await bench.RunAsync("events", "query", "--key", "a:b"));
        Assert.Equal(["localhost:7071", "localhost:7071"], hosts);
    }

    [Fact]
    public async Task A_table_on_a_terminal_keeps_within_it_and_shows_controls_escaped()
    {
        var bench = new CliBench { TerminalWidth = 80 };
        bench.Variables["NO_COLOR"] = "1";
        bench.Api = (_, _) => CliBench.Answer(HttpStatusCode.OK, """{"value":[{"eventTime":"2026-11-22T07:00:00Z","eventName":"\u001b]0;x\u0007","userIdentity":{"userName":"名前名前名前名前名前名前名前名前"},"resourceName":"a very long name of a resource that goes on"}]}""");
        Assert.Equal(0, await bench.RunAsync("events", "query"));
        Assert.DoesNotContain('\u001b', bench.Output);
        Assert.All(bench.Output.TrimEnd().Split('\n'), static line => Assert.InRange(ActionTrail.Cli.Output.TextWidth.Of(line), 1, 80));
        Assert.Contains('…', bench.Output);
    }

    [Theory]
    [InlineData("table", "")]
    [InlineData("ndjson", "")]
    [InlineData("json", "[]\n")]
    public async Task Nothing_found_is_said_beside_the_output(string form, string output)
    {
        var bench = new CliBench { Api = Pages(0) };
        Assert.Equal(0, await bench.RunAsync("events", "query", "--output", form));
        Assert.Equal(output, bench.Output);
        Assert.Equal("nothing matches\n", bench.Errors);
    }

    [Fact]
    public async Task A_tail_shows_every_event_once_the_late_ones_too_and_none_of_its_own_calls()
    {
        var bench = new CliBench();
        var calls = 0;
        var events = new List<string> { CliBench.Event(1, "2026-11-22T11:58:00Z") };
        bench.Api = (_, _) =>
        {
            calls++;
            if (calls == 2)
                events.Add(CliBench.Event(2, "2026-11-22T12:00:01Z"));
            if (calls == 3)
                events.Add(CliBench.Event(3, "2026-11-22T11:59:00Z"));
            if (calls == 4)
                return CliBench.Answer(HttpStatusCode.ServiceUnavailable, "{}");
            if (calls == 12)
                events.Add(CliBench.Event(2, "2026-11-22T12:00:09Z"));
            var answer = Page(events);
            answer.Headers.Add("ActionTrail-Request-Id", $"r{1000 + calls}");
            events.Add(CliBench.Event(1000 + calls, "2026-11-22T12:00:02Z", "ActionTrail"));
            return answer;
        };
        Assert.Equal(0, await bench.RunAsync("events", "tail", "--output", "ndjson", "--max-items", "3", "--retries", "0"));
        Assert.Equal([CliBench.Event(2, "2026-11-22T12:00:01Z"), CliBench.Event(3, "2026-11-22T11:59:00Z"), CliBench.Event(2, "2026-11-22T12:00:09Z")], bench.Output.TrimEnd().Split('\n'));
        Assert.Contains("asking again", bench.Errors, StringComparison.Ordinal);
        Assert.StartsWith("GET /v1/events?pageSize=1000&direction=forward&startTime=2026-11-22T11:55:00.000Z", bench.Calls.First(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tail_that_never_got_an_answer_ends()
    {
        var bench = new CliBench { Api = static (_, _) => CliBench.Answer(HttpStatusCode.InternalServerError, "{}") };
        Assert.Equal(6, await bench.RunAsync("events", "tail"));
    }

    [Fact]
    public async Task Quarantine_is_listed_shown_and_replayed()
    {
        const string Id = "hub-0a1b2c3d-0001.4711.0";
        const string Other = "hub-0a1b2c3d-0001.4712.1";
        var entry = $$"""{"id":"{{Id}}","partition":"hub-0a1b2c3d-0001","reason":"Missing","field":"/eventName","rule":"Required.","bytes":3""";
        var bench = new CliBench();
        bench.Api = (request, _) => request.RequestUri!.AbsolutePath switch
        {
            "/v1/quarantine" => CliBench.Answer(HttpStatusCode.OK, $$"""{"value":[{{entry}}},{"id":"{{Other}}","reason":"Malformed"},{"id":"hub-0a1b2c3d-0001.4713.0","replayedAt":"2026-11-22T07:00:00Z"}]}"""),
            $"/v1/quarantine/{Id}" => CliBench.Answer(HttpStatusCode.OK, entry + ""","raw":"e30N","text":"{}\r"}"""),
            $"/v1/quarantine/{Id}/replay" => CliBench.Answer(HttpStatusCode.OK, """{"accepted":2,"eventIds":["a","b"]}"""),
            $"/v1/quarantine/{Other}/replay" => CliBench.Refuse(("/0/eventName", "Required.")),
            _ => CliBench.Answer(HttpStatusCode.NotFound, """{"code":"QuarantineRecordNotFound"}"""),
        };
        Assert.Equal(0, await bench.RunAsync("quarantine", "list", "--output", "csv", "--columns", "id,reason"));
        Assert.Equal(0, await bench.RunAsync("quarantine", "show", Id));
        Assert.Contains($"id,reason\r\n{Id},Missing\r\n{Other},Malformed\r\n", bench.Output, StringComparison.Ordinal);
        Assert.Contains("rule            Required.", bench.Output, StringComparison.Ordinal);

        var raw = new CliBench { Api = bench.Api };
        Assert.Equal(0, await raw.RunAsync("quarantine", "show", Id, "--raw"));
        Assert.Equal("{}\r", raw.Output);

        var replay = new CliBench { Api = bench.Api };
        Assert.Equal(0, await replay.RunAsync("quarantine", "replay", "--all", "--dry-run", "--output", "ndjson"));
        Assert.Single(replay.Calls);
        Assert.Equal(1, await replay.RunAsync("quarantine", "replay", "--all", "--output", "ndjson"));
        Assert.Contains($$"""{"id":"{{Other}}","outcome":"refused","accepted":0,"rule":"/0/eventName Required."}""", replay.Output, StringComparison.Ordinal);
        Assert.Contains("replayed 1 records with 2 events; 1 refused again", replay.Errors, StringComparison.Ordinal);
        Assert.Equal(0, await replay.RunAsync("quarantine", "replay", Id));
        Assert.Equal(4, await replay.RunAsync("quarantine", "replay", "hub-0a1b2c3d-0001.9.0"));
    }

    /// <summary>So many events, in pages of what was asked for.</summary>
    private static Func<HttpRequestMessage, string, HttpResponseMessage> Pages(int total) => (request, _) =>
    {
        var query = HttpUtility.ParseQueryString(request.RequestUri!.Query);
        var size = int.Parse(query["pageSize"]!, CultureInfo.InvariantCulture);
        var from = int.Parse(query["continuationToken"] ?? "0", CultureInfo.InvariantCulture);
        var next = from + size < total ? $",\"nextLink\":\"http://localhost:7071/v1/events?pageSize={size}&user={Uri.EscapeDataString(query["user"] ?? "x")}&startTime={query["startTime"]}&continuationToken={from + size}\"" : "";
        return CliBench.Answer(HttpStatusCode.OK, $"{{\"value\":[{string.Join(',', Enumerable.Range(from, Math.Max(0, Math.Min(size, total - from))).Select(static i => CliBench.Event(i)))}]{next}}}");
    };

    private static HttpResponseMessage Page(IEnumerable<string> events) => CliBench.Answer(HttpStatusCode.OK, $"{{\"value\":[{string.Join(',', events)}]}}");
}
