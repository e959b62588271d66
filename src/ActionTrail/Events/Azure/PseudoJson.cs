namespace ActionTrail.Events.Azure;

/// <summary>
/// Text like <c>{'a':'b','c':True}</c>, which some sources send in place of JSON: strings in single or double quotes with backslash escapes,
/// <c>True</c>, <c>False</c> and <c>None</c>. All else is taken over as it is; whoever converts checks that JSON comes out.
/// </summary>
internal static class PseudoJson
{
    /// <summary>Most bytes that <see cref="TryConvert"/> makes out of one.</summary>
    public const int Growth = 3;

    public static bool LooksLike(ReadOnlySpan<byte> text) => text is [(byte)'{', ..] && text[1..].TrimStart(" \t\r\n"u8) is [(byte)'\'', ..];

    /// <summary>Writes JSON to <paramref name="json"/>, which has <see cref="Growth"/> times the length of <paramref name="text"/>; false when a string does not end.</summary>
    public static bool TryConvert(ReadOnlySpan<byte> text, Span<byte> json, out int written)
    {
        written = 0;
        while (!text.IsEmpty)
        {
            var one = text[0];
            if (one is (byte)'\'' or (byte)'"')
            {
                if (!TryString(ref text, json, ref written))
                {
                    return false;
                }
            }
            else if (!TryWord(ref text, "True"u8, "true"u8, json, ref written) && !TryWord(ref text, "False"u8, "false"u8, json, ref written) && !TryWord(ref text, "None"u8, "null"u8, json, ref written))
            {
                json[written++] = one;
                text = text[1..];
            }
        }

        return true;
    }

    private static bool TryWord(ref ReadOnlySpan<byte> text, ReadOnlySpan<byte> word, ReadOnlySpan<byte> json, Span<byte> output, ref int written)
    {
        if (!text.StartsWith(word))
        {
            return false;
        }

        json.CopyTo(output[written..]);
        written += json.Length;
        text = text[word.Length..];
        return true;
    }

    private static bool TryString(ref ReadOnlySpan<byte> text, Span<byte> json, ref int written)
    {
        var quote = text[0];
        json[written++] = (byte)'"';
        var i = 1;
        for (; i < text.Length && text[i] != quote; i++)
        {
            if (text[i] == '"')
            {
                json[written++] = (byte)'\\';
                json[written++] = (byte)'"';
            }
            else if (text[i] != '\\')
            {
                json[written++] = text[i];
            }
            else if (i + 1 >= text.Length)
            {
                return false;
            }
            else if (text[++i] == '\'')
            {
                json[written++] = (byte)'\'';
            }
            else if (text[i] == 'x')
            {
                // \xHH: the two digits follow by themselves.
                "\\u00"u8.CopyTo(json[written..]);
                written += 4;
            }
            else
            {
                json[written++] = (byte)'\\';
                json[written++] = text[i];
            }
        }

        if (i >= text.Length)
        {
            return false;
        }

        json[written++] = (byte)'"';
        text = text[(i + 1)..];
        return true;
    }
}
