using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ActionTrail.Access;

/// <summary>User name and password of an <c>Authorization: Basic</c> header (RFC 7617, UTF-8).</summary>
public readonly record struct BasicCredentials(string UserName, string Password)
{
    /// <summary>Most characters of the whole header value.</summary>
    private const int MaxLength = 1024;

    /// <summary>False when the header is absent, of another scheme, not Base64, not UTF-8 or without a colon.</summary>
    public static bool TryParse([NotNullWhen(true)] string? header, out BasicCredentials credentials)
    {
        credentials = default;
        const string scheme = "Basic ";
        if (header is null || header.Length > MaxLength || !header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            return false;
        var bytes = new byte[MaxLength];
        if (!Convert.TryFromBase64String(header[scheme.Length..].Trim(), bytes, out var length))
            return false;
        string text;
        try
        {
            text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes, 0, length);
        }
        catch (DecoderFallbackException)
        {
            return false;
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            return false;
        credentials = new BasicCredentials(text[..colon], text[(colon + 1)..]);
        return true;
    }

    /// <summary>The user name only: a password must not reach a log.</summary>
    public override string ToString() => UserName;
}
