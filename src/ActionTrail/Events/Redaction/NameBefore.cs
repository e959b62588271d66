namespace ActionTrail.Events.Redaction;

/// <summary>The name that stands before a <c>=</c> or <c>:</c> in a text, with or without quotes around it.</summary>
/// <param name="Start">First byte of the name.</param>
/// <param name="End">Behind its last byte.</param>
/// <param name="IsQuoted">Whether a quote ends it.</param>
internal readonly record struct NameBefore(int Start, int End, bool IsQuoted)
{
    private const int MostBlanks = 8;

    public static NameBefore Find(ReadOnlySpan<byte> text, int separator)
    {
        var end = separator;
        for (var blanks = 0; end > 0 && text[end - 1] == ' ' && blanks < MostBlanks; blanks++)
            end--;
        var isQuoted = end > 0 && text[end - 1] is (byte)'"' or (byte)'\'';
        if (isQuoted)
        {
            end--;
            for (var escapes = 0; end > 0 && text[end - 1] == '\\' && escapes < MostBlanks; escapes++)
                end--;
        }

        var start = end;
        while (start > 0 && end - start < RedactionRules.MaxNameLength && IsPart(text[start - 1]))
            start--;
        return new NameBefore(start, end, isQuoted);
    }

    private static bool IsPart(byte one) => char.IsAsciiLetterOrDigit((char)one) || one is (byte)'_' or (byte)'-';
}
