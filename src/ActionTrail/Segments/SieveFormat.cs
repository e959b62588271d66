using System.Buffers.Binary;
using ActionTrail.Events;
using ActionTrail.Layout;

namespace ActionTrail.Segments;

/// <summary>
/// The bytes of a sieve: a Bloom filter over (attribute, upper 32 bits of a value's hash), cut into pages, so that one small read tells that a segment does not
/// have a value. <c>docs/storage-layout.md</c> has every byte. Each page is bound to its place and to the segment by its checksum.
/// </summary>
internal static class SieveFormat
{
    private const ushort Major = 1;
    private const int BlockWords = 8;
    private const int BlocksPerPage = 16;
    private const int BitsPerKey = 16;
    private const int BitsPerPage = BlocksPerPage * BlockWords * 32;
    private const int CrcBytes = 4;

    private static ReadOnlySpan<byte> Magic => "AUS1"u8;

    private static ReadOnlySpan<uint> Salts => [0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31];

    /// <summary>Pages for so many keys.</summary>
    public static int PagesFor(long keys) => (int)Math.Max(1, ((keys * BitsPerKey) + BitsPerPage - 1) / BitsPerPage);

    /// <summary>The key of a value: SplitMix64's last steps over (attribute + 1) * 2^32 + prefix.</summary>
    public static ulong KeyOf(EventAttribute attribute, uint prefix) => Mix((((ulong)attribute + 1) << 32) | prefix);

    public static int PageOf(ulong key, int pages) => (int)(((key >> 32) * (ulong)pages) >> 32);

    public static void WriteHeader(Span<byte> sieve, int pages, int rows, ReadOnlySpan<byte> segmentSha256)
    {
        sieve[..SieveReference.HeaderBytes].Clear();
        Magic.CopyTo(sieve);
        BinaryPrimitives.WriteUInt16LittleEndian(sieve[4..], Major);
        BinaryPrimitives.WriteInt32LittleEndian(sieve[8..], pages);
        BinaryPrimitives.WriteInt32LittleEndian(sieve[12..], rows);
        segmentSha256.CopyTo(sieve[16..]);
        BinaryPrimitives.WriteUInt32LittleEndian(sieve[60..], SegmentFormat.Crc(sieve[..60]));
    }

    public static void Add(Span<byte> page, ulong key)
    {
        var words = page.Slice(BlockOf(key), BlockWords * 4);
        for (var i = 0; i < BlockWords; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(words[(4 * i)..], BinaryPrimitives.ReadUInt32LittleEndian(words[(4 * i)..]) | Bit(key, i));
    }

    /// <summary>False: no value of the segment has this key.</summary>
    public static bool MayHold(ReadOnlySpan<byte> page, ulong key)
    {
        var words = page.Slice(BlockOf(key), BlockWords * 4);
        for (var i = 0; i < BlockWords; i++)
        {
            if ((BinaryPrimitives.ReadUInt32LittleEndian(words[(4 * i)..]) & Bit(key, i)) == 0)
                return false;
        }

        return true;
    }

    public static void Seal(Span<byte> page, int number, int pages, ReadOnlySpan<byte> segmentSha256) =>
        BinaryPrimitives.WriteUInt32LittleEndian(page, Crc(page, number, pages, segmentSha256));

    /// <exception cref="SegmentFormatException">It is not this page of the segment's sieve.</exception>
    public static void CheckPage(ReadOnlySpan<byte> page, int number, int pages, ReadOnlySpan<byte> segmentSha256)
    {
        if (page.Length != SieveReference.PageBytes || BinaryPrimitives.ReadUInt32LittleEndian(page) != Crc(page, number, pages, segmentSha256))
            throw new SegmentFormatException($"Page {number} is not that of the segment's sieve: its checksum is wrong.");
    }

    private static uint Crc(ReadOnlySpan<byte> page, int number, int pages, ReadOnlySpan<byte> segmentSha256)
    {
        Span<byte> place = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(place, number);
        BinaryPrimitives.WriteInt32LittleEndian(place[4..], pages);
        return SegmentFormat.Crc(page[CrcBytes..], SegmentFormat.Crc(place, SegmentFormat.Crc(segmentSha256)));
    }

    /// <summary>Where the key's block starts in its page.</summary>
    private static int BlockOf(ulong key) => CrcBytes + ((int)(Mix(key) % BlocksPerPage) * BlockWords * 4);

    private static uint Bit(ulong key, int word) => 1u << (int)(((uint)key * Salts[word]) >> 27);

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
