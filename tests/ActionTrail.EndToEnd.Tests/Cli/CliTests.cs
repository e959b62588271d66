using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace ActionTrail.EndToEnd.Tests.Cli;

/// <summary>The command line against the whole service, over HTTP, as a user would run it.</summary>
public sealed class CliTests(CliWorld world) : IClassFixture<CliWorld>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task What_is_sent_comes_back_in_every_output_over_many_pages()
    {
        var file = world.Write("pages.ndjson", CliWorld.Lines("pages", 2_345));
        var sent = await world.RunAsync("events", "send", file, "--output", "json");
        Assert.Equal((0, """{"state":"done","accepted":2345,"refused":0,"records":2345}""" + "\n"), (sent.ExitCode, sent.Output));
        var again = await world.RunAsync("events", "send", file, "--batch-events", "100", "--concurrency", "4");
        Assert.Equal(0, again.ExitCode);
        var shown = await world.ShownAsync("pages");
        Assert.Equal(2_345, shown.Count);
        Assert.All(shown.Values, static count => Assert.Equal(1, count));

        var lines = await world.RunAsync("events", "query", "--service-name", "pages", "--output", "ndjson", "--order", "oldest", "--last", "1h");
        Assert.Equal(File.ReadAllLines(file).Order(StringComparer.Ordinal), lines.Lines.Order(StringComparer.Ordinal));
        var array = await world.RunAsync("events", "query", "--service-name", "pages", "--output", "json", "--max-items", "1500");
        Assert.Equal(1_500, JsonDocument.Parse(array.Output).RootElement.GetArrayLength());
        Assert.Contains("1500 shown; there are more", array.Errors, StringComparison.Ordinal);
        var table = await world.RunAsync("events", "query", "--service-name", "pages");
        Assert.Equal(51, table.Lines.Length);
        var one = await world.RunAsync("events", "get", "pages-0000007");
        Assert.Equal(File.ReadAllLines(file)[7], one.Output.TrimEnd());
    }

    [Theory]
    [InlineData("crlf", "{0}\r\n{1}\r\n")]
    [InlineData("no-newline", "{0}\n{1}")]
    [InlineData("mark", "\uFEFF{0}\n{1}\n")]
    [InlineData("array", "[{0},\n{1}]")]
    [InlineData("wrapper", "{{\"records\":[{0},{1}]}}")]
    [InlineData("text", "{0}\n\n\n   {1}")]
    public async Task However_the_records_are_written_they_arrive(string service, string form)
    {
        var text = string.Format(System.Globalization.CultureInfo.InvariantCulture, form, CliWorld.Event(service, 0), CliWorld.Event(service, 1));
        using var zipped = new MemoryStream();
        await using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(text));
        var sent = await world.RunAsync(service == "mark" ? Encoding.UTF8.GetBytes(text) : zipped.ToArray(), "events", "send", "-");
        Assert.Equal((0, ""), (sent.ExitCode, sent.Output));
        Assert.Equal(2, (await world.ShownAsync(service)).Count);
    }

    [Fact]
    public async Task An_event_that_was_sent_is_proved_without_the_service_a_little_later()
    {
        Assert.Equal(0, (await world.RunAsync(CliWorld.Lines("proved", 3), "events", "send", "-")).ExitCode);
        var (body, deadline) = (Path.Combine(world.Folder, "proved.json"), DateTime.UtcNow + Patience);
        CliResult proof;
        do
            proof = await world.RunAsync("proof", "get", "proved-0000001", "--event", body, "--retries", "0");
        while (proof.ExitCode == 6 && DateTime.UtcNow < deadline);
        Assert.Equal((0, ""), (proof.ExitCode, proof.Errors));
        var file = world.Write("proved.proof", Encoding.UTF8.GetBytes(proof.Output));
        var keys = world.Write("proved.pub", Encoding.UTF8.GetBytes((await world.RunAsync("checkpoint", "keys")).Output));
        var kept = Path.Combine(world.Folder, "proved.checkpoint");
        Assert.Equal((0, ""), await EndAsync("checkpoint", "save", kept, "--public-key", keys));
        Assert.Equal((0, ""), await EndAsync("proof", "verify", file, "--event", body, "--public-key", keys));
        Assert.Equal((0, ""), await EndAsync("checkpoint", "verify", kept, "--public-key", keys));
        File.AppendAllText(body, "x");
        Assert.Equal(7, (await EndAsync("proof", "verify", file, "--event", body, "--public-key", keys)).ExitCode);

        async Task<(int ExitCode, string Errors)> EndAsync(params string[] args) => await world.RunAsync(args) is var end ? (end.ExitCode, end.Errors) : default;
    }

    [Fact]
    public async Task Bad_records_are_named_and_kept_and_cost_their_neighbours_nothing()
    {
        var large = CliWorld.Event("bad", 5, $",\"x\":\"{new string('x', 2 << 20)}\"");
        string[] lines =
        [
            CliWorld.Event("bad", 0), "{\"eventName\":", CliWorld.Event("bad", 2), CliWorld.Event("bad", 3).Replace("\"eventName\":\"Do\",", "", StringComparison.Ordinal),
            CliWorld.Event("bad", 4), large, CliWorld.Event("bad", 6), CliWorld.Event("bad", 7).Replace("\"recipientAccountId\":\"cli\"", "\"recipientAccountId\":\"other\"", StringComparison.Ordinal),
        ];
        var file = world.Write("bad.ndjson", Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        var stopped = await world.RunAsync("events", "send", file, "--batch-events", "1", "--concurrency", "1");
        Assert.Equal(1, stopped.ExitCode);
        Assert.Contains($"{file}:2: record 2: A record is valid JSON.", stopped.Errors, StringComparison.Ordinal);
        Assert.Equal(["bad-0000000"], (await world.ShownAsync("bad")).Keys);

        var rejects = Path.Combine(world.Folder, "rejects.ndjson");
        var skipped = await world.RunAsync("events", "send", file, "--on-error", "skip", "--rejects", rejects);
        Assert.Equal(1, skipped.ExitCode);
        foreach (var told in new[] { ":2: record 2:", ":4: record 4: /eventName ", ":6: record 6:", ":8: record 8: /recipientAccountId " })
            Assert.Contains(file + told, skipped.Errors, StringComparison.Ordinal);
        Assert.Equal(["bad-0000000", "bad-0000002", "bad-0000004", "bad-0000006"], (await world.ShownAsync("bad")).Keys.Order(StringComparer.Ordinal));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(rejects) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.Equal([lines[1], lines[3], lines[5], lines[7]], File.ReadAllLines(rejects).OrderBy(line => Array.IndexOf(lines, line)));
    }

    [Fact]
    public async Task A_run_that_is_killed_half_way_goes_on_where_it_was_and_nothing_is_lost_or_shown_twice()
    {
        const int Count = 12_000;
        var file = world.Write("killed.ndjson", CliWorld.Lines("killed", Count));
        var state = Path.Combine(world.Folder, "killed.state");
        string[] send = ["events", "send", file, "--resume", state, "--batch-events", "200", "--output", "json"];
        using (var killed = CliProcess.Start(world.Api, world.Key, [.. send, "--rate", "2000"]))
        {
            await WaitAsync(() => Settled(state) >= 1_000);
            killed.Kill();
            await killed.WaitAsync();
        }

        var half = Settled(state);
        Assert.InRange(half, 1_000, Count - 1);
        using (var interrupted = CliProcess.Start(world.Api, world.Key, [.. send, "--rate", "2000"]))
        {
            await WaitAsync(() => Settled(state) > half);
            await interrupted.InterruptAsync();
            var ended = await interrupted.WaitAsync();
            Assert.Equal(130, ended.ExitCode);
            Assert.Contains($"going on behind record {half:N0}", ended.Errors, StringComparison.Ordinal);
            Assert.Contains($"everything up to record {Settled(state):N0} is settled", ended.Errors, StringComparison.Ordinal);
        }

        var rest = await world.RunAsync(send);
        Assert.Equal((0, $$"""{"state":"done","accepted":{{Count}},"refused":0,"records":{{Count}}}""" + "\n"), (rest.ExitCode, rest.Output));
        var shown = await world.ShownAsync("killed");
        Assert.Equal(Count, shown.Count);
        Assert.All(shown.Values, static count => Assert.Equal(1, count));

        // What was sent may grow, but not change, and goes to one target.
        File.AppendAllText(file, CliWorld.Event("killed", Count) + "\n");
        var grown = await world.RunAsync(send);
        Assert.Equal((0, $$"""{"state":"done","accepted":{{Count + 1}},"refused":0,"records":{{Count + 1}}}""" + "\n"), (grown.ExitCode, grown.Output));
        var elsewhere = await world.RunAsOperatorAsync(send);
        Assert.Equal(2, elsewhere.ExitCode);
        var text = File.ReadAllText(file);
        File.WriteAllText(file, text.Replace("killed-0000003", "killed-9999999", StringComparison.Ordinal));
        var changed = await world.RunAsync(send);
        Assert.Equal(2, changed.ExitCode);
        Assert.Contains("have changed", changed.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("killed-9999999", (await world.ShownAsync("killed")).Keys);
    }

    [Fact]
    public async Task A_tail_shows_what_arrives_and_nothing_else()
    {
        using var tail = CliProcess.Start(world.Api, world.Key, "events", "tail", "--service-name", "tail", "--interval", "1s", "--output", "ndjson", "--max-items", "4");
        using var all = CliProcess.Start(world.Api, world.Key, "events", "tail", "--interval", "1s", "--output", "ndjson");
        await Task.Delay(3_000);
        for (var i = 0; i < 4; i++)
        {
            var sent = await world.RunAsync(Encoding.UTF8.GetBytes(CliWorld.Event("tail", i) + "\n"), "events", "send", "-");
            Assert.Equal(0, sent.ExitCode);
        }

        var shown = await tail.WaitAsync();
        Assert.Equal(0, shown.ExitCode);

        // Events of one second stand in the order of their ids' hashes, and two calls may fall into one second.
        Assert.Equal(["tail-0000000", "tail-0000001", "tail-0000002", "tail-0000003"], shown.Lines.Select(Id).Order(StringComparer.Ordinal));
        await Task.Delay(3_000);
        await all.InterruptAsync();
        var everything = await all.WaitAsync();
        Assert.Equal(130, everything.ExitCode);
        Assert.Contains("go on with --start ", everything.Errors, StringComparison.Ordinal);
        Assert.Equal(4, everything.Lines.Count(static line => Id(line).StartsWith("tail-", StringComparison.Ordinal)));
        Assert.Equal(everything.Lines.Length, everything.Lines.Select(Id).Distinct().Count());
    }

    [Fact]
    public async Task What_the_hub_brought_is_found_and_what_was_refused_is_replayed_from_the_quarantine()
    {
        var forged = CliWorld.Event("ActionTrail", 77);
        var bad = CliWorld.Event("hub", 1).Replace("\"eventName\":\"Do\",", "", StringComparison.Ordinal);
        var input = Encoding.UTF8.GetBytes($"{CliWorld.Event("hub", 0)}\n{bad}\n{forged}\n{CliWorld.Event("hub", 2)}\n");
        string[] toHub = ["events", "send", "-", "--to", "hub", "--connection-string", world.HubConnection, "--hub-http-port", world.HubPort];
        var sent = await world.RunAsync(input, toHub);
        Assert.Equal((0, ""), (sent.ExitCode, sent.Output));
        Assert.DoesNotContain("SharedAccessKey", sent.Errors, StringComparison.Ordinal);
        var began = System.Diagnostics.Stopwatch.GetTimestamp();
        while ((await world.ShownAsync("hub")).Count < 2)
            Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(began) < Patience, "the events of the hub were not found");
        Assert.Equal(3, (await CliProcess.RunAsync(world.Api, world.Key, input, [.. toHub[..^4], "--connection-string", world.HubConnection.Replace("SharedAccessKey=", "SharedAccessKey=x", StringComparison.Ordinal), .. toHub[^2..]])).ExitCode);

        var listed = await world.RunAsOperatorAsync("quarantine", "list", "--output", "ndjson");
        var byReason = listed.Lines.ToDictionary(static line => JsonDocument.Parse(line).RootElement.GetProperty("reason").GetString()!, static line => JsonDocument.Parse(line).RootElement.GetProperty("id").GetString()!, StringComparer.Ordinal);
        Assert.Equal(2, byReason.Count);
        var raw = await world.RunAsOperatorAsync("quarantine", "show", byReason["Missing"], "--raw");
        Assert.Equal(bad, raw.Output);
        var shown = await world.RunAsOperatorAsync("quarantine", "show", byReason["Missing"]);
        Assert.Contains("/eventName", shown.Output, StringComparison.Ordinal);
        var all = await world.RunAsOperatorAsync("quarantine", "replay", "--all");
        Assert.Equal(1, all.ExitCode);
        Assert.Contains("replayed 1 records with 1 events; 1 refused again", all.Errors, StringComparison.Ordinal);
        Assert.Equal(0, (await world.RunAsync("events", "get", "ActionTrail-0000077")).ExitCode);
        var missing = await world.RunAsOperatorAsync("quarantine", "replay", byReason["Missing"][..^1] + "99");
        Assert.Equal(4, missing.ExitCode);
    }

    [Fact]
    public async Task Every_failure_has_its_exit_code()
    {
        Assert.Equal(2, (await world.RunAsync("events", "query", "--nope")).ExitCode);
        Assert.Equal(2, (await world.RunAsync("events", "send", world.Folder)).ExitCode);
        Assert.Equal(2, (await world.RunAsync("events", "send", Path.Combine(world.Folder, "missing"))).ExitCode);
        Assert.Equal(3, (await CliProcess.RunAsync(world.Api, "nobody:nothing", input: null, "events", "query")).ExitCode);
        Assert.Equal(3, (await world.RunAsync("quarantine", "list")).ExitCode);
        Assert.Equal(4, (await world.RunAsync("events", "get", "no-such-event")).ExitCode);
        Assert.Equal(6, (await CliProcess.RunAsync(new Uri("http://127.0.0.1:9/"), world.Key, input: null, "events", "query", "--retries", "1")).ExitCode);
        world.Write("empty", []);
        Assert.Equal(0, (await world.RunAsync("events", "send", Path.Combine(world.Folder, "empty"))).ExitCode);
        var binary = await world.RunAsync([0x7F, 0x45, 0x4C, 0x46, 0, 0xFF, 0xFE, 10, 200, 201], "events", "send", "-", "--on-error", "skip");
        Assert.Equal(1, binary.ExitCode);
        var help = await world.RunAsync("events", "send", "--help");
        Assert.Equal(0, help.ExitCode);
        Assert.Contains("Examples:", help.Output, StringComparison.Ordinal);
    }

    private static string Id(string line) => JsonDocument.Parse(line).RootElement.GetProperty("eventId").GetString()!;

    private static long Settled(string state)
    {
        if (!File.Exists(state))
            return 0;
        using var document = JsonDocument.Parse(File.ReadAllText(state));
        return document.RootElement.GetProperty("records").GetInt64();
    }

    private static async Task WaitAsync(Func<bool> isThere)
    {
        var began = System.Diagnostics.Stopwatch.GetTimestamp();
        while (!isThere())
        {
            Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(began) < Patience, "what was waited for did not come");
            await Task.Delay(20);
        }
    }
}
