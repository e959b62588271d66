using System.Text;
using System.Text.Json;

namespace ActionTrail.Events;

/// <summary>One JSON value where it stands in its record: nothing is copied. The default is an absent value. The JSON must be valid, in UTF-8, without half surrogates.</summary>
internal readonly ref struct JsonSlice(ReadOnlySpan<byte> raw)
{
    /// <summary>The bytes of the value, quotes included; empty when absent.</summary>
    public ReadOnlySpan<byte> Raw { get; } = raw;

    /// <summary>Not there, or null.</summary>
    public bool IsAbsent => Raw.IsEmpty || Raw[0] == 'n';

    public bool IsObject => !Raw.IsEmpty && Raw[0] == '{';

    public bool IsArray => !Raw.IsEmpty && Raw[0] == '[';

    public bool IsString => !Raw.IsEmpty && Raw[0] == '"';

    public bool IsTrue => !Raw.IsEmpty && Raw[0] == 't';

    public bool IsFalse => !Raw.IsEmpty && Raw[0] == 'f';

    /// <summary>A string that is not empty, a number or a flag.</summary>
    public bool HasText => IsString ? Raw.Length > 2 : !(IsAbsent || IsObject || IsArray);

    /// <summary>What stands between the quotes of a string, escapes and all; numbers and flags as they stand; else empty.</summary>
    public ReadOnlySpan<byte> Inner => !HasText ? default : IsString ? Raw[1..^1] : Raw;

    /// <summary>Unescaped text of a string, number or flag; else empty. Allocates only where there are escapes.</summary>
    public ReadOnlySpan<byte> Utf8
    {
        get
        {
            var inner = Inner;
            if (!IsString || inner.IndexOf((byte)'\\') < 0)
            {
                return inner;
            }

            var reader = new Utf8JsonReader(Raw);
            reader.Read();
            return Encoding.UTF8.GetBytes(reader.GetString()!);
        }
    }

    /// <summary>This value when it has text, else the other.</summary>
    public JsonSlice Or(JsonSlice other) => HasText ? this : other;

    /// <summary>Whether the text of this value is exactly <paramref name="text"/>.</summary>
    public bool Is(ReadOnlySpan<byte> text) => HasText && Utf8.SequenceEqual(text);

    public override string ToString() => Encoding.UTF8.GetString(Utf8);
}
