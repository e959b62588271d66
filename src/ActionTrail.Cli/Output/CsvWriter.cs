using System.Text;
using System.Text.Json;

namespace ActionTrail.Cli.Output;

/// <summary>RFC 4180 with CRLF and a header. A value that a spreadsheet would take for a formula gets a leading apostrophe and quotes.</summary>
internal sealed class CsvWriter(IReadOnlyList<Column> columns, Surroundings around) : RecordWriter(around)
{
    private bool hasHeader;

    public static string Field(string value)
    {
        var isFormula = value.Length > 0 && value[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n' or '\uff1d' or '\uff0b' or '\uff0d' or '\uff20';
        var safe = isFormula ? "'" + value : value;
        return isFormula || safe.AsSpan().IndexOfAny(",\"\r\n") >= 0 ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }

    protected override void Append(StringBuilder text, IReadOnlyList<JsonElement> records)
    {
        AppendHeader(text);
        foreach (var record in records)
        {
            text.AppendJoin(',', columns.Select(column => Field(Shown(column.Of(record)))));
            text.Append("\r\n");
        }
    }

    protected override void AppendEnd(StringBuilder text) => AppendHeader(text);

    private void AppendHeader(StringBuilder text)
    {
        if (!hasHeader)
            text.AppendJoin(',', columns.Select(static column => Field(column.Name))).Append("\r\n");
        hasHeader = true;
    }

    private string Shown(string value) => Around.IsOutputTerminal ? TerminalText.Clean(value) : value;
}
