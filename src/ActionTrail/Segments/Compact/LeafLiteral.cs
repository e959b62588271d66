using System.Buffers.Text;

namespace ActionTrail.Segments.Compact;

/// <summary>Texts that stand in one row only: GUIDs, hexadecimal and base64 as their bytes, anything else as it is.</summary>
internal static class LeafLiteral
{
    public const int GuidBytes = 16;
    private const int LeastHex = 8;
    private const int LeastBase64 = 24;
    private const int MostBinary = 1024;

    /// <summary>The code of the text; for all but <see cref="LeafCode.Text"/> its bytes are appended to <paramref name="binary"/>.</summary>
    public static int Write(ReadOnlySpan<byte> text, PooledBytes binary)
    {
        if (text.Length == 36 && text[8] == '-')
            return WriteGuid(text, binary);
        if (text.Length is < LeastHex or > MostBinary)
            return LeafCode.Text;
        if (text.Length % 2 == 0 && IsLowerHex(text))
        {
            Convert.FromHexString(text, binary.GetSpan(text.Length / 2), out _, out var written);
            binary.Advance(written);
            return LeafCode.Hex;
        }

        return text.Length >= LeastBase64 && text.Length % 4 == 0 ? WriteBase64(text, binary) : LeafCode.Text;
    }

    /// <summary>Length of the text of <paramref name="bytes"/> bytes.</summary>
    public static int TextLength(int code, int bytes) => code switch
    {
        LeafCode.GuidLower or LeafCode.GuidUpper => 36,
        LeafCode.Hex => 2 * bytes,
        LeafCode.Base64 => Base64.GetMaxEncodedToUtf8Length(bytes),
        _ => bytes,
    };

    public static void Spell(int code, ReadOnlySpan<byte> bytes, Span<byte> text)
    {
        switch (code)
        {
            case LeafCode.GuidLower or LeafCode.GuidUpper:
                new Guid(bytes, bigEndian: true).TryFormat(text, out _, "D");
                for (var i = 0; code == LeafCode.GuidUpper && i < text.Length; i++)
                    text[i] = text[i] is >= (byte)'a' and <= (byte)'f' ? (byte)(text[i] - 32) : text[i];
                break;
            case LeafCode.Hex:
                Convert.TryToHexStringLower(bytes, text, out _);
                break;
            case LeafCode.Base64:
                Base64.EncodeToUtf8(bytes, text, out _, out _);
                break;
            default:
                bytes.CopyTo(text);
                break;
        }
    }

    private static int WriteGuid(ReadOnlySpan<byte> text, PooledBytes binary)
    {
        if (!Utf8Parser.TryParse(text, out Guid guid, out var consumed, 'D') || consumed != 36)
            return LeafCode.Text;
        var upper = text.IndexOfAnyInRange((byte)'A', (byte)'F') >= 0;
        if (upper && text.IndexOfAnyInRange((byte)'a', (byte)'f') >= 0)
            return LeafCode.Text;
        guid.TryWriteBytes(binary.GetSpan(GuidBytes), bigEndian: true, out _);
        binary.Advance(GuidBytes);
        return upper ? LeafCode.GuidUpper : LeafCode.GuidLower;
    }

    private static bool IsLowerHex(ReadOnlySpan<byte> text)
    {
        foreach (var one in text)
        {
            if (one is not ((>= (byte)'0' and <= (byte)'9') or (>= (byte)'a' and <= (byte)'f')))
                return false;
        }

        return true;
    }

    /// <summary>Only text with capitals, small letters and digits, which decodes and encodes to itself: words of letters are shorter compressed.</summary>
    private static int WriteBase64(ReadOnlySpan<byte> text, PooledBytes binary)
    {
        if (text.IndexOfAnyInRange((byte)'A', (byte)'Z') < 0 || text.IndexOfAnyInRange((byte)'a', (byte)'z') < 0 || text.IndexOfAnyInRange((byte)'0', (byte)'9') < 0)
            return LeafCode.Text;
        var target = binary.GetSpan(text.Length);
        if (Base64.DecodeFromUtf8(text, target, out var consumed, out var written) != System.Buffers.OperationStatus.Done || consumed != text.Length)
            return LeafCode.Text;
        Span<byte> again = stackalloc byte[MostBinary + 8];
        Base64.EncodeToUtf8(target[..written], again, out _, out var length);
        if (!again[..length].SequenceEqual(text))
            return LeafCode.Text;
        binary.Advance(written);
        return LeafCode.Base64;
    }
}
