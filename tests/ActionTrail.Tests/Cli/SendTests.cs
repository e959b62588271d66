using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using ActionTrail.Cli.Send;

namespace ActionTrail.Tests.Cli;

public class SendTests
{
    private static readonly string[] Key = ["--key", "AK1:secret"];

    [Fact]
    public async Task Every_record_arrives_once_in_bodies_within_the_bounds()
    {
        var bench = Accepting(out var got);
        bench.Input = Lines(Enumerable.Range(0, 2_500).Select(i => CliBench.Event(i)));
        Assert.Equal(0, await bench.RunAsync(["events", "send", "-", "--batch-events", "400", "--concurrency", "3", .. Key]));
        Assert.Equal(Enumerable.Range(0, 2_500).Select(i => $"e{i}").Order(StringComparer.Ordinal), got.SelectMany(Ids).Order(StringComparer.Ordinal));
        Assert.Equal(7, got.Count);
        Assert.Empty(bench.Output);
        Assert.Contains("2,500 events sent", bench.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[{0},{1}]", "[{0},{1}]", "application/json")]
    [InlineData("{{\"records\":[{0},{1}]}}", "{{\"records\":[{0},{1}]}}", "application/json")]
    [InlineData("{{\"Records\": [{0}, {1}] , \"x\":1}}", "{{\"Records\":[{0},{1}]}}", "application/json")]
    [InlineData("{0}\r\n{1}", "{0}\n{1}\n", "application/x-ndjson")]
    public async Task What_stood_around_the_records_is_put_around_them_again(string input, string body, string contentType)
    {
        var types = new List<string?>();
        var bench = Accepting(out var got);
        var accept = bench.Api;
        bench.Api = (request, text) =>
        {
            types.Add(request.Content!.Headers.ContentType?.ToString());
            return accept(request, text);
        };
        bench.Input = Gzip(string.Format(System.Globalization.CultureInfo.InvariantCulture, input, "{\"a\":1}", "{\"b\":2}"));
        Assert.Equal(0, await bench.RunAsync(["events", "send", "-", .. Key]));
        Assert.Equal(string.Format(System.Globalization.CultureInfo.InvariantCulture, body, "{\"a\":1}", "{\"b\":2}"), Assert.Single(got));
        Assert.Equal(contentType, Assert.Single(types));
    }

    [Fact]
    public async Task Skip_leaves_out_what_the_service_points_at_and_what_is_no_json_and_says_where_it_is()
    {
        var bench = Judging(static id => id is "e3" or "e7", out var stored);
        bench.Input = Lines(Enumerable.Range(0, 10).Select(i => i == 5 ? "{broken" : CliBench.Event(i)));
        Assert.Equal(1, await bench.RunAsync(["events", "send", "-", "--on-error", "skip", "--output", "json", .. Key]));
        Assert.Equal(["e0", "e1", "e2", "e4", "e6", "e8", "e9"], stored.Order(StringComparer.Ordinal));
        Assert.Contains("(standard input):4: record 4: /eventName No such thing.", bench.Errors, StringComparison.Ordinal);
        Assert.Contains("(standard input):6: record 6: A record is valid JSON.", bench.Errors, StringComparison.Ordinal);
        Assert.Equal("""{"state":"done","accepted":7,"refused":3,"records":10}""" + "\n", bench.Output);
    }

    [Fact]
    public async Task Stop_sends_nothing_behind_the_refused_record_and_stores_nothing_of_its_call()
    {
        var bench = Judging(static id => id == "e25", out var stored);
        bench.Input = Lines(Enumerable.Range(0, 100).Select(i => CliBench.Event(i)));
        Assert.Equal(1, await bench.RunAsync(["events", "send", "-", "--batch-events", "10", "--concurrency", "1", .. Key]));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"e{i}").Order(StringComparer.Ordinal), stored.Order(StringComparer.Ordinal));
        Assert.Contains("record 26: /eventName", bench.Errors, StringComparison.Ordinal);
        Assert.Contains("up to record 20 is settled", bench.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_that_points_at_nothing_is_narrowed_down_to_its_record()
    {
        var bench = Accepting(out var got);
        var accept = bench.Api;
        bench.Api = (request, body) => body.Contains("\"e37\"", StringComparison.Ordinal) ? CliBench.Answer(HttpStatusCode.RequestEntityTooLarge, """{"title":"Too large."}""") : accept(request, body);
        bench.Input = Lines(Enumerable.Range(0, 100).Select(i => CliBench.Event(i)));
        Assert.Equal(1, await bench.RunAsync(["events", "send", "-", "--on-error", "skip", .. Key]));
        Assert.Equal(99, got.SelectMany(Ids).Distinct().Count());
        Assert.Contains("record 38: Too large.", bench.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_that_carries_others_shifts_no_blame_to_its_neighbours()
    {
        // The service counts three records in the first line, so that its numbers are two too high behind it.
        var bench = Accepting(out var got);
        var accept = bench.Api;
        bench.Api = (request, body) =>
        {
            var lines = body.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            var bad = Array.FindIndex(lines, static line => line.Contains("\"e2\"", StringComparison.Ordinal));
            var shift = lines[0].Contains("\"e0\"", StringComparison.Ordinal) ? 2 : 0;
            return bad < 0 ? accept(request, body) : CliBench.Refuse((lines.Length == 1 ? "/eventName" : $"/{bad + shift}/eventName", "Required."));
        };
        bench.Input = Lines(Enumerable.Range(0, 6).Select(i => CliBench.Event(i)));
        Assert.Equal(1, await bench.RunAsync(["events", "send", "-", "--on-error", "skip", .. Key]));
        Assert.Equal(["e0", "e1", "e3", "e4", "e5"], got.SelectMany(Ids).Distinct().Order(StringComparer.Ordinal));
        Assert.Contains("record 3: /eventName Required.", bench.Errors, StringComparison.Ordinal);
        Assert.Contains(" 1 refused", bench.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_but_broken_records_is_reported_without_a_call()
    {
        var bench = Accepting(out var got);
        bench.Input = [0x7F, (byte)'E', (byte)'L', (byte)'F', 0, 1, 2, 3, 255];
        Assert.Equal(1, await bench.RunAsync(["events", "send", "-", "--on-error", "skip", .. Key]));
        Assert.Empty(got);
        bench.Input = [0x1F, 0x8B, 8, 0, 1, 2, 3, 4, 5, 6, 7];
        Assert.Equal(1, await bench.RunAsync(["events", "send", "-", .. Key]));
        Assert.Contains("gzip data is damaged", bench.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gzip_that_is_cut_off_is_refused_behind_what_could_be_read()
    {
        var bench = Accepting(out var got);
        bench.Input = Gzip(Encoding.UTF8.GetString(Lines(Enumerable.Range(0, 50_000).Select(i => CliBench.Event(i)))))[..^5000];
        Assert.Equal(1, await bench.RunAsync(["events", "send", "-", "--on-error", "skip", .. Key]));
        Assert.InRange(got.Sum(static body => body.Count(static c => c == '\n')), 1_000, 49_999);
    }

    [Fact]
    public async Task An_empty_input_is_no_error()
    {
        var bench = Accepting(out var got);
        Assert.Equal(0, await bench.RunAsync(["events", "send", "-", .. Key]));
        Assert.Empty(got);
        Assert.Contains("no records", bench.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_rate_is_kept_on_average()
    {
        var bench = Accepting(out var got);
        bench.Input = Lines(Enumerable.Range(0, 100).Select(i => CliBench.Event(i)));
        var begin = bench.Clock.GetUtcNow();
        Assert.Equal(0, await bench.RunAsync(["events", "send", "-", "--rate", "10", .. Key]));
        Assert.InRange((bench.Clock.GetUtcNow() - begin).TotalSeconds, 9, 30);
        Assert.Equal(10, got.Count);
    }

    [Fact]
    public async Task To_a_hub_each_body_is_a_message_with_a_signature_and_without_the_key()
    {
        var bench = new CliBench();
        var sent = new List<(string Address, string? Authorization, string Body)>();
        bench.Api = (request, body) =>
        {
            sent.Add((request.RequestUri!.AbsoluteUri, request.Headers.GetValues("Authorization").Single(), body));
            return new HttpResponseMessage(HttpStatusCode.Created);
        };
        bench.Input = Encoding.UTF8.GetBytes("{\"records\":[{\"a\":1},{\"b\":2}]}");
        bench.Variables["ACTIONTRAIL_EVENTHUB"] = "Endpoint=sb://localhost;SharedAccessKeyName=root;SharedAccessKey=top-secret;UseDevelopmentEmulator=true;EntityPath=audit";
        Assert.Equal(0, await bench.RunAsync("events", "send", "-", "--to", "hub", "--hub-http-port", "5999"));
        var (address, authorization, text) = Assert.Single(sent);
        Assert.StartsWith("http://localhost:5999/audit/messages", address, StringComparison.Ordinal);
        Assert.StartsWith("SharedAccessSignature sr=", authorization, StringComparison.Ordinal);
        Assert.Equal("{\"records\":[{\"a\":1},{\"b\":2}]}", text);
        Assert.DoesNotContain("top-secret", bench.Errors + authorization, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=n;SharedAccessKey=k=", "EntityPath is missing")]
    [InlineData("Endpoint=nonsense;SharedAccessKeyName=n;SharedAccessKey=k;EntityPath=e", "Endpoint is an address")]
    [InlineData("", "needs --connection-string")]
    public async Task A_connection_string_that_lacks_something_is_a_usage_error(string text, string message)
    {
        var bench = new CliBench();
        Assert.Equal(2, await bench.RunAsync("events", "send", "-", "--to", "hub", "--connection-string", text));
        Assert.Contains(message, bench.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_real_namespace_is_called_over_https() =>
        Assert.Equal("https://x.servicebus.windows.net/", HubConnectionString.Parse("Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=n;SharedAccessKey=k==;EntityPath=e", 5673).Address.AbsoluteUri);

    [Theory]
    [InlineData("/12/eventTime", 20, 12, "/eventTime")]
    [InlineData("/12", 20, 12, "")]
    [InlineData("/0/eventTime", 1, 0, "/eventTime")]
    [InlineData("/eventTime", 1, 0, "/eventTime")]
    [InlineData("", 1, 0, "")]
    [InlineData("/20", 20, -1, "")]
    [InlineData("/eventTime", 20, -1, "")]
    [InlineData("", 20, -1, "")]
    [InlineData("/records", 2, -1, "")]
    public void Pointers_of_the_service_lead_to_records(string pointer, int count, int index, string rest)
    {
        var found = BatchSender.Find(pointer, count);
        Assert.Equal(index < 0 ? null : (index, rest), found);
    }

    [Fact]
    public void Settled_is_only_what_has_no_gap_before_it()
    {
        var order = new AcknowledgedOrder(new SendTotals(new ReadPosition(100, 1, ""), 90, 10));
        order.Complete(1, new SendTotals(new ReadPosition(120, 3, ""), 10, 0));
        Assert.Equal(100, order.Settled.End.Records);
        order.Complete(0, new SendTotals(new ReadPosition(110, 2, ""), 9, 1));
        Assert.Equal(new SendTotals(new ReadPosition(120, 3, ""), 109, 11), order.Settled);
    }

    internal static byte[] Lines(IEnumerable<string> events) => Encoding.UTF8.GetBytes(string.Join('\n', events));

    private static CliBench Accepting(out List<string> bodies)
    {
        var got = bodies = [];
        return new CliBench
        {
            Api = (_, body) =>
            {
                got.Add(body);
                return CliBench.Answer(HttpStatusCode.OK, """{"accepted":1,"eventIds":[]}""");
            },
        };
    }

    /// <summary>Stores all of a body or points at every bad record, as the service does.</summary>
    private static CliBench Judging(Func<string, bool> isBad, out HashSet<string> stored)
    {
        var got = stored = new HashSet<string>(StringComparer.Ordinal);
        return new CliBench
        {
            Api = (_, body) =>
            {
                var ids = Ids(body).ToList();
                var bad = ids.Select((id, i) => (id, i)).Where(pair => isBad(pair.id)).ToList();
                if (bad.Count > 0)
                    return CliBench.Refuse([.. bad.Select(pair => (ids.Count == 1 ? "/eventName" : $"/{pair.i}/eventName", "No such thing."))]);
                got.UnionWith(ids);
                return CliBench.Answer(HttpStatusCode.OK, """{"accepted":1,"eventIds":[]}""");
            },
        };
    }

    private static IEnumerable<string> Ids(string body) => body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line =>
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty("eventId").GetString()!;
    });

    private static byte[] Gzip(string text)
    {
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return zipped.ToArray();
    }
}
