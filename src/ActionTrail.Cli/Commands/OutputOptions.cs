using System.CommandLine;
using ActionTrail.Cli.Output;

namespace ActionTrail.Cli.Commands;

/// <summary>How a list is written, and how much of it.</summary>
internal sealed class OutputOptions
{
    private readonly Option<string> form;
    private readonly Option<string?> columns;
    private readonly Option<int?> maxItems;

    public OutputOptions(IReadOnlyList<Column> known, string maxItemsHelp, params string[] forms)
    {
        form = new Option<string>("--output") { Description = "How to write what was found.", DefaultValueFactory = _ => forms[0] };
        form.AcceptOnlyFromAmong(forms);
        columns = new Option<string?>("--columns") { Description = $"Columns of tables and CSV: {string.Join(", ", known.Select(static c => c.Name))}, or JSON pointers such as /userIdentity/type.", HelpName = "A,B,…" };
        maxItems = Numbers.Option("--max-items", "N", 0, int.MaxValue, maxItemsHelp);
    }

    public IEnumerable<Option> All => [form, columns, maxItems];

    public OutputForm Form(ParseResult result) => result.GetValue(form) switch
    {
        "json" => OutputForm.Json,
        "ndjson" => OutputForm.Ndjson,
        "csv" => OutputForm.Csv,
        _ => OutputForm.Table,
    };

    public string? Columns(ParseResult result) => result.GetValue(columns);

    /// <summary>0 is all; unless told, a table stops at <paramref name="tableDefault"/> and everything else goes to the end.</summary>
    public int MaxItems(ParseResult result, int tableDefault) => result.GetValue(maxItems) ?? (Form(result) == OutputForm.Table ? tableDefault : 0);
}
