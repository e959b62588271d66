using System.Globalization;

namespace ActionTrail.Generator;

/// <summary>Identifiers derived from numbers, written as ASCII bytes; each returns the bytes written.</summary>
internal static class Ids
{
    /// <summary>32 hex digits in the groups of a GUID, marked as version 4.</summary>
    public static ReadOnlySpan<byte> Guid(Span<byte> destination, ulong high, ulong low, bool upper)
    {
        high = (high & ~0xF000UL) | 0x4000;
        low = (low & ~(3UL << 62)) | (1UL << 63);
        var digits = upper ? "0123456789ABCDEF"u8 : "0123456789abcdef"u8;
        var at = 0;
        for (var i = 0; i < 32; i++)
        {
            if (i is 8 or 12 or 16 or 20)
                destination[at++] = (byte)'-';
            var word = i < 16 ? high : low;
            destination[at++] = digits[(int)(word >> (60 - (4 * (i & 15)))) & 15];
        }
        return destination[..at];
    }

    /// <summary><paramref name="prefix"/> and <paramref name="count"/> characters of <paramref name="alphabet"/>.</summary>
    public static ReadOnlySpan<byte> Text(Span<byte> destination, ReadOnlySpan<byte> prefix, ulong seed, int count, ReadOnlySpan<byte> alphabet)
    {
        prefix.CopyTo(destination);
        var at = prefix.Length;
        var word = 0UL;
        for (var i = 0; i < count; i++)
        {
            if (i % 10 == 0)
                word = seed = Chance.Mix(seed + 1);
            destination[at++] = alphabet[(int)(word % (uint)alphabet.Length)];
            word /= (uint)alphabet.Length;
        }
        return destination[..at];
    }

    public static ReadOnlySpan<byte> Base36 => "0123456789abcdefghijklmnopqrstuvwxyz"u8;

    public static ReadOnlySpan<byte> Base62 => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8;

    /// <summary>A principal id: 18 digits, the first not zero.</summary>
    public static ReadOnlySpan<byte> Principal(Span<byte> destination, ulong seed) => Text(destination, "2"u8, seed, 17, "0123456789"u8);

    /// <summary>A public address that belongs to nobody in particular; stays clear of private and special ranges.</summary>
    public static ReadOnlySpan<byte> Address(Span<byte> destination, ulong seed)
    {
        ReadOnlySpan<byte> first = [8, 39, 42, 47, 59, 61, 101, 106, 112, 116, 120, 121, 139, 182, 203, 218];
        var at = 0;
        for (var i = 0; i < 4; i++)
        {
            if (i > 0)
                destination[at++] = (byte)'.';
            var part = i == 0 ? first[(int)(seed & 15)] : 1 + (int)((seed >> (8 * i)) & 0xFF) % 254;
            part.TryFormat(destination[at..], out var written, default, CultureInfo.InvariantCulture);
            at += written;
        }
        return destination[..at];
    }
}
