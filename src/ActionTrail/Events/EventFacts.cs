using ActionTrail.Layout;

namespace ActionTrail.Events;

/// <summary>
/// What the system needs to know of one event: account, time, and the <see cref="Hash64"/> of each attribute value. One instance
/// is filled again and again on the hot path; whoever keeps facts copies them.
/// </summary>
public sealed class EventFacts
{
    /// <summary>Most attribute values of one event that are indexed. An event with more is refused to the index, not cut: see <see cref="Add(EventAttribute, ulong)"/>.</summary>
    public const int MaxValues = 1024;

    private readonly ulong[] hashes = new ulong[MaxValues];
    private readonly EventAttribute[] attributes = new EventAttribute[MaxValues];

    public string AccountId { get; set; } = "";

    /// <summary>Event time in Unix milliseconds, UTC.</summary>
    public long EventTimeMs { get; set; }

    /// <summary>How many attribute values there are; index them with <see cref="this[int]"/>.</summary>
    public int ValueCount { get; private set; }

    /// <summary>The attribute value at <paramref name="index"/>, in the order added.</summary>
    public (EventAttribute Attribute, ulong Hash) this[int index] => (attributes[index], hashes[index]);

    public void Clear()
    {
        AccountId = "";
        EventTimeMs = 0;
        ValueCount = 0;
    }

    /// <summary>Adds a value given as its unescaped UTF-8 bytes. Empty values and repeats are left out; false when full.</summary>
    public bool Add(EventAttribute attribute, ReadOnlySpan<byte> utf8) => utf8.IsEmpty || Add(attribute, Hash64.Of(utf8));

    /// <summary>Adds a value by its hash. Repeats are left out; false when there are <see cref="MaxValues"/> already.</summary>
    public bool Add(EventAttribute attribute, ulong hash)
    {
        for (var i = 0; i < ValueCount; i++)
        {
            if (hashes[i] == hash && attributes[i] == attribute)
            {
                return true;
            }
        }

        if (ValueCount == MaxValues)
        {
            return false;
        }

        attributes[ValueCount] = attribute;
        hashes[ValueCount++] = hash;
        return true;
    }

    /// <summary>The hash of the first value of an attribute, or null when it is absent.</summary>
    public ulong? Find(EventAttribute attribute)
    {
        for (var i = 0; i < ValueCount; i++)
        {
            if (attributes[i] == attribute)
            {
                return hashes[i];
            }
        }

        return null;
    }
}
