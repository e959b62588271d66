using System.CommandLine;
using ActionTrail.Cli.Output;
using static ActionTrail.Cli.Resources.ResourceCalls;

namespace ActionTrail.Cli.Commands;

/// <summary><c>logstore …</c>: what trails keep beyond the history. Their events are read with <c>events … --logstore</c>.</summary>
internal static class LogstoreCommands
{
    private static readonly Column[] Columns =
    [
        Column.At("project", 40, "project"), Column.At("name", 44, "name"), Column.At("retentionDays", 14, "retentionDays"), Column.At("schema", 8, "schema"), Column.At("createTime", 28, "createTime"),
        Column.At("store", 36, "store"),
    ];

    public static Command Create(ResourceCommand make)
    {
        var place = ResourceCommand.Argument("PROJECT/NAME", "The Logstore.");
        place.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var text }] && !FilterOptions.IsLogstore(text))
                result.AddError("A Logstore is PROJECT/NAME.");
        });
        var days = Numbers.Option("--days", "N", 1, 36_500, "Keep events so many days after their event time.");
        var permanent = new Option<bool>("--permanent") { Description = "Keep events for ever." };
        var confirm = ResourceCommand.Option("--confirm", "NAME", "The name of the Logstore once more, without its project.");
        string Path(ParseResult result) => FilterOptions.Root(result.GetValue(place)).TrimEnd('/');
        var retention = make.Create(
            "retention",
            "Sets how long a Logstore keeps events. What a shorter time puts past it is deleted by the next purges.",
            repeats: true,
            (calls, result, stop) => calls.ChangeAsync(HttpMethod.Patch, Path(result), Body(("retentionDays", result.GetValue(permanent) ? "permanent" : result.GetValue(days))), "changed", stop),
            place,
            days,
            permanent);
        retention.Validators.Add(result =>
        {
            if (result.GetValue(permanent) == (result.GetResult(days) is not null))
                result.AddError("Give --days N, or --permanent.");
        });
        var delete = make.Create(
            "delete",
            "Deletes a Logstore and its events for good, when no trail delivers to it and no hold covers it.",
            repeats: true,
            (calls, result, stop) => calls.ChangeAsync(HttpMethod.Delete, $"{Path(result)}?confirm={ResourceCommand.Segment(result.GetValue(confirm)!)}", body: null, "deleted; it is erased a grace later", stop),
            place,
            confirm);
        delete.Validators.Add(result =>
        {
            if (result.GetValue(place)?.Split('/') is [_, var name] && result.GetValue(confirm) != name)
                result.AddError($"Its events are deleted for good. If that is meant: --confirm {TerminalText.Clean(name)}");
        });
        return new Command("logstore", "Logstores: what trails keep beyond the history. events … --logstore reads them.")
        {
            make.Create("list", "Lists the Logstores of the account.", repeats: true, (calls, _, stop) => calls.ListAsync("v1/logstores", "", Columns, stop)),
            make.Create("show", "Shows a Logstore.", repeats: true, (calls, result, stop) => calls.ShowAsync(Path(result), stop), place),
            retention,
            delete,
        };
    }
}
