using System.Buffers;

namespace ActionTrail.Access;

/// <summary>The grammar of access key ids and secrets, and how new ones are drawn.</summary>
public static class CredentialText
{
    /// <summary>Characters of a secret.</summary>
    public const int SecretLength = 40;

    private const string IdPrefix = "AT";
    private const int IdRandom = 18;
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const string Base62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private static readonly SearchValues<char> Base32Characters = SearchValues.Create(Base32);

    /// <summary><c>AT</c> and 18 characters of Base32: 90 bits.</summary>
    public static string NewAccessKeyId(IRandomSource random) => IdPrefix + Draw(Base32, IdRandom, random);

    /// <summary>40 characters of Base62: 238 bits.</summary>
    public static string NewSecret(IRandomSource random) => Draw(Base62, SecretLength, random);

    /// <summary>Whether the text could be an access key id.</summary>
    public static bool IsAccessKeyId(string text) => text.Length == IdPrefix.Length + IdRandom
        && text.StartsWith(IdPrefix, StringComparison.Ordinal)
        && text.AsSpan(IdPrefix.Length).IndexOfAnyExcept(Base32Characters) < 0;

    private static string Draw(string alphabet, int length, IRandomSource random)
    {
        // Bytes beyond the largest multiple of the alphabet are thrown away, so that every character is equally likely.
        var limit = 256 - (256 % alphabet.Length);
        var text = new char[length];
        Span<byte> bytes = stackalloc byte[64];
        for (var filled = 0; filled < length;)
        {
            random.Fill(bytes);
            foreach (var one in bytes)
            {
                if (one < limit && filled < length)
                    text[filled++] = alphabet[one % alphabet.Length];
            }
        }

        return new string(text);
    }
}
