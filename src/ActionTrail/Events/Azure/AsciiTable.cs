using System.Numerics;
using System.Text;

namespace ActionTrail.Events.Azure;

/// <summary>A fixed table of names whose ASCII letters compare without case (names with others compare exactly), looked up by UTF-8 bytes without making strings.</summary>
internal sealed class AsciiTable<T>
{
    private readonly int[] first;
    private readonly int[] next;
    private readonly byte[][] names;
    private readonly T[] values;

    public AsciiTable(params ReadOnlySpan<(string Name, T Value)> entries)
    {
        first = new int[BitOperations.RoundUpToPowerOf2((uint)(entries.Length * 2) | 1)];
        next = new int[entries.Length];
        names = new byte[entries.Length][];
        values = new T[entries.Length];
        Array.Fill(first, -1);
        for (var i = 0; i < entries.Length; i++)
        {
            names[i] = Encoding.UTF8.GetBytes(entries[i].Name);
            values[i] = entries[i].Value;
            var slot = SlotOf(names[i]);
            next[i] = first[slot];
            first[slot] = i;
        }
    }

    public bool TryFind(ReadOnlySpan<byte> name, out T value)
    {
        if (!name.IsEmpty)
        {
            for (var i = first[SlotOf(name)]; i >= 0; i = next[i])
            {
                if (name.SequenceEqual(names[i]) || Ascii.EqualsIgnoreCase(name, names[i]))
                {
                    value = values[i];
                    return true;
                }
            }
        }

        value = default!;
        return false;
    }

    public bool Has(ReadOnlySpan<byte> name) => TryFind(name, out _);

    private int SlotOf(ReadOnlySpan<byte> name) =>
        ((name.Length * 31) + ((name[0] | 0x20) * 7) + ((name[^1] | 0x20) * 13) + ((name[name.Length / 2] | 0x20) * 67) + ((name[name.Length * 3 / 4] | 0x20) * 131)) & (first.Length - 1);
}
