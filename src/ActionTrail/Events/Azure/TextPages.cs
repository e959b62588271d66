using System.Buffers;
using System.Text.Json;

namespace ActionTrail.Events.Azure;

/// <summary>A piece of the text in <see cref="TextPages"/>; nothing when its length is 0.</summary>
internal readonly record struct TextSlice(int Page, int Start, int Length)
{
    public bool IsEmpty => Length == 0;

    public TextSlice Part(int start, int length) => new(Page, Start + start, length);
}

/// <summary>Text of one record, its unescaped parts included. What is in it never moves until <see cref="Clear"/>, so that it may be read while more is added.</summary>
internal sealed class TextPages
{
    private const int PageBytes = 32 << 10;

    private readonly List<byte[]> pages = [];
    private int used;

    public ReadOnlySpan<byte> this[TextSlice slice] => slice.IsEmpty ? default : pages[slice.Page].AsSpan(slice.Start, slice.Length);

    /// <summary>Drops all text, and all pages beyond the first.</summary>
    public void Clear()
    {
        while (pages.Count > 1 || (pages.Count == 1 && pages[0].Length > 4 * PageBytes))
        {
            ArrayPool<byte>.Shared.Return(pages[^1]);
            pages.RemoveAt(pages.Count - 1);
        }

        used = 0;
    }

    public TextSlice Add(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Room(text.Length));
        return Take(text.Length);
    }

    /// <summary>The text between the quotes of the current string, without escapes.</summary>
    public TextSlice AddString(ref Utf8JsonReader reader) => Take(reader.CopyString(Room(reader.ValueSpan.Length)));

    public TextSlice AddLower(ReadOnlySpan<byte> text)
    {
        ToLower(text, Room(text.Length));
        return Take(text.Length);
    }

    /// <summary>Room for at least that many bytes; what of it is wanted is kept by <see cref="Take"/>.</summary>
    public Span<byte> Room(int bytes)
    {
        if (pages.Count == 0 || pages[^1].Length - used < bytes)
        {
            pages.Add(ArrayPool<byte>.Shared.Rent(Math.Max(bytes, PageBytes)));
            used = 0;
        }

        return pages[^1].AsSpan(used);
    }

    public TextSlice Take(int bytes)
    {
        used += bytes;
        return new(pages.Count - 1, used - bytes, bytes);
    }

    /// <summary>Lower case of the ASCII letters; all other bytes as they are.</summary>
    public static void ToLower(ReadOnlySpan<byte> text, Span<byte> lower)
    {
        for (var i = 0; i < text.Length; i++)
        {
            lower[i] = text[i] is >= (byte)'A' and <= (byte)'Z' ? (byte)(text[i] | 0x20) : text[i];
        }
    }
}
