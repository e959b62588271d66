using System.Text.Json;

namespace ActionTrail.Cli.Output;

/// <summary>A column of a table or CSV file.</summary>
/// <param name="Name">What <c>--columns</c> calls it, and the header of CSV.</param>
/// <param name="Paths">Members to follow from the record down; the first path that leads to a value other than null wins.</param>
/// <param name="MaxWidth">Widest it gets in a table.</param>
internal sealed record Column(string Name, IReadOnlyList<IReadOnlyList<string>> Paths, int MaxWidth)
{
    public static Column At(string name, int maxWidth, params string[] paths) =>
        new(name, [.. paths.Select(static path => (IReadOnlyList<string>)path.Split('.'))], maxWidth);

    /// <summary>The columns that <paramref name="wanted"/> names, comma-separated: names of <paramref name="known"/>, or JSON pointers such as <c>/userIdentity/type</c>.</summary>
    /// <exception cref="CliException">A name is unknown.</exception>
    public static IReadOnlyList<Column> Choose(string wanted, IReadOnlyList<Column> known)
    {
        var chosen = new List<Column>();
        foreach (var name in wanted.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var column = name[0] == '/'
                ? new Column(name, [[.. name[1..].Split('/').Select(static part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))]], 40)
                : known.FirstOrDefault(c => c.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            chosen.Add(column ?? throw new CliException(ExitCode.Usage, $"--columns: there is no column {TerminalText.Clean(name)}. Columns: {string.Join(", ", known.Select(static c => c.Name))}; or a JSON pointer such as /userIdentity/type."));
        }

        return chosen.Count > 0 ? chosen : throw new CliException(ExitCode.Usage, "--columns names at least one column.");
    }

    /// <summary>The value as text: strings as they are, everything else as JSON; empty when absent or null.</summary>
    public string Of(JsonElement record)
    {
        foreach (var path in Paths)
        {
            if (Follow(record, path) is { } value)
                return value.ValueKind == JsonValueKind.String ? Text(value) : value.GetRawText();
        }

        return "";
    }

    private static string Text(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair in a field that nobody checks; the escapes still say what was sent.
            return value.GetRawText()[1..^1];
        }
    }

    private static JsonElement? Follow(JsonElement element, IReadOnlyList<string> path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                return null;
        }

        return element.ValueKind == JsonValueKind.Null ? null : element;
    }
}
