using System.CommandLine;
using ActionTrail.Cli.Lookup;
using ActionTrail.Cli.Output;
using ActionTrail.Cli.Quarantine;
using ActionTrail.Ingest;
using ActionTrail.Layout;

namespace ActionTrail.Cli.Commands;

/// <summary><c>quarantine list</c>, <c>quarantine show</c> and <c>quarantine replay</c>.</summary>
internal static class QuarantineCommands
{
    private const int TableItems = 50;

    public static Command List(ConnectionOptions connection, Surroundings around)
    {
        var partition = Partition();
        var order = Order("newest");
        var output = new OutputOptions(QuarantineColumns.All, $"Most records; 0: all. Default {TableItems} in a table, else all.", "table", "json", "ndjson", "csv");
        var command = new Command("list", "Lists refused records.") { partition, order };
        foreach (var option in output.All)
            command.Add(option);
        command.SetAction(async (result, cancellationToken) =>
        {
            var form = output.Form(result);
            var writer = RecordWriter.Create(form, QuarantineColumns.For(form, output.Columns(result)), isStreaming: false, around);
            using var api = connection.Open(result);
            return await EventQuery.RunAsync(
                api, "v1/quarantine", size => ListQuery(size, result.GetValue(order)!, result.GetValue(partition)), output.MaxItems(result, TableItems), writer, around, cancellationToken);
        });
        return command;
    }

    public static Command Show(ConnectionOptions connection, Surroundings around)
    {
        var id = new Argument<string>("ID") { Description = "Id of the record." };
        id.Validators.Add(CheckId);
        var raw = new Option<bool>("--raw") { Description = "Writes the record's bytes and nothing else." };
        var output = new Option<string>("--output") { Description = "How to write it.", DefaultValueFactory = static _ => "table" };
        output.AcceptOnlyFromAmong("table", "json");
        var command = new Command("show", "Shows one refused record: reason, field, rule and content.") { id, raw, output };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = connection.Open(result);
            return await QuarantineShow.RunAsync(
                api, result.GetValue(id)!, result.GetValue(raw), result.GetValue(output) == "json" ? OutputForm.Json : OutputForm.Table, around, cancellationToken);
        });
        return command;
    }

    public static Command Replay(ConnectionOptions connection, Surroundings around)
    {
        var ids = new Argument<string[]>("ID") { Description = "Ids of records.", Arity = ArgumentArity.ZeroOrMore };
        ids.Validators.Add(CheckId);
        var all = new Option<bool>("--all") { Description = "Every record that was not replayed yet." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Shows which records it would be." };
        var partition = Partition();
        var output = new Option<string>("--output") { Description = "How to write what became of each.", DefaultValueFactory = static _ => "table" };
        output.AcceptOnlyFromAmong("table", "ndjson");
        var command = new Command("replay", "Has refused records judged anew, once the cause is gone. Harmless when repeated.") { ids, all, dryRun, partition, output };
        command.Validators.Add(result =>
        {
            if (result.GetValue(all) == (result.GetValue(ids) is { Length: > 0 }))
                result.AddError("Name ids, or give --all.");
        });
        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = connection.Open(result);
            var form = result.GetValue(output) == "ndjson" ? OutputForm.Ndjson : OutputForm.Table;
            var replay = new QuarantineReplay(api, RecordWriter.Create(form, QuarantineReplay.Columns, isStreaming: true, around), around);
            var list = result.GetValue(all) ? ListQuery(EventQuery.LargestPage, "oldest", result.GetValue(partition)) : null;
            return await replay.RunAsync(result.GetValue(ids) ?? [], list, result.GetValue(dryRun), cancellationToken);
        });
        return command;
    }

    private static string ListQuery(int pageSize, string order, string? partition) =>
        FormattableString.Invariant($"pageSize={pageSize}&direction={(order == "oldest" ? "forward" : "backward")}{(partition is null ? "" : "&partition=" + partition)}");

    private static Option<string?> Partition()
    {
        var option = new Option<string?>("--partition") { Description = "Only of this partition of the commit log, such as hub-0a1b2c3d-0001.", HelpName = "NAME" };
        option.Validators.Add(static result =>
        {
            if (result.Tokens is [var token] && !PartitionName.TryParse(token.Value, out _))
                result.AddError("--partition is the name of a partition, such as hub-0a1b2c3d-0001 or api-00.");
        });
        return option;
    }

    private static Option<string> Order(string fallback)
    {
        var option = new Option<string>("--order") { Description = "What comes first.", DefaultValueFactory = _ => fallback };
        option.AcceptOnlyFromAmong("newest", "oldest");
        return option;
    }

    private static void CheckId(System.CommandLine.Parsing.ArgumentResult result)
    {
        foreach (var token in result.Tokens)
        {
            if (!QuarantineId.TryParse(token.Value, out _))
                result.AddError($"'{token.Value}' is no id of a quarantined record; quarantine list shows them.");
        }
    }
}
