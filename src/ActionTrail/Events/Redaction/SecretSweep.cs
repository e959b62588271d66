using System.Buffers;
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
    private static readonly SearchValues<byte> Marks = SearchValues.Create("=: \"\\"u8);

    private const int LongestName = 2 * RedactionRules.MaxNameLength;

    private static ReadOnlySpan<byte> Blanks => " \t\r\n"u8;

    /// <summary>As <see cref="IsSuspect"/>, for one text without its escapes; quicker for short ones.</summary>
    public static bool IsSuspectText(RedactionRules rules, ReadOnlySpan<byte> text) => (text.IndexOfAny(Marks) >= 0 || text.IndexOf("eyJ"u8) >= 0) && IsSuspect(rules, text);

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
        // Bits of the block before: an opening mark, a quote or digit, the last letter of a scheme.
        var (wasOpening, wasClosed, wasScheme) = (1u, 0u, 0u);
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

            var closed = quotes | Vector256.LessThanOrEqual(block - Vector256.Create((byte)'0'), Vector256.Create((byte)9)).ExtractMostSignificantBits();
            for (var marks = Mask(block, (byte)'=') | (colons & ~((closed << 1) | wasClosed)); marks != 0; marks &= marks - 1)
            {
                if (IsSuspectAtSeparator(rules, bytes, at + BitOperations.TrailingZeroCount(marks)))
                    return true;
            }

            var lower = block | Vector256.Create((byte)0x20);
            var scheme = Mask(lower, (byte)'r') | Mask(lower, (byte)'c') | Mask(lower, (byte)'e');
            for (blanks &= (scheme << 1) | wasScheme; blanks != 0; blanks &= blanks - 1)
            {
                if (IsSuspectAtBlank(bytes, at + BitOperations.TrailingZeroCount(blanks)))
                    return true;
            }

            (wasOpening, wasClosed, wasScheme) = (opening >> 31, closed >> 31, scheme >> 31);
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
        var end = bytes[..at].TrimEnd((byte)'\\').Length;
        var start = Math.Max(0, end - LongestName);
        start += bytes[start..end].LastIndexOf((byte)'"') + 1;
        if (!rules.IsSuspect(bytes[start..end], out var kinds))
            return false;
        var behind = bytes[(at + 1)..].TrimStart(Blanks);
        return behind is [(byte)':', ..] ? CanBeSecret(behind[1..].TrimStart(Blanks), kinds) : IsNamePart(rules, bytes[..start]);
    }

    // Numbers, flags and null are no secrets, and objects are only under names that always mean one.
    private static bool CanBeSecret(ReadOnlySpan<byte> value, NameKinds kinds) => value.IsEmpty || value[0] switch
    {
        (byte)'{' => (kinds & NameKinds.Secret) != 0,
        (byte)'t' or (byte)'f' or (byte)'n' or (byte)'-' or (>= (byte)'0' and <= (byte)'9') => false,
        _ => true,
    };

    // A value that is a secret's name matters where it names what stands beside it.
    private static bool IsNamePart(RedactionRules rules, ReadOnlySpan<byte> beforeValue)
    {
        var colon = beforeValue.TrimEnd("\"\\ \t\r\n"u8).Length - 1;
        if (colon < 0 || beforeValue[colon] != ':')
            return false;
        var name = NameBefore.Find(beforeValue, colon);
        return rules.Find(beforeValue[name.Start..name.End]).Is(NameKinds.PairName);
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
        if (at == 0 || (bytes[at] == ':' && bytes[at - 1] is (byte)'"' or (>= (byte)'0' and <= (byte)'9') or (byte)':'))
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
