using System.Globalization;

namespace ActionTrail.Layout;

/// <summary>
/// Keys and names of the log of commits and its checkpoints. Table <c>checkpoints</c>, PK <c>{store}</c>: RK <see cref="Head"/>, <c>s{to:D20}</c> (a sealing),
/// <c>p.{partition}.{through:D20}</c> (which sealing holds a commit), <c>c{inverted size:D20}</c> (a checkpoint), <c>k.{key id}</c> (a key that signed). Container <c>proofs</c>: leaf hashes and tiles.
/// </summary>
public static class SealKeys
{
    /// <summary>Row key of the log's head.</summary>
    public const string Head = "head";

    /// <summary>Bounds of the rows of sealings, of checkpoints and of keys.</summary>
    public const string AfterSealings = "t";

    public const string AfterCheckpoints = "d";

    public const string FirstKey = "k.";

    public const string AfterKeys = "k/";

    /// <summary>The sealing that made the log <paramref name="to"/> commits long.</summary>
    public static string Sealing(long to) => string.Create(CultureInfo.InvariantCulture, $"s{to:D20}");

    /// <summary>The checkpoint of this size; larger ones come before it.</summary>
    public static string Checkpoint(long size) => string.Create(CultureInfo.InvariantCulture, $"c{long.MaxValue - size:D20}");

    public static string Key(string keyId) => FirstKey + keyId;

    /// <summary>The commits of the partition behind the one of the row before, through sequence number <paramref name="through"/>.</summary>
    public static string Commits(PartitionName partition, long through) => string.Create(CultureInfo.InvariantCulture, $"p.{partition}.{through:D20}");

    /// <summary>Upper bound of the rows of a partition that <see cref="Commits"/> names.</summary>
    public static string AfterCommits(PartitionName partition) => $"p.{partition}/";

    /// <summary>Prefix of the leaf hashes of all sealings.</summary>
    public static string LeavesPrefix(StoreName store) => $"{store}/leaves/";

    /// <summary>Name of the leaf hashes of the commits that the sealing put at <paramref name="from"/> to before <paramref name="to"/>; the hash is the first 16 hexadecimal digits of the content's SHA-256.</summary>
    public static string Leaves(StoreName store, long from, long to, ReadOnlySpan<byte> sha256) =>
        string.Create(CultureInfo.InvariantCulture, $"{LeavesPrefix(store)}{from:D20}-{to:D20}-{Convert.ToHexStringLower(sha256[..8])}");

    /// <summary>Name of tile <paramref name="number"/> of a level, which is full; the hash is the first 16 hexadecimal digits of the root of its 256 hashes.</summary>
    public static string Tile(StoreName store, int level, long number, ReadOnlySpan<byte> root) =>
        string.Create(CultureInfo.InvariantCulture, $"{store}/tiles/{level}/{number:D20}-{Convert.ToHexStringLower(root[..8])}");

    /// <summary>The end of the sealing that a name made by <see cref="Leaves"/> belongs to; false for any other name.</summary>
    public static bool TryParseLeaves(string name, out long to)
    {
        to = 0;
        var file = name.AsSpan(name.LastIndexOf('/') + 1);
        return file.Length == 58 && file[20] == '-' && file[41] == '-' && long.TryParse(file[21..41], NumberStyles.None, CultureInfo.InvariantCulture, out to);
    }
}
