using System.Text;
using System.Text.Json;

namespace ActionTrail.Cli.Output;

/// <summary>
/// Aligned columns. The first batch decides the widths, within each column's limit and, on a terminal, within its width; longer values
/// of any batch are cut with an ellipsis. Records that come one by one say nothing about the next: then the widths are fixed.
/// </summary>
internal sealed class TableWriter(IReadOnlyList<Column> columns, bool isStreaming, Surroundings around) : RecordWriter(around)
{
    private const int Narrowest = 6;
    private const int Fixed = 36;
    private const string Gap = "  ";

    private int[]? widths;

    /// <summary>Shrinks the widest columns first until all fit into <paramref name="total"/>, none below its narrowest.</summary>
    public static void Shrink(int[] widths, int total)
    {
        var room = total - (Gap.Length * (widths.Length - 1));
        while (widths.Sum() > room && widths.Max() > Narrowest)
            widths[Array.IndexOf(widths, widths.Max())]--;
    }

    protected override void Append(StringBuilder text, IReadOnlyList<JsonElement> records)
    {
        var rows = records.Select(record => columns.Select(column => TerminalText.Clean(column.Of(record))).ToArray()).ToList();
        if (widths is null)
        {
            if (rows.Count == 0)
                return;
            widths = [.. columns.Select((column, i) => Math.Min(isStreaming ? Math.Min(column.MaxWidth, Fixed) : column.MaxWidth, Math.Max(TextWidth.Of(column.Name), isStreaming ? Fixed : rows.Max(row => TextWidth.Of(row[i])))))];
            if (Around.Width is { } total)
                Shrink(widths, total);
            var header = Line([.. columns.Select(static column => TerminalText.Clean(column.Name).ToUpperInvariant())]);
            text.Append(Around.IsColourful ? $"\u001b[1m{header}\u001b[0m\n" : header + "\n");
        }

        foreach (var row in rows)
            text.Append(Line(row)).Append('\n');
    }

    private string Line(string[] cells) => string.Join(Gap, cells.Select((cell, i) => TextWidth.Fit(cell, widths![i]))).TrimEnd();
}
