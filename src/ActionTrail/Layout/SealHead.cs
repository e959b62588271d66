using System.Globalization;
using ActionTrail.Storage;

namespace ActionTrail.Layout;

/// <summary>How far a partition is in the log of commits: its last commit there and that one's chain link.</summary>
public sealed record SealedPosition(long Last, byte[] Link);

/// <summary>Where the log of commits ends: row <c>head</c> of table <c>checkpoints</c>, replaced under its ETag by every sealing.</summary>
public sealed record SealHead
{
    /// <summary>Bytes of a tile that is full: 256 hashes of 32 bytes.</summary>
    public const int TileBytes = 256 * 32;

    /// <summary>Commits in the log.</summary>
    public long Size { get; init; }

    public DateTimeOffset SealedAt { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>Partitions that have commits in the log.</summary>
    public IReadOnlyDictionary<PartitionName, SealedPosition> Positions { get; init; } = new Dictionary<PartitionName, SealedPosition>();

    /// <summary>Per level, from the leaves up, the hashes of the tile that is not full.</summary>
    public IReadOnlyList<byte[]> Tiles { get; init; } = [];

    /// <summary>Version of the row that was read; null when there is no row yet.</summary>
    public string? ETag { get; init; }

    /// <summary>Whether the commit is in the log.</summary>
    public bool Holds(PartitionName partition, long last) => Positions.TryGetValue(partition, out var position) && last <= position.Last;

    public TableRow ToRow(StoreName store)
    {
        var lines = Positions.OrderBy(static p => p.Key.ToString(), StringComparer.Ordinal)
            .Select(static p => string.Create(CultureInfo.InvariantCulture, $"{p.Key} {p.Value.Last} {Convert.ToHexStringLower(p.Value.Link)}\n"));
        var row = new TableRow(store.ToString(), SealKeys.Head)
            .With("Size", Size).With("SealedAt", SealedAt).With("Levels", Tiles.Count).With("Version", 1)
            .WithText("Positions", string.Concat(lines));
        for (var level = 0; level < Tiles.Count; level++)
            row.With(Tile(level), Tiles[level].Length == 0 ? null : Tiles[level]);
        return row;
    }

    /// <summary>An empty log without a row.</summary>
    /// <exception cref="StoreException">Corrupt: the row is not one that <see cref="ToRow"/> makes.</exception>
    public static SealHead FromRow(TableRow? row)
    {
        if (row is null)
            return new SealHead();
        var (size, tiles) = (row.Known(1).GetInt64("Size"), new List<byte[]>());
        for (var level = 0; level < row.GetInt32("Levels"); level++)
        {
            tiles.Add(row.FindBytes(Tile(level)) ?? []);
            if (tiles[^1].Length != ((size >> (8 * level)) & 255) * 32)
                throw new StoreException(StoreErrorKind.Corrupt, $"Row {row.PartitionKey} / {row.RowKey} has another number of hashes in tile {level} than its size wants.");
        }

        if (size < 0 || size >> (8 * tiles.Count) != 0)
            throw new StoreException(StoreErrorKind.Corrupt, $"Row {row.PartitionKey} / {row.RowKey} has too few tiles for its size.");
        return new SealHead
        {
            Size = size,
            SealedAt = row.GetTime("SealedAt"),
            Positions = row.GetLines("Positions", 3).ToDictionary(
                word => LongText.Partition(row, "Positions", word[0]), word => new SealedPosition(LongText.Number(row, "Positions", word[1]), Hash(row, word[2]))),
            Tiles = tiles,
            ETag = row.ETag,
        };
    }

    private static string Tile(int level) => string.Create(CultureInfo.InvariantCulture, $"Tile{level}");

    private static byte[] Hash(TableRow row, string word)
    {
        var hash = new byte[32];
        return word.Length == 64 && Convert.FromHexString(word, hash, out _, out var written) == System.Buffers.OperationStatus.Done && written == 32
            ? hash
            : throw new StoreException(StoreErrorKind.Corrupt, $"Row {row.PartitionKey} / {row.RowKey}: Positions is malformed.");
    }
}
