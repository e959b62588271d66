using System.Net;
using System.Text.Json;

namespace ActionTrail.Tests.Cli;

public class StoreCommandTests
{
    private const string Sound = """{"sound":true,"partitions":1,"commits":4,"events":29,"quarantined":1,"plans":2,"segments":3,"compactedEvents":20,"bytes":1000,"problemCount":0,"problems":[],"gaps":[],"losses":[],"lostSegments":[]}""";

    private const string Next = "\"nextLink\":\"http://elsewhere.example/v1/store/verify?maxSeconds=100&after=commits%2Fapi-00%2F7\"";

    private const string Unsound = """{"sound":false,"partitions":0,"commits":0,"events":0,"quarantined":0,"plans":0,"segments":2,"compactedEvents":9,"bytes":500,"problemCount":1,"problems":[{"object":"events/history/x","what":"The object is missing."}],"gaps":[{"partition":"api-00","first":5,"last":6}],"losses":[],"lostSegments":[]}""";

    [Fact]
    public async Task A_sound_store_ends_with_0_and_is_counted()
    {
        var bench = new CliBench { Api = static (_, _) => CliBench.Answer(HttpStatusCode.OK, Sound) };
        Assert.Equal(0, await bench.RunAsync("verify", "store", "--rows-only"));
        Assert.Equal(["GET /v1/store/verify?readObjects=false"], bench.Calls);
        Assert.Equal("sound: 4 commits of 1 partitions with 29 events, 1 quarantined; 2 plans of compaction, 3 segments with 20 events; 1000 bytes read\n", bench.Output);
        Assert.Empty(bench.Errors);
    }

    [Fact]
    public async Task A_logstore_is_proved_and_mended_under_the_name_of_its_store()
    {
        var bench = new CliBench { Api = static (_, _) => CliBench.Answer(HttpStatusCode.OK, Sound) };
        Assert.Equal(0, await bench.RunAsync("verify", "store", "--store", "ls-ab"));
        await bench.RunAsync("store", "repair", "--store", "ls-ab", "--hours", "2");
        Assert.Equal(["GET /v1/store/verify?readObjects=true&store=ls-ab", "POST /v1/store/repair?hours=2&store=ls-ab"], bench.Calls);
    }

    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    public async Task Parts_are_followed_on_the_same_host_added_up_and_one_that_is_not_sound_spoils_the_whole(string form)
    {
        var bench = new CliBench();
        var hosts = new List<string>();
        bench.Api = (request, _) =>
        {
            hosts.Add(request.RequestUri!.Authority);
            return request.RequestUri.Query.Contains("after", StringComparison.Ordinal)
                ? CliBench.Answer(HttpStatusCode.OK, Unsound)
                : CliBench.Answer(HttpStatusCode.OK, Sound[..^1] + "," + Next + "}");
        };

        Assert.Equal(7, await bench.RunAsync("verify", "store", "--output", form));

        Assert.Equal(["GET /v1/store/verify?readObjects=true", "GET /v1/store/verify?maxSeconds=100&after=commits%2Fapi-00%2F7"], bench.Calls);
        Assert.All(hosts, static host => Assert.Equal("localhost:7071", host));
        Assert.Equal("error: the store is not as it was written: events/history/x: The object is missing. (1 problems)\n", bench.Errors);
        if (form == "text")
        {
            Assert.StartsWith("NOT SOUND: 4 commits of 1 partitions with 29 events, 1 quarantined; 2 plans of compaction, 5 segments with 29 events; 1500 bytes read\n", bench.Output, StringComparison.Ordinal);
            Assert.Contains("problem  events/history/x  The object is missing.\ngap      api-00 5..6\n", bench.Output, StringComparison.Ordinal);
        }
        else
        {
            var report = JsonDocument.Parse(bench.Output).RootElement;
            Assert.False(report.GetProperty("sound").GetBoolean());
            Assert.Equal((1500, 1), (report.GetProperty("bytes").GetInt32(), report.GetProperty("problems").GetArrayLength()));
            Assert.False(report.TryGetProperty("nextLink", out _));
        }
    }

    [Fact]
    public async Task A_part_that_gets_no_answer_is_asked_for_again_and_nothing_before_it()
    {
        var bench = new CliBench();
        var failures = 0;
        bench.Api = (request, _) =>
            !request.RequestUri!.Query.Contains("after", StringComparison.Ordinal) ? CliBench.Answer(HttpStatusCode.OK, Sound[..^1] + "," + Next + "}")
            : failures++ < 2 ? CliBench.Answer(HttpStatusCode.ServiceUnavailable, """{"code":"StoreUnavailable","title":"Later."}""")
            : CliBench.Answer(HttpStatusCode.OK, Sound);
        Assert.Equal(0, await bench.RunAsync("verify", "store"));
        Assert.Equal([1, 3], bench.Calls.CountBy(static call => call).Select(static call => call.Value));
    }

    [Fact]
    public async Task A_run_longer_than_its_time_limit_says_so()
    {
        var bench = new CliBench();
        bench.Api = (_, _) =>
        {
            using var wait = bench.Clock.CreateTimer(static _ => { }, null, TimeSpan.FromSeconds(40), Timeout.InfiniteTimeSpan);
            return CliBench.Answer(HttpStatusCode.OK, Sound[..^1] + "," + Next + "}");
        };
        Assert.Equal(6, await bench.RunAsync("verify", "store", "--timeout", "100"));
        Assert.Equal(3, bench.Calls.Count);
        Assert.Contains("not at its end after 100 s", bench.Errors, StringComparison.Ordinal);
        Assert.Empty(bench.Output);
    }

    [Theory]
    [InlineData("", "POST /v1/store/repair")]
    [InlineData("--hours 5 --accept-loss a/b&c", "POST /v1/store/repair?hours=5&acceptLoss=a%2Fb%26c")]
    public async Task A_repair_prints_what_came_of_it_and_ends_with_7_while_segments_are_missing(string options, string call)
    {
        var bench = new CliBench
        {
            Api = static (_, _) => CliBench.Answer(
                HttpStatusCode.OK,
                """{"checked":3,"lostEvents":10,"lost":[{"partition":"api-00","first":1,"last":2,"events":10}],"returned":[],"restoredSegments":["history/r"],"missingSegments":[{"name":"history/m","events":4}],"acceptedSegments":[{"name":"history/a","events":5}],"deliveries":{"checked":7,"reopened":2}}"""),
        };
        Assert.Equal(7, await bench.RunAsync(["store", "repair", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]));
        Assert.Equal([call], bench.Calls);
        Assert.Equal("3 commits and 7 deliveries checked\nlost     api-00 1..2  10 events\nrestored history/r\nmissing  history/m  4 events\naccepted history/a  5 events\nreopened 2 deliveries\n", bench.Output);
        Assert.Contains("history/m", bench.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repair_names_digests_that_it_wrote_again_and_those_that_stay_missing()
    {
        var bench = new CliBench
        {
            Api = static (_, _) => CliBench.Answer(
                HttpStatusCode.OK,
                """{"checked":0,"lostEvents":0,"lost":[],"returned":[],"restoredSegments":[],"restoredProofs":["history/tiles/0"],"missingSegments":[],"acceptedSegments":[],"digests":{"checked":2,"restored":["audit/a.json"],"missingCount":1,"missing":[{"container":"audit","object":"b.json","reason":"No copy."}]},"deliveries":{"checked":0,"reopened":0}}"""),
        };
        Assert.Equal(7, await bench.RunAsync("store", "repair"));
        Assert.Equal("0 commits and 0 deliveries checked\nrestored history/tiles/0\nrestored audit/a.json\nmissing  audit/b.json  No copy.\n", bench.Output);
        Assert.Equal("error: 1 digests are missing, the first audit/b.json: No copy.\n", bench.Errors);
    }

    [Fact]
    public async Task A_repair_that_leaves_nothing_missing_ends_with_0_and_one_without_an_answer_is_not_begun_again()
    {
        var bench = new CliBench
        {
            Api = static (_, _) => CliBench.Answer(
                HttpStatusCode.OK,
                """{"checked":3,"lostEvents":0,"lost":[],"returned":[],"restoredSegments":[],"missingSegments":[],"acceptedSegments":[],"deliveries":{"checked":0,"reopened":0}}"""),
        };
        Assert.Equal(0, await bench.RunAsync("store", "repair"));
        Assert.Equal("3 commits and 0 deliveries checked\n", bench.Output);

        bench = new CliBench { Api = static (_, _) => CliBench.Answer(HttpStatusCode.ServiceUnavailable, "{}") };
        Assert.Equal(6, await bench.RunAsync("store", "repair"));
        Assert.Single(bench.Calls);
    }

    [Fact]
    public async Task A_damaged_store_is_7_at_once_for_every_command()
    {
        var bench = new CliBench { Api = static (_, _) => CliBench.Answer(HttpStatusCode.ServiceUnavailable, """{"code":"StoreDamaged","title":"Damaged."}""") };
        Assert.Equal(7, await bench.RunAsync("events", "query"));
        Assert.Single(bench.Calls);
        Assert.Contains("Damaged.", bench.Errors, StringComparison.Ordinal);
    }
}
