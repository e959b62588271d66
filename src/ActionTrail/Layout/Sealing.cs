using System.Globalization;
using ActionTrail.Storage;

namespace ActionTrail.Layout;

/// <summary>One extension of the log of commits: row <c>s{to:D20}</c> of table <c>checkpoints</c>, written with the head.</summary>
public sealed record Sealing
{
    /// <summary>Place of its first commit in the log.</summary>
    public required long From { get; init; }

    /// <summary>Size of the log after it.</summary>
    public required long To { get; init; }

    public required DateTimeOffset SealedAt { get; init; }

    /// <summary>The object with its commits and their leaf hashes, in container <c>proofs</c>.</summary>
    public required string Leaves { get; init; }

    /// <summary>Bytes of that object.</summary>
    public required long Length { get; init; }

    /// <summary>Bytes of the list of commits at its beginning.</summary>
    public required int ListLength { get; init; }

    public required byte[] Sha256 { get; init; }

    /// <summary>Per partition the last sequence number that it put into the log.</summary>
    public required IReadOnlyList<(PartitionName Partition, long Through)> Partitions { get; init; }

    public TableRow ToRow(StoreName store) => new TableRow(store.ToString(), SealKeys.Sealing(To))
        .With("From", From).With("To", To).With("SealedAt", SealedAt).With("Leaves", Leaves).With("Length", Length).With("ListLength", ListLength).With("Sha256", Sha256).With("Version", 1)
        .WithText("Partitions", string.Concat(Partitions.Select(static p => string.Create(CultureInfo.InvariantCulture, $"{p.Partition} {p.Through}\n"))));

    /// <exception cref="StoreException">Corrupt: the row is not one that <see cref="ToRow"/> makes.</exception>
    public static Sealing FromRow(TableRow row) => new()
    {
        From = row.Known(1).GetInt64("From"),
        To = row.GetInt64("To"),
        SealedAt = row.GetTime("SealedAt"),
        Leaves = row.GetString("Leaves"),
        Length = row.GetInt64("Length"),
        ListLength = row.GetInt32("ListLength"),
        Sha256 = row.GetBytes("Sha256"),
        Partitions = [.. row.GetLines("Partitions", 2).Select(word => (LongText.Partition(row, "Partitions", word[0]), LongText.Number(row, "Partitions", word[1])))],
    };
}

/// <summary>A checkpoint that was signed: row <c>c{inverted size:D20}</c> of table <c>checkpoints</c>. Written once.</summary>
public sealed record StoredCheckpoint(long Size, byte[] Root, DateTimeOffset SignedAt, string Note)
{
    public TableRow ToRow(StoreName store) => new TableRow(store.ToString(), SealKeys.Checkpoint(Size))
        .With("Size", Size).With("Root", Root).With("SignedAt", SignedAt).With("Note", Note).With("Version", 1);

    /// <exception cref="StoreException">Corrupt: the row is not one that <see cref="ToRow"/> makes.</exception>
    public static StoredCheckpoint FromRow(TableRow row) => new(row.Known(1).GetInt64("Size"), row.GetBytes("Root"), row.GetTime("SignedAt"), row.GetString("Note"));
}

/// <summary>A key that signed checkpoints: row <c>k.{key id}</c> of table <c>checkpoints</c>. Kept for ever.</summary>
/// <param name="Text">Its public half, as whoever verifies is given it.</param>
/// <param name="Since">When it was first used.</param>
public sealed record StoredNoteKey(string Text, DateTimeOffset Since)
{
    public TableRow ToRow(StoreName store, string keyId) => new TableRow(store.ToString(), SealKeys.Key(keyId)).With("Text", Text).With("Since", Since).With("Version", 1);

    /// <exception cref="StoreException">Corrupt: the row is not one that <see cref="ToRow"/> makes.</exception>
    public static StoredNoteKey FromRow(TableRow row) => new(row.Known(1).GetString("Text"), row.GetTime("Since"));
}
