using System.Globalization;
using System.Text;

namespace ActionTrail.Cli.Output;

/// <summary>Text from events as a terminal may get it: nothing in it moves the cursor, colours, or turns the reading direction.</summary>
internal static class TerminalText
{
    /// <summary>Controls, invisible format characters, line and paragraph separators and half surrogate pairs become <c>\u</c> escapes.</summary>
    public static string Clean(string text)
    {
        if (!NeedsCleaning(text))
            return text;
        var clean = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                var rune = new Rune(text[i], text[++i]);
                if (IsUnsafe(Rune.GetUnicodeCategory(rune)))
                    clean.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}");
                else
                    clean.Append(rune);
            }
            else if (IsUnsafe(char.GetUnicodeCategory(text[i])))
            {
                clean.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:x4}");
            }
            else
            {
                clean.Append(text[i]);
            }
        }

        return clean.ToString();
    }

    /// <summary>
    /// The same for JSON text that goes to a terminal: raw controls cannot be in it but DEL and U+0080 to U+009F, and format characters
    /// can. Each becomes its JSON escape, so that the text stays the same JSON.
    /// </summary>
    public static string CleanJson(string json)
    {
        if (!NeedsCleaning(json))
            return json;
        var clean = new StringBuilder(json.Length + 16);
        foreach (var rune in json.EnumerateRunes())
        {
            if (rune.Value is '\n' or '\r' or '\t' || !IsUnsafe(Rune.GetUnicodeCategory(rune)))
            {
                clean.Append(rune);
                continue;
            }

            foreach (var unit in rune.ToString())
                clean.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
        }

        return clean.ToString();
    }

    private static bool NeedsCleaning(string text) => text.AsSpan().IndexOfAnyExceptInRange(' ', '~') >= 0;

    private static bool IsUnsafe(UnicodeCategory category) => category
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse;
}
