using System.Buffers;
using System.Buffers.Text;

namespace ActionTrail.Events.Redaction;

/// <summary>Secrets that are known by their own form, wherever they stand in a text.</summary>
internal static class SecretShapes
{
    private const int LongestAuthority = 512;
    private const int ShortestToken = 12;
    private const int MostDecoded = 4096;

    private static readonly SearchValues<byte> Base64Url = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"u8);
    private static readonly SearchValues<byte> TokenBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.~+/="u8);
    private static readonly SearchValues<byte> AuthorityEnd = SearchValues.Create("/?#\"'\\<>,; \t\r\n"u8);

    public static void Find(ReadOnlySpan<byte> text, List<SecretPart> found)
    {
        FindWebTokens(text, found);
        FindPrivateKeys(text, found);
        FindSchemes(text, "earer "u8, found);
        FindSchemes(text, "EARER "u8, found);
        FindSchemes(text, "asic "u8, found);
        FindSchemes(text, "ASIC "u8, found);
        FindAddressPasswords(text, found);
    }

    /// <summary>Where, behind <c>://</c>, the password of <c>user:password@host</c> stands; length 0 when there is none.</summary>
    public static (int Start, int Length) AddressPassword(ReadOnlySpan<byte> behindScheme)
    {
        var authority = behindScheme[..Math.Min(behindScheme.Length, LongestAuthority)];
        authority = authority.IndexOfAny(AuthorityEnd) is var end and >= 0 ? authority[..end] : authority;
        var at = authority.LastIndexOf((byte)'@');
        var colon = at > 0 ? authority[..at].IndexOf((byte)':') : -1;
        return colon < 0 || SecretValues.IsHarmless(authority[(colon + 1)..at]) ? default : (colon + 1, at - colon - 1);
    }

    // header.payload.signature, or five parts when encrypted; header and payload start with {" in Base64.
    private static void FindWebTokens(ReadOnlySpan<byte> text, List<SecretPart> found)
    {
        for (var at = 0; text[at..].IndexOf("eyJ"u8) is var step and >= 0;)
        {
            var start = at + step;
            at = start + 3;
            if (start > 0 && Base64Url.Contains(text[start - 1]))
                continue;
            var end = PartEnd(text, start);
            var (parts, isSigned) = (1, false);
            while (end < text.Length && text[end] == '.' && parts < 5)
            {
                if (parts == 1)
                    isSigned = text[(end + 1)..].StartsWith("eyJ"u8);
                if (isSigned && parts == 3)
                    break;
                parts++;
                end = PartEnd(text, end + 1);
            }

            if (end - start > 20 && (isSigned ? parts == 3 : parts == 5))
            {
                found.Add(new SecretPart(start, end - start, RedactionRule.WebToken));
                at = end;
            }
        }
    }

    private static int PartEnd(ReadOnlySpan<byte> text, int start) =>
        text[start..].IndexOfAnyExcept(Base64Url) is var length and >= 0 ? start + length : text.Length;

    private static void FindPrivateKeys(ReadOnlySpan<byte> text, List<SecretPart> found)
    {
        for (var at = 0; text[at..].IndexOf("-----BEGIN "u8) is var step and >= 0;)
        {
            var start = at + step;
            var label = text[(start + 11)..];
            at = start + 11;
            label = label[..Math.Min(label.Length, 64)];
            var close = label.IndexOf("-----"u8);
            if (close < 0 || !label[..close].EndsWith("PRIVATE KEY"u8) && !label[..close].EndsWith("PRIVATE KEY BLOCK"u8))
                continue;
            at += close + 5;
            var end = text[at..].IndexOf("-----END "u8) is var body and >= 0 ? at + body + 9 : text.Length;
            if (end < text.Length)
                end = text[end..].IndexOf("-----"u8) is var tail and >= 0 ? end + tail + 5 : text.Length;
            found.Add(new SecretPart(start, end - start, RedactionRule.PrivateKey));
            at = end;
        }
    }

    // Prose speaks of "Basic authentication" and "Bearer tokens": a credential has a digit, or decodes to user:password.
    private static void FindSchemes(ReadOnlySpan<byte> text, ReadOnlySpan<byte> scheme, List<SecretPart> found)
    {
        for (var at = 0; text[at..].IndexOf(scheme) is var step and >= 0;)
        {
            var start = at + step;
            at = start + scheme.Length;
            var isBearer = scheme.Length == 6;
            if (start == 0 || (text[start - 1] | 0x20) != 'b' || (start > 1 && char.IsAsciiLetterOrDigit((char)text[start - 2])))
                continue;
            var rest = text[at..];
            var token = rest[..(rest.IndexOfAnyExcept(TokenBytes) is var length and >= 0 ? length : rest.Length)];
            if (isBearer ? token.Length >= ShortestToken && token.IndexOfAnyInRange((byte)'0', (byte)'9') >= 0 : IsUserAndPassword(token))
            {
                found.Add(new SecretPart(at, token.Length, RedactionRule.Authorization));
                at += token.Length;
            }
        }
    }

    private static bool IsUserAndPassword(ReadOnlySpan<byte> token)
    {
        if (token.Length is < 4 or > MostDecoded)
            return false;
        Span<byte> decoded = stackalloc byte[MostDecoded];
        var whole = token[..(token.Length & ~3)];
        return Base64.DecodeFromUtf8(whole, decoded, out _, out var written, isFinalBlock: true) == OperationStatus.Done && decoded[..written].Contains((byte)':');
    }

    private static void FindAddressPasswords(ReadOnlySpan<byte> text, List<SecretPart> found)
    {
        for (var at = 0; text[at..].IndexOf("://"u8) is var step and >= 0;)
        {
            at += step + 3;
            var (start, length) = AddressPassword(text[at..]);
            if (length > 0)
                found.Add(new SecretPart(at + start, length, RedactionRule.AddressPassword));
        }
    }
}

/// <summary>A part of a text that is a secret.</summary>
internal readonly record struct SecretPart(int Start, int Length, RedactionRule Rule);
