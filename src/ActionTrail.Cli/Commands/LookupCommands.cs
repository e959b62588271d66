using System.CommandLine;
using ActionTrail.Cli.Lookup;
using ActionTrail.Cli.Output;

namespace ActionTrail.Cli.Commands;

/// <summary><c>events query</c>, <c>events get</c> and <c>events tail</c>.</summary>
internal static class LookupCommands
{
    private const int TableItems = 50;

    public static Command Query(ConnectionOptions connection, Surroundings around)
    {
        var filters = new FilterOptions();
        var output = new OutputOptions(EventColumns.All, $"Most events; 0: all. Default {TableItems} in a table, else all.", "table", "json", "ndjson", "csv");
        var command = new Command("query", "Looks up events, page after page. Without times: the last 7 days.");
        foreach (var option in filters.All.Concat(output.All))
            command.Add(option);
        command.SetAction(async (result, cancellationToken) =>
        {
            var wanted = filters.Read(result, around.Time.GetUtcNow());
            var form = output.Form(result);
            var writer = RecordWriter.Create(form, EventColumns.For(form, output.Columns(result)), isStreaming: false, around);
            using var api = connection.Open(result);
            return await EventQuery.RunAsync(api, wanted.Path, wanted.Query, output.MaxItems(result, TableItems), writer, around, cancellationToken);
        });
        return command;
    }

    public static Command Get(ConnectionOptions connection, Surroundings around)
    {
        var id = new Argument<string>("ID") { Description = "Id of the event." };
        var original = FilterOptions.Original();
        var logstore = FilterOptions.Logstore();
        var command = new Command("get", "Writes one event as the service keeps it.") { id, original, logstore };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = connection.Open(result);
            var (json, _) = await api.GetAsync($"{FilterOptions.Path(result.GetValue(logstore))}/{Uri.EscapeDataString(result.GetValue(id)!)}{(result.GetValue(original) ? "?original=true" : "")}", cancellationToken);
            using (json)
            {
                var writer = RecordWriter.Create(OutputForm.Ndjson, [], isStreaming: false, around);
                writer.Write([json.RootElement]);
                writer.Finish();
            }

            return ExitCode.Ok;
        });
        return command;
    }

    public static Command Tail(ConnectionOptions connection, Surroundings around)
    {
        var filters = new FilterOptions();
        var output = new OutputOptions(EventColumns.All, "Ends after so many events; 0, the default: goes on.", "table", "ndjson", "csv");
        var interval = Age("--interval", "2s", "How long to wait between two looks.");
        var overlap = Age("--overlap", "5m", "How far each look reaches back for events that arrive late.");
        var command = new Command("tail", "Shows new events as they arrive, until Ctrl+C.") { interval, overlap };
        foreach (var option in filters.Open.Concat(output.All))
            command.Add(option);
        command.SetAction(async (result, cancellationToken) =>
        {
            var form = output.Form(result);
            using var api = connection.Open(result);
            var writer = RecordWriter.Create(form, EventColumns.For(form, output.Columns(result)), isStreaming: true, around);
            var tail = new EventTail(api, filters.Read(result, around.Time.GetUtcNow()), writer, around)
            {
                Interval = Span(result, interval),
                Overlap = Span(result, overlap),
                MaxItems = output.MaxItems(result, tableDefault: 0),
            };
            return await tail.RunAsync(cancellationToken);
        });
        return command;
    }

    internal static Option<string> Age(string name, string fallback, string description)
    {
        var option = new Option<string>(name) { Description = $"{description} Such as 5s or 2m.", HelpName = "AGE", DefaultValueFactory = _ => fallback };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !TimeText.TryParseAge(token.Value, out _))
                result.AddError($"{name} is a time span such as 5s, 2m, 1h.");
        });
        return option;
    }

    internal static TimeSpan Span(ParseResult result, Option<string> option) => TimeText.TryParseAge(result.GetValue(option)!, out var span) ? span : TimeSpan.Zero;
}
