using System.Buffers;

namespace ActionTrail.Events.Redaction;

/// <summary>
/// Secrets that a text gives a name: <c>AccountKey=…;</c> of connection strings, <c>sig=…&amp;</c> of addresses, headers, and members of JSON that cannot
/// be read as JSON (cut off, in single quotes, deeper escaped).
/// </summary>
internal static class AssignedSecrets
{
    private static readonly SearchValues<byte> AddressEnd = SearchValues.Create("&;,\"'`\\ \t\r\n)}]<>"u8);
    private static readonly SearchValues<byte> ConnectionEnd = SearchValues.Create(";\"\r\n"u8);
    private static readonly SearchValues<byte> NumberBytes = SearchValues.Create("0123456789.-+eE"u8);
    private static readonly SearchValues<byte> HeaderEnd = SearchValues.Create("\"'\r\n"u8);

    public static void Find(RedactionRules rules, ReadOnlySpan<byte> text, List<SecretPart> found)
    {
        bool? isSharedAccess = null;
        bool? isSigned = null;
        for (var at = 0; text[at..].IndexOfAny((byte)'=', (byte)':') is var step and >= 0;)
        {
            var separator = at + step;
            at = separator + 1;
            var before = NameBefore.Find(text, separator);
            var name = before.End - before.Start < 2 ? default : rules.Find(text[before.Start..before.End]);
            if (!name.Is(NameKinds.Suspect) || name.Is(NameKinds.KeyName))
                continue;

            // What prose says before a colon is no assignment; a header's name is.
            var isColon = text[separator] == ':';
            if (isColon && !before.IsQuoted && !name.Is(NameKinds.Header))
                continue;
            var (start, end) = Value(text, separator, before, name);
            if (start == end || text[start..end].StartsWith(JsonSecrets.Mask) || SecretValues.IsHarmless(text[start..end]) || (isColon && IsNumber(text[start..end])))
                continue;
            var isSecret = name.Is(NameKinds.Secret | NameKinds.Header)
                || (name.Is(NameKinds.SharedAccess) && (isSharedAccess ??= HasSharedAccess(text)))
                || (name.Is(NameKinds.Signature) && (isSigned ??= NamesAccessKey(text)))
                || (name.Is(NameKinds.MaybeSecret) && SecretValues.IsKeyMaterial(text[start..end]));
            if (isSecret)
            {
                found.Add(new SecretPart(start, end - start, name.Rule));
                at = end;
            }
        }
    }

    private static bool HasSharedAccess(ReadOnlySpan<byte> text) => text.IndexOf("se="u8) >= 0 || text.IndexOf("sv="u8) >= 0 || text.IndexOf("SharedAccessSignature"u8) >= 0;

    private static bool NamesAccessKey(ReadOnlySpan<byte> text) => text.IndexOf("AccessKeyId="u8) >= 0 || text.IndexOf("Credential="u8) >= 0
        || text.IndexOf("Expires="u8) >= 0 || text.IndexOf("Key-Pair-Id="u8) >= 0 || text.IndexOf("GoogleAccessId="u8) >= 0;

    private static (int Start, int End) Value(ReadOnlySpan<byte> text, int separator, NameBefore before, NameRule name)
    {
        var start = separator + 1;
        while (start < text.Length && text[start] is (byte)' ' or (byte)'\t')
            start++;
        var open = start;
        while (open < text.Length && text[open] == '\\')
            open++;
        if (open < text.Length && text[open] is (byte)'"' or (byte)'\'')
            return (open + 1, QuoteEnd(text, open, escapes: open - start));
        if (start < text.Length && (text[start] == '{' || (text[start] == '[' && before.IsQuoted)))
            return name.Is(NameKinds.Header) ? (start, start) : (start, BracketEnd(text, start));
        var ends = name.Is(NameKinds.Header) ? HeaderEnd
            : name.Is(NameKinds.Secret) && !before.IsQuoted && !IsInQuery(text, before.Start) && text.Contains((byte)';') ? ConnectionEnd
            : AddressEnd;
        var end = text[start..].IndexOfAny(ends) is var length and >= 0 ? start + length : text.Length;
        while (end > start && text[end - 1] is (byte)'\\' or (byte)' ')
            end--;
        return (start, end);
    }

    private static bool IsInQuery(ReadOnlySpan<byte> text, int nameStart) => nameStart > 0 && text[nameStart - 1] is (byte)'?' or (byte)'&';

    // The same quote behind as many backslashes as the opening one; the end of the text when it never comes.
    private static int QuoteEnd(ReadOnlySpan<byte> text, int open, int escapes)
    {
        for (var at = open + 1; text[at..].IndexOf(text[open]) is var step and >= 0;)
        {
            var quote = at + step;
            var end = quote;
            while (end > at && text[end - 1] == '\\')
                end--;
            if (quote - end <= escapes)
                return end;
            at = quote + 1;
        }

        return text.Length;
    }

    private static int BracketEnd(ReadOnlySpan<byte> text, int open)
    {
        var depth = 0;
        for (var at = open; text[at..].IndexOfAny("{}[]"u8) is var step and >= 0;)
        {
            at += step + 1;
            depth += text[at - 1] is (byte)'{' or (byte)'[' ? 1 : -1;
            if (depth == 0)
                return at;
        }

        return text.Length;
    }

    private static bool IsNumber(ReadOnlySpan<byte> text) => text.IndexOfAnyExcept(NumberBytes) < 0 && text.Length < 20;
}
