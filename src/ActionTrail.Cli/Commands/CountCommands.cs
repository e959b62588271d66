using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ActionTrail.Cli.Lookup;
using ActionTrail.Cli.Output;

namespace ActionTrail.Cli.Commands;

/// <summary><c>events histogram</c> and <c>events top</c>.</summary>
internal static class CountCommands
{
    public static Command Histogram(ConnectionOptions connection, Surroundings around)
    {
        var filters = new FilterOptions();
        var form = Form();
        var interval = new Option<string?>("--interval") { Description = "Length of the buckets: PT5M, PT1H, P1D, P1W. Else one that suits the range.", HelpName = "DURATION" };
        var by = By("Split each bucket by the values of this.");
        var values = Numbers.Option("--values", "N", 1, 20, "With --by: so many values, the most frequent ones. Default 5.");
        var command = new Command("histogram", "Counts events over time. Without times: the last 7 days.") { interval, by, values, form };
        Add(command, filters);
        command.SetAction(async (result, cancellationToken) =>
        {
            var wanted = filters.Read(result, around.Time.GetUtcNow());
            var parts = new List<string>(wanted.Selection);
            if (result.GetValue(interval) is { } length)
                parts.Add("interval=" + Uri.EscapeDataString(length));
            AddBy(parts, result, by, values);
            using var api = connection.Open(result);
            var (json, _) = await api.GetAsync(wanted.Path + "/histogram?" + string.Join('&', parts), cancellationToken);
            using (json)
                WriteHistogram(json.RootElement, result.GetValue(form)!, around);
            return ExitCode.Ok;
        });
        return command;
    }

    public static Command Top(ConnectionOptions connection, Surroundings around)
    {
        var filters = new FilterOptions();
        var form = Form();
        var by = By("Count by the values of this.");
        by.Required = true;
        var limit = Numbers.Option("--limit", "N", 1, 1000, "So many values. Default 10.");
        var command = new Command("top", "Shows the most frequent values. Without times: of the last 7 days.") { by, limit, form };
        Add(command, filters);
        command.SetAction(async (result, cancellationToken) =>
        {
            var wanted = filters.Read(result, around.Time.GetUtcNow());
            var parts = new List<string>(wanted.Selection);
            AddBy(parts, result, by, limit);
            using var api = connection.Open(result);
            var (json, _) = await api.GetAsync(wanted.Path + "/top?" + string.Join('&', parts), cancellationToken);
            using (json)
                WriteTop(json.RootElement, result.GetValue(form)!, around);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void WriteTop(JsonElement answer, string form, Surroundings around)
    {
        if (form == "json")
        {
            WriteJson(answer, around);
            return;
        }

        var values = Member(answer, "values", JsonValueKind.Array);
        Write([Column.At("value", 60, "value"), Column.At("count", 12, "count"), Column.At("lastTime", 24, "lastTime")], [.. values.EnumerateArray()], form, around);
        around.Tell(string.Create(
            CultureInfo.InvariantCulture,
            $"{Number(answer, "total")} events, {Number(answer, "distinct")} distinct values; not shown {Number(answer, "other")}, without a value {Number(answer, "without")}"));
        if (Number(answer, "maxError") is > 0 and var error)
            around.Tell(string.Create(CultureInfo.InvariantCulture, $"there are very many values: counts may be short by up to {error}"));
    }

    private static void WriteHistogram(JsonElement answer, string form, Surroundings around)
    {
        if (form == "json")
        {
            WriteJson(answer, around);
            return;
        }

        List<Column> columns = [Column.At("time", 24, "time"), Column.At("count", 12, "count")];
        if (answer.TryGetProperty("values", out var values))
        {
            columns.AddRange(values.EnumerateArray().Select(static (value, i) => new Column(value.GetString()!, [[string.Create(CultureInfo.InvariantCulture, $"{i}")]], 24)));
            columns.Add(Column.At("other", 12, "other"));
        }

        using var flat = Flatten(Member(answer, "buckets", JsonValueKind.Array));
        Write(columns, [.. flat.RootElement.EnumerateArray()], form, around);
        around.Tell(string.Create(CultureInfo.InvariantCulture, $"{Number(answer, "total")} events"));
        if (answer.TryGetProperty("truncated", out var truncated) && truncated.ValueKind == JsonValueKind.True)
            around.Tell("there are very many values: others than those named may be more frequent");
    }

    /// <summary>Buckets whose counts by value are members named 0, 1 and so on, as columns want them.</summary>
    private static JsonDocument Flatten(JsonElement buckets)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartArray();
            foreach (var bucket in buckets.EnumerateArray())
            {
                json.WriteStartObject();
                foreach (var member in bucket.EnumerateObject().Where(static m => m.Name != "values"))
                    member.WriteTo(json);
                if (bucket.TryGetProperty("values", out var counts))
                {
                    foreach (var (i, count) in counts.EnumerateArray().Index())
                        json.WriteNumber(string.Create(CultureInfo.InvariantCulture, $"{i}"), count.GetInt64());
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return JsonDocument.Parse(bytes.ToArray());
    }

    private static void Write(IReadOnlyList<Column> columns, IReadOnlyList<JsonElement> records, string form, Surroundings around)
    {
        var writer = RecordWriter.Create(form == "csv" ? OutputForm.Csv : OutputForm.Table, columns, isStreaming: false, around);
        writer.Write(records);
        writer.Finish();
    }

    private static void WriteJson(JsonElement answer, Surroundings around)
    {
        var writer = RecordWriter.Create(OutputForm.Ndjson, [], isStreaming: false, around);
        writer.Write([answer]);
        writer.Finish();
    }

    private static JsonElement Member(JsonElement answer, string name, JsonValueKind kind) =>
        answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty(name, out var member) && member.ValueKind == kind
            ? member
            : throw new CliException(ExitCode.Unavailable, "The answer holds no counts. Is the endpoint the address of the service?");

    private static long Number(JsonElement answer, string name) => Member(answer, name, JsonValueKind.Number).GetInt64();

    private static void Add(Command command, FilterOptions filters)
    {
        foreach (var option in filters.Selection)
            command.Add(option);
    }

    private static void AddBy(List<string> parts, ParseResult result, Option<string?> by, Option<int?> limit)
    {
        if (result.GetValue(by) is { } attribute)
            parts.Add("by=" + attribute);
        else if (result.GetValue(limit) is not null)
            throw new CliException(ExitCode.Usage, $"{limit.Name} goes with --by.");
        if (result.GetValue(limit) is { } number)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"limit={number}"));
    }

    private static Option<string?> By(string description)
    {
        var option = new Option<string?>("--by") { Description = description, HelpName = "ATTRIBUTE" };
        option.AcceptOnlyFromAmong([.. LookupFilters.All.Select(static f => f.Parameter), "recipientAccountId"]);
        return option;
    }

    private static Option<string> Form()
    {
        var form = new Option<string>("--output") { Description = "How to write the counts; json is the service's answer.", DefaultValueFactory = static _ => "table" };
        form.AcceptOnlyFromAmong("table", "json", "csv");
        return form;
    }
}
