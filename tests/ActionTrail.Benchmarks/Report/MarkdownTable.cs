using System.Text;

namespace ActionTrail.Benchmarks.Report;

/// <summary>A markdown table: the first column to the left, the others to the right. Bars in cells are escaped.</summary>
internal sealed class MarkdownTable(params string[] heads)
{
    private readonly List<string[]> rows = [];

    /// <exception cref="ArgumentException">The row has not one cell per column.</exception>
    public MarkdownTable Add(params string[] cells)
    {
        if (cells.Length != heads.Length)
            throw new ArgumentException($"{cells.Length} cells for {heads.Length} columns.", nameof(cells));
        rows.Add(cells);
        return this;
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        Line(text, heads);
        Line(text, [.. heads.Select((_, i) => i == 0 ? "---" : "---:")]);
        foreach (var row in rows)
            Line(text, row);
        return text.ToString();
    }

    private static void Line(StringBuilder text, IEnumerable<string> cells) =>
        text.Append("| ").AppendJoin(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
}
