using System.CommandLine;
using ActionTrail.Cli.Lookup;

namespace ActionTrail.Cli.Commands;

/// <summary><c>events export</c>.</summary>
internal static class ExportCommand
{
    public static Command Create(ConnectionOptions connection, Surroundings around)
    {
        var filters = new FilterOptions();
        var format = new Option<string>("--format") { Description = "Form of the file.", DefaultValueFactory = static _ => "ndjson" };
        format.AcceptOnlyFromAmong("ndjson", "json", "csv");
        var columns = new Option<string?>("--columns") { Description = "Columns of CSV, by the names that events query has.", HelpName = "A,B,…" };
        var file = new Option<string?>("--file") { Description = "Where to; it gets its name when it is whole. Else the output.", HelpName = "FILE" };
        var command = new Command("export", "Writes all events that match, in one call. Without times: of the last 7 days.") { format, columns, file };
        foreach (var option in filters.All)
            command.Add(option);
        command.SetAction(async (result, cancellationToken) =>
        {
            var wanted = filters.Read(result, around.Time.GetUtcNow());
            var parts = new List<string>(wanted.Selection) { "format=" + result.GetValue(format) };
            if (wanted.OldestFirst)
                parts.Add("direction=forward");
            if (wanted.WithOriginal)
                parts.Add("original=true");
            if (result.GetValue(columns) is { } names)
                parts.Add("columns=" + Uri.EscapeDataString(names));
            using var api = connection.Open(result);
            return await EventExport.RunAsync(api, wanted.Path + "/export?" + string.Join('&', parts), result.GetValue(file), around, cancellationToken);
        });
        return command;
    }
}
