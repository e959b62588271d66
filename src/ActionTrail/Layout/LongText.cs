using System.Globalization;
using System.Text;
using ActionTrail.Storage;

namespace ActionTrail.Layout;

/// <summary>Text of any length in the properties <c>{name}</c>, <c>{name}1</c>, <c>{name}2</c>... of a row: a property takes 32,768 characters, a row 1 MiB.</summary>
internal static class LongText
{
    private const int PartLength = 32_000;

    public static TableRow WithText(this TableRow row, string name, string text)
    {
        row[name] = text[..Math.Min(PartLength, text.Length)];
        for (var (part, at) = (1, PartLength); at < text.Length; part++, at += PartLength)
            row[Part(name, part)] = text[at..Math.Min(at + PartLength, text.Length)];
        return row;
    }

    public static string GetText(this TableRow row, string name)
    {
        var first = row.GetString(name);
        if (first.Length < PartLength)
            return first;
        var text = new StringBuilder(first);
        for (var part = 1; row.FindString(Part(name, part)) is { } more; part++)
            text.Append(more);
        return text.ToString();
    }

    /// <summary>The lines, each cut at its blanks.</summary>
    /// <exception cref="StoreException">Corrupt: a line does not have <paramref name="words"/> words.</exception>
    public static IEnumerable<string[]> GetLines(this TableRow row, string name, int words)
    {
        foreach (var line in row.GetText(name).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var cut = line.Split(' ');
            yield return cut.Length == words ? cut : throw Corrupt(row, name);
        }
    }

    public static long Number(TableRow row, string name, string word) =>
        long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw Corrupt(row, name);

    public static PartitionName Partition(TableRow row, string name, string word) =>
        PartitionName.TryParse(word, out var partition) ? partition : throw Corrupt(row, name);

    private static string Part(string name, int part) => string.Create(CultureInfo.InvariantCulture, $"{name}{part}");

    private static StoreException Corrupt(TableRow row, string name) =>
        new(StoreErrorKind.Corrupt, $"Row {row.PartitionKey} / {row.RowKey}: {name} is malformed.");
}
