using System.CommandLine;
using ActionTrail.Cli.Lookup;

namespace ActionTrail.Cli.Commands;

/// <summary>The filters of a lookup: one option per filter of the API, and the range of time.</summary>
internal sealed class FilterOptions
{
    private readonly List<(Option<string?> Option, string Parameter)> texts = [];
    private readonly Option<bool> sensitive = new("--sensitive-action") { Description = "Only sensitive actions." };
    private readonly Option<string?> start = new("--start") { Description = $"From this time on: {TimeText.Rule}.", HelpName = "TIME" };
    private readonly Option<string?> end = new("--end") { Description = "Up to, not including, this time.", HelpName = "TIME" };
    private readonly Option<string?> last = new("--last") { Description = "Of this long until now: 30m, 6h, 7d.", HelpName = "AGE" };
    private readonly Option<string> order = new("--order") { Description = "What comes first.", DefaultValueFactory = static _ => "newest" };

    private readonly Option<bool> original = Original();
    private readonly Option<string?> logstore = Logstore();
    private readonly Option<string?> recipient = new("--recipient-account-id") { Description = "With --logstore: only events of this account.", HelpName = "VALUE" };

    public FilterOptions()
    {
        foreach (var (name, parameter, description) in LookupFilters.All.Where(static f => f.Parameter != "sensitiveAction"))
        {
            var option = new Option<string?>(name) { Description = description + " Exactly, and case matters.", HelpName = "VALUE" };
            option.Validators.Add(result =>
            {
                if (result.Tokens is [{ Value: var text }] && (text.Length is 0 or > 2048 || text.Any(char.IsControl)))
                    result.AddError($"{name} has 1 to 2048 characters, none of them controls.");
            });
            texts.Add((option, parameter));
        }

        texts.Single(static t => t.Parameter == "eventRW").Option.AcceptOnlyFromAmong("Read", "Write");
        order.AcceptOnlyFromAmong("newest", "oldest");
    }

    /// <summary>The options of <c>query</c>.</summary>
    public IEnumerable<Option> All => [.. texts.Select(static t => t.Option), sensitive, start, end, last, order, original, logstore, recipient];

    /// <summary>The options of <c>tail</c>, which knows one order and no end.</summary>
    public IEnumerable<Option> Open => [.. texts.Select(static t => t.Option), sensitive, start, original, logstore, recipient];

    /// <summary>The options of counts, which have no order.</summary>
    public IEnumerable<Option> Selection => [.. texts.Select(static t => t.Option), sensitive, start, end, last, logstore, recipient];

    public static Option<bool> Original() => new("--original") { Description = "Show mapped events with the record they were made from." };

    public static Option<string?> Logstore(string description = "Look through this Logstore instead of the last 90 days.")
    {
        var option = new Option<string?>("--logstore") { Description = description, HelpName = "PROJECT/NAME" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !IsLogstore(text))
                result.AddError("--logstore is PROJECT/NAME.");
        });
        return option;
    }

    public static bool IsLogstore(string text) => text.Split('/') is [{ Length: > 0 }, { Length: > 0 }];

    /// <summary>Where the events are that a value of <see cref="Logstore"/> means.</summary>
    public static string Path(string? logstore) => Root(logstore) + "events";

    /// <summary>What lies above them, with the slash at its end.</summary>
    public static string Root(string? logstore) =>
        logstore?.Split('/') is [var project, var name] ? $"v1/logstores/{Uri.EscapeDataString(project)}/{Uri.EscapeDataString(name)}/" : "v1/";

    /// <exception cref="CliException">The times cannot be read or do not fit together.</exception>
    public LookupFilters Read(ParseResult result, DateTimeOffset now)
    {
        var from = Time(result, start, now);
        var to = Time(result, end, now);
        if (result.GetValue(last) is { } age)
        {
            if (from is not null || to is not null)
                throw new CliException(ExitCode.Usage, "--last goes without --start and --end.");
            from = TimeText.TryParseAge(age, out var span) ? now - span : throw new CliException(ExitCode.Usage, "--last is an age such as 30m, 6h, 7d.");
        }

        if (from >= to)
            throw new CliException(ExitCode.Usage, "--start lies before --end.");
        if (result.GetValue(recipient) is not null && result.GetValue(logstore) is null)
            throw new CliException(ExitCode.Usage, "--recipient-account-id goes with --logstore: the history is of one account.");
        var conditions = texts.Append((Option: recipient, Parameter: "recipientAccountId")).Select(t => (t.Parameter, Value: result.GetValue(t.Option))).Where(static c => c.Value is not null).Select(static c => (c.Parameter, c.Value!));
        return new LookupFilters
        {
            Conditions = [.. conditions, .. result.GetValue(sensitive) ? [("sensitiveAction", "true")] : Array.Empty<(string, string)>()],
            Start = from,
            End = to,
            OldestFirst = result.GetValue(order) == "oldest",
            WithOriginal = result.GetValue(original),
            Path = Path(result.GetValue(logstore)),
        };
    }

    private static DateTimeOffset? Time(ParseResult result, Option<string?> option, DateTimeOffset now)
    {
        if (result.GetValue(option) is not { } text)
            return null;
        return TimeText.TryParse(text, now, out var time) ? time : throw new CliException(ExitCode.Usage, $"{option.Name} is {TimeText.Rule}.");
    }
}
