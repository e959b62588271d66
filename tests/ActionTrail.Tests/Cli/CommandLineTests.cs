using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using ActionTrail.Cli.Commands;
using ActionTrail.Cli.Lookup;

namespace ActionTrail.Tests.Cli;

public partial class CommandLineTests
{
    private static readonly string[] Commands =
        ["", .. CommandLine.Create(Around()).Subcommands.SelectMany(static group => (string[])[group.Name, .. group.Subcommands.Select(command => $"{group.Name} {command.Name}")])];

    [Fact]
    public async Task Every_command_has_help_with_examples_that_parse()
    {
        foreach (var command in Commands)
        {
            var bench = new CliBench();
            Assert.Equal(0, await bench.RunAsync([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]));
            Assert.Contains($"Usage:\n  actiontrail{(command.Length > 0 ? " " : "")}{command}", bench.Output, StringComparison.Ordinal);
            var examples = bench.Output[bench.Output.IndexOf("Examples:", StringComparison.Ordinal)..].Split('\n').Skip(1).Where(static line => line.Contains("actiontrail ", StringComparison.Ordinal));
            Assert.NotEmpty(examples);
            foreach (var example in examples)
                Assert.Empty(CommandLine.Create(Around()).Parse(example[(example.IndexOf("actiontrail ", StringComparison.Ordinal) + 12)..]).Errors);
        }
    }

    [Fact]
    public void The_filters_are_those_of_the_api_in_kebab_case()
    {
        var api = Document("api.md");
        var listed = Filter().Matches(api[api.IndexOf("`eventId`, `requestId`", StringComparison.Ordinal)..api.IndexOf("`eventRW` is", StringComparison.Ordinal)]).Select(static m => m.Groups["name"].Value);
        Assert.Equal(listed, LookupFilters.All.Select(static f => f.Parameter));
        Assert.All(LookupFilters.All, static f => Assert.Equal(f.Option, "--" + Capital().Replace(f.Parameter, static m => "-" + m.Value).ToLowerInvariant()));
    }

    [Fact]
    public void The_document_names_every_command_option_and_column()
    {
        var document = Document("cli.md");
        var root = CommandLine.Create(Around());
        var names = root.Subcommands.SelectMany(static group => group.Subcommands.SelectMany(command => command.Options.Select(static o => o.Name).Append($"{group.Name} {command.Name}")))
            .Concat(root.Options.Select(static o => o.Name)).Concat(EventColumns.All.Select(static c => c.Name)).Distinct();
        Assert.DoesNotContain(names, name => name is not ("--help" or "--version") && !document.Contains($"`{name}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("events query --nope")]
    [InlineData("events query --output xml")]
    [InlineData("events query --max-items -1")]
    [InlineData("events query --last 1h --start 2h")]
    [InlineData("events query --start 1h --end 2h")]
    [InlineData("events query --start noon")]
    [InlineData("events query --columns nope")]
    [InlineData("events query --event-rw Both")]
    [InlineData("events tail --output json")]
    [InlineData("events tail --interval never")]
    [InlineData("events get")]
    [InlineData("events send /no/such/file")]
    [InlineData("events send /")]
    [InlineData("events send - --batch-events 0")]
    [InlineData("events send - --content-type nonsense")]
    [InlineData("events send - --endpoint ftp://x")]
    [InlineData("events send - --key nocolon")]
    [InlineData("events query --account a/b")]
    [InlineData("quarantine replay")]
    [InlineData("quarantine replay --all hub-0a1b2c3d-0001.4711.0")]
    [InlineData("quarantine show nonsense")]
    [InlineData("quarantine list --partition x")]
    public async Task Wrong_use_ends_with_2_a_message_and_no_call(string line)
    {
        var bench = new CliBench();
        Assert.Equal(2, await bench.RunAsync(line.Split(' ')));
        Assert.StartsWith("error: ", bench.Errors, StringComparison.Ordinal);
        Assert.Empty(bench.Calls);
        Assert.Empty(bench.Output);
    }

    [Theory]
    [InlineData(400, 2)]
    [InlineData(401, 3)]
    [InlineData(403, 3)]
    [InlineData(404, 4)]
    [InlineData(429, 5)]
    [InlineData(500, 6)]
    [InlineData(503, 6)]
    [InlineData(302, 6)]
    public async Task Every_answer_has_its_exit_code(int status, int exitCode)
    {
        var bench = new CliBench { Api = (_, _) => CliBench.Answer((HttpStatusCode)status, """{"code":"Some","title":"Went \u001b[31mwrong."}""") };
        Assert.Equal(exitCode, await bench.RunAsync("events", "query", "--key", "AK1:hidden"));
        Assert.Contains("Went \\u001b[31mwrong.", bench.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", bench.Errors, StringComparison.Ordinal);
        Assert.Equal(status is 429 or >= 500 ? 5 : 1, bench.Calls.Count);
    }

    [Fact]
    public async Task No_answer_is_6_after_growing_pauses_and_retry_after_is_honoured_within_bounds()
    {
        var bench = new CliBench { Api = static (_, _) => throw new HttpRequestException("Connection refused") };
        Assert.Equal(6, await bench.RunAsync("events", "query", "--retries", "3"));
        Assert.Collection(
            bench.Clock.Waits.Where(static w => w < TimeSpan.FromSeconds(60)),
            static w => Assert.InRange(w.TotalMilliseconds, 250, 313),
            static w => Assert.InRange(w.TotalMilliseconds, 500, 625),
            static w => Assert.InRange(w.TotalMilliseconds, 1000, 1250));

        bench = new CliBench();
        bench.Api = (_, _) =>
        {
            var answer = CliBench.Answer(HttpStatusCode.TooManyRequests, "{}");
            answer.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(bench.Calls.Count == 1 ? 7 : 100_000));
            return answer;
        };
        Assert.Equal(5, await bench.RunAsync("events", "query", "--retries", "2"));
        Assert.Equal([7, 60], bench.Clock.Waits.Where(static w => w <= TimeSpan.FromSeconds(60)).Select(static w => w.TotalSeconds));
    }

    [Fact]
    public async Task The_environment_names_service_and_key_and_options_win()
    {
        var bench = new CliBench();
        bench.Variables["ACTIONTRAIL_ENDPOINT"] = "https://audit.example/base";
        bench.Variables["ACTIONTRAIL_KEY"] = "operator:from:environment";
        var seen = new List<(string, string?, string?)>();
        bench.Api = (request, _) =>
        {
            seen.Add((request.RequestUri!.AbsoluteUri, Encoding.UTF8.GetString(Convert.FromBase64String(request.Headers.Authorization!.Parameter!)), request.Headers.TryGetValues("ActionTrail-Account", out var account) ? account.Single() : null));
            return CliBench.Answer(HttpStatusCode.OK, CliBench.Event(1));
        };
        Assert.Equal(0, await bench.RunAsync("events", "get", "a/b c", "--account", "acme"));
        Assert.Equal(0, await bench.RunAsync("--endpoint", "http://localhost:1", "events", "get", "x", "--key", "AK:s"));
        Assert.Equal([("https://audit.example/base/v1/events/a%2Fb%20c", "operator:from:environment", "acme"), ("http://localhost:1/v1/events/x", "AK:s", null)], seen);
        Assert.Equal(CliBench.Event(1) + "\n" + CliBench.Event(1) + "\n", bench.Output);
    }

    [Fact]
    public async Task The_shell_can_ask_for_completions()
    {
        var bench = new CliBench();
        var line = $"{RootCommand.ExecutableName} events query --event-";
        Assert.Equal(0, await bench.RunAsync($"[suggest:{line.Length}]", line));
        Assert.Equal(["--event-id", "--event-name", "--event-rw", "--event-type"], bench.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Cancelling_ends_with_130()
    {
        using var stop = new CancellationTokenSource();
        var bench = new CliBench();
        bench.Api = (_, _) =>
        {
            stop.Cancel();
            throw new OperationCanceledException(stop.Token);
        };
        Assert.Equal(130, await bench.RunAsync(stop.Token, "events", "tail"));
        Assert.Contains("go on with --start 2026-11-22T12:00:00.000Z", bench.Errors, StringComparison.Ordinal);
        using var sending = new CancellationTokenSource();
        bench.Api = (_, _) =>
        {
            sending.Cancel();
            throw new OperationCanceledException(sending.Token);
        };
        bench.Input = "{\"a\":1}"u8.ToArray();
        Assert.Equal(130, await bench.RunAsync(sending.Token, "events", "send", "-"));
        Assert.Contains("everything up to record 0 is settled", bench.Errors, StringComparison.Ordinal);
    }

    private static ActionTrail.Cli.Surroundings Around() => new()
    {
        Input = Stream.Null,
        Output = Stream.Null,
        Error = TextWriter.Null,
        Variable = static _ => null,
        Time = TimeProvider.System,
        Network = static () => new SocketsHttpHandler(),
        Chance = new Random(1),
    };

    private static string Document(string name, [CallerFilePath] string file = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", "..", "docs", name));

    [GeneratedRegex("`(?<name>[A-Za-z]+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Filter();

    [GeneratedRegex("(?<![A-Z])[A-Z]", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Capital();
}
