using System.Buffers;

namespace ActionTrail.Events.Redaction;

/// <summary>What a value under a secret's name looks like: what is left alone, and what passes for key material.</summary>
internal static class SecretValues
{
    private const int ShortestKey = 20;

    private static readonly SearchValues<byte> KeyBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-.~%"u8);

    private static readonly byte[][] Nothing = Words("true false null none nil undefined n/a required optional");

    private static readonly byte[][] Masked = Words(
        "hidden_due_to_security_reasons redacted masked hidden removed omitted filtered sensitive obfuscated securestring secureobject");

    // Addresses of secrets in a vault: names, not secrets.
    private static readonly byte[][] References =
    [
        "arn:"u8.ToArray(), "acs:"u8.ToArray(), "projects/"u8.ToArray(), "/subscriptions/"u8.ToArray(), "@microsoft.keyvault("u8.ToArray(),
        "{{resolve:"u8.ToArray(), "//secretmanager.googleapis.com/"u8.ToArray(),
    ];

    /// <summary>Values that are no secret under any name: empty, <c>true</c>, masked before, the address of a secret in a vault.</summary>
    public static bool IsHarmless(ReadOnlySpan<byte> text)
    {
        text = text.Trim(" \t\r\n"u8);
        return text.IndexOfAnyExcept((byte)'*') < 0 || IsOneOf(text, Nothing) || IsOneOf(text.Trim("[]<>(){}*"u8), Masked) || IsReference(text);
    }

    /// <summary>Whether a text could be generated key material: long, unbroken, letters and digits mixed, no id.</summary>
    public static bool IsKeyMaterial(ReadOnlySpan<byte> text) => text.Length >= ShortestKey
        && text.IndexOfAnyExcept(KeyBytes) < 0
        && text.IndexOfAnyInRange((byte)'0', (byte)'9') >= 0
        && (text.IndexOfAnyInRange((byte)'a', (byte)'z') >= 0 || text.IndexOfAnyInRange((byte)'A', (byte)'Z') >= 0)
        && !IsGuid(text) && !IsHarmless(text);

    private static bool IsReference(ReadOnlySpan<byte> text)
    {
        foreach (var start in References)
        {
            if (text.Length > start.Length && System.Text.Ascii.EqualsIgnoreCase(text[..start.Length], start))
                return true;
        }

        return text.StartsWith("https://"u8) && text.IndexOf(".vault."u8) is > 0 and < 64 && !text.Contains((byte)'?') && text.IndexOfAny(" \";"u8) < 0;
    }

    private static bool IsGuid(ReadOnlySpan<byte> text)
    {
        if (text.Length != 36)
            return false;
        for (var i = 0; i < text.Length; i++)
        {
            if (i is 8 or 13 or 18 or 23 ? text[i] != '-' : !char.IsAsciiHexDigit((char)text[i]))
                return false;
        }

        return true;
    }

    private static bool IsOneOf(ReadOnlySpan<byte> text, byte[][] words)
    {
        foreach (var word in words)
        {
            if (System.Text.Ascii.EqualsIgnoreCase(text, word))
                return true;
        }

        return false;
    }

    private static byte[][] Words(string words) => [.. words.Split(' ').Select(System.Text.Encoding.ASCII.GetBytes)];
}
