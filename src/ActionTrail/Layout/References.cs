using ActionTrail.Storage;

namespace ActionTrail.Layout;

/// <summary>Where a segment lies and what a reader needs to open it with one ranged read of its head.</summary>
/// <param name="Name">Object name in container <c>events</c>.</param>
/// <param name="Length">Bytes of the whole object.</param>
/// <param name="HeadOffset">Where the head starts; it ends with the object.</param>
/// <param name="Sha256">SHA-256 of the whole object.</param>
/// <param name="MinEventTimeMs">Oldest event time, Unix milliseconds.</param>
/// <param name="MaxEventTimeMs">Newest event time, Unix milliseconds.</param>
/// <param name="Accounts">Which accounts may be in it.</param>
public sealed record SegmentReference(string Name, long Length, long HeadOffset, byte[] Sha256, long MinEventTimeMs, long MaxEventTimeMs, AccountSummary Accounts)
{
    /// <summary>The segment's sieve; null when it has none, as every fresh one.</summary>
    public SieveReference? Sieve { get; init; }

    internal void WriteTo(TableRow row) => row
        .With("Segment", Name).With("Length", Length).With("HeadOffset", HeadOffset).With("Sha256", Sha256)
        .With("MinEventTimeMs", MinEventTimeMs).With("MaxEventTimeMs", MaxEventTimeMs).With("Accounts", Accounts.ToBytes())
        .With("Sieve", Sieve?.Name).With("SievePages", Sieve?.Pages);

    internal static SegmentReference? ReadFrom(TableRow row) => row.FindString("Segment") is not { } name ? null : new SegmentReference(
        name, row.GetInt64("Length"), row.GetInt64("HeadOffset"), row.GetBytes("Sha256"),
        row.GetInt64("MinEventTimeMs"), row.GetInt64("MaxEventTimeMs"), AccountSummary.FromBytes(row.FindBytes("Accounts")))
    { Sieve = SieveReference.ReadFrom(row) };
}

/// <summary>Where the quarantined records of a commit lie.</summary>
/// <param name="Name">Object name in container <c>quarantine</c>.</param>
/// <param name="Sha256">SHA-256 of the whole object.</param>
/// <param name="Count">Number of records in it.</param>
public sealed record QuarantineReference(string Name, byte[] Sha256, int Count)
{
    internal void WriteTo(TableRow row) => row.With("Quarantine", Name).With("QuarantineSha256", Sha256).With("QuarantineCount", Count);

    internal static QuarantineReference? ReadFrom(TableRow row) => row.FindString("Quarantine") is not { } name ? null
        : new QuarantineReference(name, row.GetBytes("QuarantineSha256"), row.GetInt32("QuarantineCount"));
}
