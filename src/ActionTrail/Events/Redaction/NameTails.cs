using System.Buffers.Binary;

namespace ActionTrail.Events.Redaction;

/// <summary>A small filter over the last letters of names: says no at once for almost all names that are not in it, and never for one that is.</summary>
internal sealed class NameTails
{
    private const int Length = 6;
    private const ulong Letters = 0x0000_FFFF_FFFF_FFFF;
    private const ulong Lower = 0x0000_2020_2020_2020;

    private readonly ulong[] bits = new ulong[128];
    private readonly bool[] shortEnds = new bool[256];

    /// <summary>Adds a name in its normal form.</summary>
    public void Add(ReadOnlySpan<byte> name)
    {
        if (name.Length < Length)
        {
            shortEnds[name[^1]] = true;
            return;
        }

        Span<byte> eight = stackalloc byte[8];
        name[^Length..].CopyTo(eight);
        var hash = Hash(BinaryPrimitives.ReadUInt64LittleEndian(eight) | Lower);
        bits[hash >> 6] |= 1UL << (int)(hash & 63);
    }

    /// <summary>Whether a name that was added can end right before the position.</summary>
    public bool MayEnd(ReadOnlySpan<byte> bytes, int at)
    {
        if (at >= 8)
        {
            var eight = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(at - 8)..]) >> 16;
            if (!HasAny(eight))
                return MayBe(eight | Lower);
        }

        return MayEndSlowly(bytes, at);
    }

    private bool MayBe(ulong six)
    {
        var hash = Hash(six);
        return ((bits[hash >> 6] >> (int)(hash & 63)) & 1) != 0;
    }

    // _ and - are skipped when names are compared; a quote within reach means that the name is short.
    private bool MayEndSlowly(ReadOnlySpan<byte> bytes, int at)
    {
        var six = 0UL;
        var taken = 0;
        var last = (byte)0;
        for (; at > 0 && taken < Length; at--)
        {
            var one = bytes[at - 1];
            if (one is (byte)'_' or (byte)'-')
                continue;
            if (one == '"')
                break;
            last = taken == 0 ? (byte)(one | 0x20) : last;
            taken++;
            six |= (ulong)one << (8 * (Length - taken));
        }

        return taken < Length ? taken > 1 && shortEnds[last] : MayBe(six | Lower);
    }

    // Whether a byte is _, - or a quote; now and then yes without one.
    private static bool HasAny(ulong six) => HasByte(six, 0x0000_5F5F_5F5F_5F5F) || HasByte(six, 0x0000_2D2D_2D2D_2D2D) || HasByte(six, 0x0000_2222_2222_2222);

    private static bool HasByte(ulong six, ulong same)
    {
        var zero = (six ^ same) | ~Letters;
        return ((zero - 0x0101_0101_0101_0101) & ~zero & 0x8080_8080_8080_8080) != 0;
    }

    private static uint Hash(ulong six) => (uint)((six * 0x9E37_79B9_7F4A_7C15) >> 51);
}
