using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace ActionTrail.Events;

/// <summary>Text of the current JSON token without its escapes; one pooled buffer, valid until the next call.</summary>
internal sealed class JsonText
{
    private byte[] buffer = [];

    /// <summary>Unescaped UTF-8 of the current string or property name; false when it holds half of a surrogate pair, or escapes among bytes that are no UTF-8.</summary>
    public bool TryRead(ref Utf8JsonReader reader, out ReadOnlySpan<byte> text)
    {
        text = reader.ValueSpan;
        if (!reader.ValueIsEscaped)
        {
            return true;
        }

        if (HasLoneSurrogate(text) || !Utf8.IsValid(text))
        {
            text = default;
            return false;
        }

        if (buffer.Length < text.Length)
        {
            Return();
            buffer = ArrayPool<byte>.Shared.Rent(text.Length);
        }

        text = buffer.AsSpan(0, reader.CopyString(buffer));
        return true;
    }

    /// <summary>Gives the buffer back when it has grown beyond what common events need.</summary>
    public void Shrink()
    {
        if (buffer.Length > 1 << 16)
        {
            Return();
        }
    }

    /// <summary>Whether JSON text holds a <c>\uD800</c>-<c>\uDFFF</c> escape that is no half of a proper pair.</summary>
    public static bool HasLoneSurrogate(ReadOnlySpan<byte> json)
    {
        while (json.IndexOf((byte)'\\') is var at and >= 0 && at + 1 < json.Length)
        {
            json = json[at..];
            if (json[1] != 'u')
            {
                json = json[2..];
                continue;
            }

            var unit = Unit(json);
            if (unit is >= 0xDC00 and <= 0xDFFF || (unit is >= 0xD800 and <= 0xDBFF && Unit(json[6..]) is not (>= 0xDC00 and <= 0xDFFF)))
            {
                return true;
            }

            json = unit is >= 0xD800 and <= 0xDBFF ? json[12..] : json[Math.Min(6, json.Length)..];
        }

        return false;
    }

    // The UTF-16 unit that the escape at the start names; -1 when there is none.
    private static int Unit(ReadOnlySpan<byte> json)
    {
        if (json.Length < 6 || json[0] != '\\' || json[1] != 'u')
        {
            return -1;
        }

        var unit = 0;
        foreach (var one in json[2..6])
        {
            if (!char.IsAsciiHexDigit((char)one))
            {
                return -1;
            }

            unit = (unit << 4) | (one <= '9' ? one - '0' : (one | 0x20) - 'a' + 10);
        }

        return unit;
    }

    private void Return()
    {
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = [];
        }
    }
}
