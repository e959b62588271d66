using System.Numerics;
using System.Runtime.Intrinsics;
using System.Text;

namespace ActionTrail.Events.Redaction;

/// <summary>
/// Whether JSON or text can hold a secret at all: one quick look over the bytes as they are, which errs only on the side of suspicion.
/// Nearly all events end here.
/// </summary>
internal static class SecretSweep
{
    private const int LongestName = 2 * RedactionRules.MaxNameLength;

    public static bool IsSuspect(RedactionRules rules, ReadOnlySpan<byte> bytes) => bytes.IndexOf("eyJ"u8) >= 0 || HasEscapedAscii(bytes) || HasSuspectMark(rules, bytes);

    // An escape such as \u0070 can hide any of what is looked for. Other languages' letters cannot, nor + & < > and /, which many writers escape.
    private static bool HasEscapedAscii(ReadOnlySpan<byte> bytes)
    {
        while (bytes.IndexOf("\\u00"u8) is var at and >= 0 && at + 4 <= bytes.Length)
        {
            bytes = bytes[(at + 4)..];
            if (bytes.Length < 2 || (bytes[0] is >= (byte)'2' and <= (byte)'7'
                && (bytes[0], bytes[1] | 0x20) is not ((byte)'2', 'b' or 'f' or 0x36) and not ((byte)'3', 'c' or 'e')))
                return true;
        }

        return false;
    }

    // Schemes end at a blank, names at a quote, at an equals sign or at a colon. Of the quotes only closing ones count, those that follow no punctuation.
    private static bool HasSuspectMark(RedactionRules rules, ReadOnlySpan<byte> bytes)
    {
        var (wasQuote, wasOpening) = (0u, 1u);
        var at = 0;
        for (; at + Vector256<byte>.Count <= bytes.Length; at += Vector256<byte>.Count)
        {
            var block = Vector256.Create(bytes.Slice(at, Vector256<byte>.Count));
            var quotes = Mask(block, (byte)'"');
            var colons = Mask(block, (byte)':');
            var blanks = Mask(block, (byte)' ');
            var opening = colons | blanks | Mask(block, (byte)',') | Mask(block, (byte)'{') | Mask(block, (byte)'[');
            for (var ends = quotes & ~((opening << 1) | wasOpening); ends != 0; ends &= ends - 1)
            {
                if (IsSuspectAtQuote(rules, bytes, at + BitOperations.TrailingZeroCount(ends)))
                    return true;
            }

            for (var marks = Mask(block, (byte)'=') | (colons & ~((quotes << 1) | wasQuote)); marks != 0; marks &= marks - 1)
            {
                if (IsSuspectAtSeparator(rules, bytes, at + BitOperations.TrailingZeroCount(marks)))
                    return true;
            }

            for (; blanks != 0; blanks &= blanks - 1)
            {
                if (IsSuspectAtBlank(bytes, at + BitOperations.TrailingZeroCount(blanks)))
                    return true;
            }

            (wasQuote, wasOpening) = (quotes >> 31, opening >> 31);
        }

        for (; at < bytes.Length; at++)
        {
            var isSuspect = bytes[at] switch
            {
                (byte)'"' => IsSuspectAtQuote(rules, bytes, at),
                (byte)'=' or (byte)':' => IsSuspectAtSeparator(rules, bytes, at),
                (byte)' ' => IsSuspectAtBlank(bytes, at),
                _ => false,
            };
            if (isSuspect)
                return true;
        }

        return false;
    }

    private static uint Mask(Vector256<byte> block, byte sought) => Vector256.Equals(block, Vector256.Create(sought)).ExtractMostSignificantBits();

    private static bool IsSuspectAtQuote(RedactionRules rules, ReadOnlySpan<byte> bytes, int at)
    {
        if (at == 0 || (bytes[at - 1] != '\\' && !rules.MayEnd(bytes, at)))
            return false;
        var piece = bytes[..at].TrimEnd((byte)'\\');
        piece = piece[Math.Max(0, piece.Length - LongestName)..];
        return rules.IsSuspect(piece[(piece.LastIndexOf((byte)'"') + 1)..]);
    }

    // Bearer, Basic, PRIVATE KEY.
    private static bool IsSuspectAtBlank(ReadOnlySpan<byte> bytes, int at) => at > 4 && (bytes[at - 1] | 0x20) switch
    {
        'r' => Ascii.EqualsIgnoreCase(bytes[(at - 5)..at], "earer"u8),
        'c' => Ascii.EqualsIgnoreCase(bytes[(at - 4)..at], "asic"u8),
        'e' => bytes[(at - 5)..].StartsWith("IVATE KEY"u8),
        _ => false,
    };

    private static bool IsSuspectAtSeparator(RedactionRules rules, ReadOnlySpan<byte> bytes, int at)
    {
        if (at == 0 || bytes[at - 1] is >= (byte)'0' and <= (byte)'9' or (byte)':')
            return false;
        if (bytes[at..].StartsWith("://"u8))
            return SecretShapes.AddressPassword(bytes[(at + 3)..]).Length > 0;
        var word = NameBefore.Find(bytes, at);
        var name = bytes[word.Start..word.End];
        if (word.Start == 0 || bytes[word.Start - 1] != '\\' || name.IsEmpty)
            return rules.IsSuspect(name);
        // What is left of an escape such as \n or \u0026 is not part of the name.
        return rules.IsSuspect(name) || rules.IsSuspect(name[(name[0] == 'u' && name.Length > 5 ? 5 : 1)..]);
    }
}
