using System.Text.Json;

namespace ActionTrail.Events;

/// <summary>The record that a mapped event was made from: its last member, <c>originalRecord</c>, cut out by position so that no byte changes.</summary>
/// <remarks>Only in the last place: a publisher's field of that name among others is a field like any other.</remarks>
public readonly record struct OriginalRecord
{
    private OriginalRecord(int nameStart, int start, int end) => (NameStart, Start, End) = (nameStart, start, end);

    private int NameStart { get; }

    private int Start { get; }

    private int End { get; }

    /// <summary>Finds the original of a stored event; null when it has none.</summary>
    /// <param name="body">A stored event: one JSON object, UTF-8.</param>
    /// <exception cref="JsonException">The body is no JSON.</exception>
    public static OriginalRecord? Find(ReadOnlySpan<byte> body)
    {
        if (body.IndexOf("\"originalRecord\""u8) < 0)
            return null;
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 1000 });
        reader.Read();
        OriginalRecord? last = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var nameStart = (int)reader.TokenStartIndex;
            var isOriginal = reader.ValueTextEquals("originalRecord"u8);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            last = isOriginal ? new OriginalRecord(nameStart, start, (int)reader.BytesConsumed) : null;
        }

        return last;
    }

    /// <summary>The original's own bytes.</summary>
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> body) => body[Start..End];

    /// <inheritdoc cref="Of(ReadOnlySpan{byte})"/>
    public ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> body) => body[Start..End];

    /// <summary>The event without its original; all other bytes as they were.</summary>
    public byte[] Without(ReadOnlySpan<byte> body)
    {
        var kept = body[..NameStart].TrimEnd(" \t\r\n"u8);
        return [.. kept.EndsWith(","u8) ? kept[..^1] : kept, .. body[End..]];
    }
}
