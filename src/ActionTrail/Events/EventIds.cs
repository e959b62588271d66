using System.Security.Cryptography;

namespace ActionTrail.Events;

/// <summary>Event ids: 1-128 printable ASCII characters. An event without one gets the id that its own bytes determine.</summary>
internal static class EventIds
{
    public const int MaxLength = 128;

    /// <summary>Length of a derived id: a lower-case GUID.</summary>
    public const int DerivedLength = 36;

    public static bool IsValid(ReadOnlySpan<byte> id) => id.Length is > 0 and <= MaxLength && id.IndexOfAnyExceptInRange((byte)' ', (byte)'~') < 0;

    /// <summary>Writes the first 16 bytes of the SHA-256 of <paramref name="content"/> as lower-case GUID text, 8-4-4-4-12, in the order of the hash.</summary>
    public static void Derive(ReadOnlySpan<byte> content, Span<byte> id)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        var at = 0;
        for (var i = 0; i < 16; i++)
        {
            if (i is 4 or 6 or 8 or 10)
            {
                id[at++] = (byte)'-';
            }

            id[at++] = "0123456789abcdef"u8[hash[i] >> 4];
            id[at++] = "0123456789abcdef"u8[hash[i] & 15];
        }
    }
}
