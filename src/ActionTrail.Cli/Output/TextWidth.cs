using System.Globalization;
using System.Text;

namespace ActionTrail.Cli.Output;

/// <summary>How many terminal columns text takes: two for East Asian wide characters and emoji, none for marks that sit on another character.</summary>
internal static class TextWidth
{
    // Blocks that terminals show wide (Unicode's East Asian Width W and F, by block).
    private static readonly (int First, int Last)[] Wide =
    [
        (0x1100, 0x115F), (0x2E80, 0x303E), (0x3041, 0x33FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA000, 0xA4CF), (0xA960, 0xA97F),
        (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFE30, 0xFE6F), (0xFF00, 0xFF60), (0xFFE0, 0xFFE6), (0x1F300, 0x1F64F), (0x1F680, 0x1F6FF),
        (0x1F900, 0x1F9FF), (0x1FA70, 0x1FAFF), (0x20000, 0x3FFFD),
    ];

    public static int Of(string text)
    {
        if (text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0)
            return text.Length;
        var width = 0;
        for (var i = 0; i < text.Length; i += StringInfo.GetNextTextElementLength(text, i))
            width += OfElement(text.AsSpan(i, StringInfo.GetNextTextElementLength(text, i)));
        return width;
    }

    /// <summary>The text in exactly <paramref name="width"/> columns: filled with blanks, or cut between characters with an ellipsis.</summary>
    public static string Fit(string text, int width)
    {
        var own = Of(text);
        if (own <= width)
            return text + new string(' ', width - own);
        var cut = new StringBuilder();
        var used = 0;
        for (var i = 0; i < text.Length;)
        {
            var element = text.AsSpan(i, StringInfo.GetNextTextElementLength(text, i));
            var next = OfElement(element);
            if (used + next > width - 1)
                break;
            cut.Append(element);
            used += next;
            i += element.Length;
        }

        return cut.Append('…').Append(' ', width - 1 - used).ToString();
    }

    private static int OfElement(ReadOnlySpan<char> element)
    {
        var width = 0;
        foreach (var rune in element.EnumerateRunes())
            width = Math.Max(width, Of(rune));
        return width;
    }

    private static int Of(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format or UnicodeCategory.Control => 0,
        _ => Wide.Any(range => rune.Value >= range.First && rune.Value <= range.Last) ? 2 : 1,
    };
}
