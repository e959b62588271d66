using System.Buffers.Binary;
using System.Numerics;

namespace ActionTrail.Segments;

/// <summary>Numbers of the format AUD1 that all levels share, and those of level 0. <c>docs/storage-layout.md</c> has every byte.</summary>
internal static class SegmentFormat
{
    public const ushort Major = 1;
    public const ushort Minor = 0;
    public const int HeaderBytes = 32;
    public const int TrailerBytes = 16;
    public const int BlockHeaderBytes = 16;

    /// <summary>Bytes of one entry of the footer: tag u16, reserved u16, length u32, crc u32.</summary>
    public const int SectionEntryBytes = 12;

    /// <summary>Raw bytes that a block is filled to; one larger event gets a block of its own.</summary>
    public const int BlockTargetBytes = 64 * 1024;

    /// <summary>Most raw bytes of a block, so that a forged length cannot ask for more memory than this.</summary>
    public const int MaxBlockBytes = 16 * 1024 * 1024;

    /// <summary>Most bytes of a head that a reader accepts.</summary>
    public const int MaxHeadBytes = 512 * 1024 * 1024;

    /// <summary>Longest account id in UTF-8 bytes.</summary>
    public const int MaxAccountBytes = 255;

    public static ReadOnlySpan<byte> Magic => "AUD1"u8;

    /// <summary>Header: magic, major u16, minor u16, level u8, form u8 (0: rows, 1: shredded), flags u16 (0), rows u32, head offset u64, reserved u32 (0), crc u32 of what precedes.</summary>
    public static void WriteHeader(Span<byte> header, int rows, long headOffset, byte level = 0, byte form = 0)
    {
        header[..HeaderBytes].Clear();
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], Major);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], Minor);
        header[8] = level;
        header[9] = form;
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], rows);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], headOffset);
        BinaryPrimitives.WriteUInt32LittleEndian(header[28..], Crc(header[..28]));
    }

    /// <exception cref="SegmentFormatException">The header is not the one that belongs to such a head.</exception>
    public static void CheckHeader(ReadOnlySpan<byte> header, int rows, long headOffset)
    {
        if (header.Length < HeaderBytes || !header[..4].SequenceEqual(Magic))
            throw new SegmentFormatException("The object does not start with AUD1.");
        CheckMajor(BinaryPrimitives.ReadUInt16LittleEndian(header[4..]));
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[28..]) != Crc(header[..28]))
            throw new SegmentFormatException("The header's checksum is wrong.");
        if (BinaryPrimitives.ReadInt32LittleEndian(header[12..]) != rows || BinaryPrimitives.ReadInt64LittleEndian(header[16..]) != headOffset)
            throw new SegmentFormatException("The header does not belong to this head.");
    }

    public static void CheckMajor(ushort major)
    {
        if (major != Major)
            throw new SegmentFormatException($"Segments of major version {major} are not known here; {Major} is.");
    }

    /// <summary>CRC-32C (Castagnoli), reflected, initial and final value all ones; <paramref name="previous"/> continues an earlier one.</summary>
    public static uint Crc(ReadOnlySpan<byte> data, uint previous = 0)
    {
        var crc = ~previous;
        for (; data.Length >= 8; data = data[8..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
        foreach (var one in data)
            crc = BitOperations.Crc32C(crc, one);
        return ~crc;
    }
}

/// <summary>How the bytes of a block are stored. The numbers are stored: add, never renumber.</summary>
internal enum BlockCodec : byte
{
    Raw = 0,
    Brotli = 1,
}

/// <summary>Tags of the sections of a head. Unknown tags are skipped; attribute <c>n</c> has tag <c>Attribute + n</c>.</summary>
internal enum SectionTag : ushort
{
    Facts = 1,
    Accounts = 2,
    Blocks = 3,
    EventTimes = 4,
    ReceiveTimes = 5,
    SequenceNumbers = 6,
    Indexes = 7,
    Ends = 8,
    EventIds = 9,
    Attribute = 256,
}

/// <summary>How an attribute's section maps rows to value hashes.</summary>
internal enum AttributeLayout : byte
{
    /// <summary>Sorted distinct hashes, one code per row: 0 = absent, n = hash n-1.</summary>
    Codes = 1,

    /// <summary>Sorted distinct hashes, where each row's codes start (one more than rows), codes.</summary>
    CodeLists = 2,

    /// <summary>One hash per row, 0 = absent; smaller when most values are distinct.</summary>
    Hashes = 3,

    /// <summary>Every row's one value is its hash in section EventIds; nothing follows.</summary>
    EventIds = 4,
}
