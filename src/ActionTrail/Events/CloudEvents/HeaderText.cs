using System.Text;

namespace ActionTrail.Events.CloudEvents;

/// <summary>Text as the HTTP binding of CloudEvents puts it into a header: perhaps in double quotes, with UTF-8 bytes in percent escapes.</summary>
internal static class HeaderText
{
    /// <summary>The text that was meant. Escapes that are no UTF-8 stay as they stand.</summary>
    public static string Decode(string value)
    {
        var text = value.Trim(' ', '\t');
        return Uri.UnescapeDataString(text is ['"', .., '"'] ? WithoutQuotes(text.AsSpan(1, text.Length - 2)) : text);
    }

    private static string WithoutQuotes(ReadOnlySpan<char> quoted)
    {
        var plain = new StringBuilder(quoted.Length);
        for (var i = 0; i < quoted.Length; i++)
        {
            if (quoted[i] == '\\' && i + 1 < quoted.Length)
                i++;
            plain.Append(quoted[i]);
        }

        return plain.ToString();
    }
}
