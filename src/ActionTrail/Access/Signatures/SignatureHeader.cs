using System.Diagnostics.CodeAnalysis;

namespace ActionTrail.Access.Signatures;

/// <summary>
/// <c>Authorization: ACS3-HMAC-SHA256 Credential={access key id},SignedHeaders={names},Signature={hex}</c>: the three members once each, in any
/// order; names in lower case, sorted, separated by semicolons; 64 hexadecimal digits in lower case.
/// </summary>
internal sealed record SignatureHeader(string AccessKeyId, IReadOnlyList<string> SignedHeaders, byte[] Signature)
{
    public const string Algorithm = "ACS3-HMAC-SHA256";

    private const int MaxLength = 4096;

    public static bool TryParse(string text, [NotNullWhen(true)] out SignatureHeader? header)
    {
        header = null;
        if (text.Length > MaxLength || !text.StartsWith(Algorithm + " ", StringComparison.Ordinal))
            return false;
        string? key = null;
        string[]? names = null;
        byte[]? signature = null;
        foreach (var part in text[(Algorithm.Length + 1)..].Split(','))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                return false;
            var value = part[(equals + 1)..];
            switch (part[..equals].TrimStart(' '))
            {
                case "Credential" when key is null:
                    key = value;
                    break;
                case "SignedHeaders" when names is null:
                    names = value.Split(';');
                    break;
                case "Signature" when signature is null && IsHash(value):
                    signature = Convert.FromHexString(value);
                    break;
                default:
                    return false;
            }
        }

        if (key is null || names is null || signature is null || !AreNames(names))
            return false;
        header = new SignatureHeader(key, names, signature);
        return true;
    }

    /// <summary>Whether the text is 32 bytes in lower-case hexadecimal digits: one spelling only, so that no other is accepted.</summary>
    public static bool IsHash([NotNullWhen(true)] string? text) => text is { Length: 64 } && text.All(char.IsAsciiHexDigitLower);

    private static bool AreNames(string[] names)
    {
        for (var i = 0; i < names.Length; i++)
        {
            if (names[i].Length == 0 || !names[i].All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
                return false;
            if (i > 0 && string.CompareOrdinal(names[i - 1], names[i]) >= 0)
                return false;
        }

        return true;
    }
}
