using System.Net;
using System.Text;

namespace ActionTrail.Tests.Cli;

public class CountTests
{
    private const string Top = """{"startTime":"a","endTime":"b","by":"user","total":9,"distinct":4,"other":2,"without":1,"truncated":true,"maxError":3,"values":[{"value":"=alice","count":4,"lastTime":"2026-11-22T07:00:00Z"},{"value":"bob","count":2,"lastTime":"2026-11-22T06:00:00Z"}]}""";

    private const string Histogram = """{"startTime":"a","endTime":"b","interval":"PT1H","total":7,"by":"user","truncated":false,"values":["time","bob"],"buckets":[{"time":"2026-11-22T06:00:00Z","count":7,"values":[4,2],"other":1},{"time":"2026-11-22T07:00:00Z","count":0,"values":[0,0],"other":0}]}""";

    [Theory]
    [InlineData("csv", "value,count,lastTime\r\n\"'=alice\",4,2026-11-22T07:00:00Z\r\nbob,2,2026-11-22T06:00:00Z\r\n")]
    [InlineData("table", "VALUE   COUNT  LASTTIME\n=alice  4      2026-11-22T07:00:00Z\nbob     2      2026-11-22T06:00:00Z\n")]
    [InlineData("json", Top + "\n")]
    public async Task Top_values_are_shown(string form, string output)
    {
        var bench = new CliBench { Api = static (_, _) => CliBench.Answer(HttpStatusCode.OK, Top) };
        Assert.Equal(0, await bench.RunAsync("events", "top", "--by", "user", "--limit", "2", "--last", "2h", "--event-name", "a&b", "--output", form));
        Assert.Equal(output, bench.Output);
        Assert.Equal(["GET /v1/events/top?startTime=2026-11-22T10:00:00.000Z&eventName=a%26b&by=user&limit=2"], bench.Calls);
        Assert.Equal(form != "json", bench.Errors.Contains("9 events, 4 distinct values; not shown 2, without a value 1", StringComparison.Ordinal));
        Assert.Equal(form != "json", bench.Errors.Contains("short by up to 3", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("csv", "time,count,time,bob,other\r\n2026-11-22T06:00:00Z,7,4,2,1\r\n2026-11-22T07:00:00Z,0,0,0,0\r\n")]
    [InlineData("json", Histogram + "\n")]
    public async Task A_histogram_is_shown_whatever_the_values_are_called(string form, string output)
    {
        var bench = new CliBench { Api = static (_, _) => CliBench.Answer(HttpStatusCode.OK, Histogram) };
        Assert.Equal(0, await bench.RunAsync("events", "histogram", "--by", "user", "--values", "2", "--interval", "PT1H", "--output", form));
        Assert.Equal(output, bench.Output);
        Assert.Equal(["GET /v1/events/histogram?interval=PT1H&by=user&limit=2"], bench.Calls);
    }

    [Theory]
    [InlineData("events top")]
    [InlineData("events top --by nothing")]
    [InlineData("events top --by user --limit 1001")]
    [InlineData("events histogram --values 3")]
    [InlineData("events histogram --order oldest")]
    [InlineData("events export --format xml")]
    public async Task Wrong_use_is_told_without_a_call(string line)
    {
        var bench = new CliBench();
        Assert.Equal(2, await bench.RunAsync(line.Split(' ')));
        Assert.Empty(bench.Calls);
    }

    [Fact]
    public async Task An_export_goes_to_the_output_byte_for_byte()
    {
        var bench = new CliBench { Api = static (_, _) => CliBench.Answer(HttpStatusCode.OK, "{\"a\":\"ü\"}\n{}\n") };
        Assert.Equal(0, await bench.RunAsync("events", "export", "--order", "oldest", "--original", "--start", "2026-11-01"));
        Assert.Equal("{\"a\":\"ü\"}\n{}\n", bench.Output);
        Assert.Equal(["GET /v1/events/export?startTime=2026-11-01T00:00:00.000Z&format=ndjson&direction=forward&original=true"], bench.Calls);
        Assert.Equal(2, await new CliBench { TerminalWidth = 80 }.RunAsync("events", "export"));
    }

    [Fact]
    public async Task A_file_gets_its_name_only_when_it_is_whole()
    {
        var folder = Directory.CreateTempSubdirectory("actiontrail-test-").FullName;
        try
        {
            var file = Path.Combine(folder, "events.csv");
            var bench = new CliBench { Api = static (_, _) => CliBench.Answer(HttpStatusCode.OK, "eventId\r\n1\r\n") };
            Assert.Equal(0, await bench.RunAsync("events", "export", "--format", "csv", "--columns", "eventId", "--file", file));
            Assert.Equal("eventId\r\n1\r\n", await File.ReadAllTextAsync(file));

            bench.Api = static (_, _) => CliBench.Answer(HttpStatusCode.OK, "eventId\r\n2");
            Assert.Equal(6, await bench.RunAsync("events", "export", "--format", "csv", "--file", file));
            bench.Api = static (_, _) => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new BrokenStream()) };
            Assert.Equal(6, await bench.RunAsync("events", "export", "--format", "csv", "--file", file));
            bench.Api = static (_, _) => CliBench.Answer(HttpStatusCode.BadRequest, """{"code":"InvalidParameter","title":"No."}""");
            Assert.Equal(2, await bench.RunAsync("events", "export", "--format", "csv", "--file", file));
            Assert.Equal(2, await bench.RunAsync("events", "export", "--file", Path.Combine(folder, "none", "x")));

            Assert.Equal("eventId\r\n1\r\n", await File.ReadAllTextAsync(file));
            Assert.Equal([file], Directory.GetFiles(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task An_export_is_tried_again_until_it_begins()
    {
        var calls = 0;
        var bench = new CliBench { Api = (_, _) => ++calls < 3 ? CliBench.Answer(HttpStatusCode.TooManyRequests, "{}") : CliBench.Answer(HttpStatusCode.OK, "{}\n") };
        Assert.Equal(0, await bench.RunAsync("events", "export"));
        Assert.Equal("{}\n", bench.Output);
    }

    /// <summary>Gives a few bytes, then fails as a connection does.</summary>
    private sealed class BrokenStream : MemoryStream
    {
        private bool given;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (given)
                throw new IOException("gone");
            given = true;
            return ValueTask.FromResult(Encoding.UTF8.GetBytes("eventId\r\n", buffer.Span));
        }
    }
}
