namespace ActionTrail.Segments.Compact;

/// <summary>Numbers of the format AUD1, levels 1 and 2. <c>docs/storage-layout.md</c> has every byte.</summary>
internal static class CompactFormat
{
    /// <summary>Header's form byte: bodies are shredded.</summary>
    public const byte Form = 1;

    public const int RowsPerBlock = 64;

    /// <summary>Event bytes that close a block before it has all its rows; one larger event has a block of its own.</summary>
    public const int BlockEventBytes = 1024 * 1024;

    public const int MaxGroupRows = 65_536;

    /// <summary>Bytes that a row group may hold in memory while it is built.</summary>
    public const long MaxGroupBytes = 64L * 1024 * 1024;

    /// <summary>Row groups that make a segment full.</summary>
    public const int FullGroups = 16;

    /// <summary>Most row groups that a reader accepts.</summary>
    public const int MaxGroups = 64;

    /// <summary>Leaves of one event beyond which it is kept as a whole.</summary>
    public const int MaxLeaves = 4096;

    /// <summary>Columns of a row group; leaves of further paths share column 0.</summary>
    public const int MaxColumns = 4096;

    /// <summary>Longest value that enters the dictionary.</summary>
    public const int MaxEntryBytes = 64 * 1024;

    /// <summary>Most raw bytes of one chunk, table or block that a reader inflates.</summary>
    public const int MaxRawBytes = 96 * 1024 * 1024;

    /// <summary>Entries of a dictionary that are inflated together.</summary>
    public const int ChunkEntries = 512;

    /// <summary>Raw bytes that close a chunk of the dictionary early.</summary>
    public const int ChunkBytes = 32 * 1024;

    public const int BlockHeaderBytes = 20;
}

/// <summary>Tags of sections that only levels 1 and 2 have. A section of a row group carries the group's number in its footer entry.</summary>
internal enum CompactTag : ushort
{
    Facts = 32,
    Accounts = 33,
    Origins = 34,
    Group = 40,
    Blocks = 41,
    EventTimes = 42,
    EventIds = 43,
    RowOrigins = 44,
    SequenceOffsets = 45,
    Indexes = 46,
    ReceiveDelays = 47,
    EntryLengths = 48,
    Entries = 49,
    Skeletons = 50,
    Predictors = 51,
    Attribute = 256,
}

/// <summary>How a leaf stands in a block's code stream: from <see cref="Home"/> on, the place in its column's own part of the dictionary.</summary>
internal static class LeafCode
{
    public const int Predicted = 0;
    public const int Text = 1;
    public const int GuidLower = 2;
    public const int GuidUpper = 3;
    public const int Hex = 4;
    public const int Base64 = 5;

    /// <summary>An entry of another column's part; its number follows.</summary>
    public const int Foreign = 6;
    public const int Home = 7;
}

/// <summary>Entries of every dictionary that each row spells in its own way.</summary>
internal static class RowEntry
{
    /// <summary>The row's account id.</summary>
    public const int Account = 0;

    /// <summary>The row's event time as <c>yyyy-MM-ddTHH:mm:ssZ</c>.</summary>
    public const int Seconds = 1;

    /// <summary>The row's event time as <c>yyyy-MM-ddTHH:mm:ss.fffZ</c>.</summary>
    public const int Milliseconds = 2;

    public const int Count = 3;
}

/// <summary>How a compact attribute's section maps rows to the upper 32 bits of value hashes.</summary>
internal enum CompactLayout : byte
{
    Codes = 1,
    CodeLists = 2,
    Hashes = 3,

    /// <summary>The code is a function of another attribute's code.</summary>
    Derived = 4,
}

/// <summary>What foretells the values of a column.</summary>
internal enum PredictorKind : byte
{
    None = 0,

    /// <summary>The same value as the row's leaf before it of another column.</summary>
    Copy = 1,

    /// <summary>A table from the value of a context to the value.</summary>
    Map = 2,
}

/// <summary>Contexts of a map: nothing at all, an attribute's first code, or the row's leaf before it of a column.</summary>
internal static class PredictorContext
{
    public const int Nothing = 0;
    public const int FirstAttribute = 1;
    public const int FirstColumn = FirstAttribute + Attributes;

    /// <summary>Attributes 0 to 15 can foretell columns; those that came later cannot, since the numbers behind are taken.</summary>
    public const int Attributes = 16;
}
