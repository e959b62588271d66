using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace ActionTrail.Events;

/// <summary>
/// Where the members of one JSON object stand. One instance is filled again for each record; it never throws, and time and memory grow
/// with the members only. A name that is asked for and stands there twice is noted in <see cref="Repeated"/>, whichever escapes spell it.
/// </summary>
internal sealed class ObjectIndex
{
    private const int KeptSlots = 1024;

    private Slot[] slots = new Slot[32];
    private int count;
    private string pointer = "";

    /// <summary>JSON pointer to a member that was asked for and stands there twice; null when there was none since the last read.</summary>
    public string? Repeated { get; private set; }

    /// <summary>Reads an object; anything else has no members.</summary>
    /// <param name="json">One valid JSON value, or nothing.</param>
    /// <param name="pointer">JSON pointer to it, for <see cref="Repeated"/>.</param>
    public Members Read(ReadOnlySpan<byte> json, string pointer)
    {
        this.pointer = pointer;
        Repeated = null;
        count = 0;
        if (slots.Length > KeptSlots)
        {
            slots = new Slot[32];
        }

        if (!json.IsEmpty && json[0] == '{')
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 1000 });
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var slot = new Slot { NameStart = (int)reader.TokenStartIndex, NameLength = reader.ValueSpan.Length + 2, IsEscaped = reader.ValueIsEscaped };
                reader.Read();
                slot.ValueStart = (int)reader.TokenStartIndex;
                reader.Skip();
                slot.ValueLength = (int)reader.BytesConsumed - slot.ValueStart;
                if (count == slots.Length)
                {
                    Array.Resize(ref slots, 2 * count);
                }

                slots[count++] = slot;
            }
        }

        return new Members(json, this);
    }

    [StructLayout(LayoutKind.Auto)]
    private struct Slot
    {
        public int NameStart;
        public int NameLength;
        public bool IsEscaped;
        public int ValueStart;
        public int ValueLength;
    }

    /// <summary>The members of the object read last; stands until the next read.</summary>
    public readonly ref struct Members(ReadOnlySpan<byte> json, ObjectIndex index)
    {
        private readonly ReadOnlySpan<byte> json = json;

        public int Count => index.count;

        /// <summary>The first member of that name; absent when there is none.</summary>
        public JsonSlice this[ReadOnlySpan<byte> name]
        {
            get
            {
                var found = -1;
                for (var i = 0; i < index.count; i++)
                {
                    ref readonly var slot = ref index.slots[i];
                    if (slot.IsEscaped ? !NameAt(i).Is(name) : slot.NameLength != name.Length + 2 || !json.Slice(slot.NameStart + 1, name.Length).SequenceEqual(name))
                    {
                        continue;
                    }

                    if (found >= 0)
                    {
                        index.Repeated ??= $"{index.pointer}/{Encoding.UTF8.GetString(name)}";
                        break;
                    }

                    found = i;
                }

                return found < 0 ? default : ValueAt(found);
            }
        }

        /// <summary>The name of the member at a position, in the order of the object.</summary>
        public JsonSlice NameAt(int position) => new(json.Slice(index.slots[position].NameStart, index.slots[position].NameLength));

        public JsonSlice ValueAt(int position) => new(json.Slice(index.slots[position].ValueStart, index.slots[position].ValueLength));
    }
}
