using ActionTrail.Layout;

namespace ActionTrail.Proofs;

/// <summary>That an event is in a commit, and the commit in the log as a checkpoint has it. Everything in it but the event's own hash is hashes, a time and numbers.</summary>
public sealed record EventProof
{
    /// <summary>SHA-256 of 0x00 and the event's bytes.</summary>
    public required byte[] LeafHash { get; init; }

    /// <summary>Place of the event in its commit, from 0.</summary>
    public required long Index { get; init; }

    /// <summary>Number of events in the commit.</summary>
    public required int Count { get; init; }

    /// <summary>From the event up to the root of its commit.</summary>
    public required IReadOnlyList<byte[]> Path { get; init; }

    public required DateTimeOffset CommittedAt { get; init; }

    /// <summary>The commit's link in the chain of its partition.</summary>
    public required byte[] Link { get; init; }

    /// <summary>Place of the commit in the log, from 0.</summary>
    public required long LogIndex { get; init; }

    /// <summary>Size of the log that the proof leads to.</summary>
    public required long LogSize { get; init; }

    /// <summary>From the commit up to the root of the log.</summary>
    public required IReadOnlyList<byte[]> LogPath { get; init; }

    /// <summary>The root of the log that follows from the leaf hash; null when the paths do not have the lengths that places and sizes want.</summary>
    public byte[]? Root()
    {
        if (LeafHash.Length != MerkleTree.HashBytes || Link.Length != MerkleTree.HashBytes || MerkleTree.RootOf(Index, Count, LeafHash, Path) is not { } root)
            return null;
        return MerkleTree.RootOf(LogIndex, LogSize, MerkleTree.LeafHash(SealedCommit.LeafOf(CommittedAt, Link, Count, root)), LogPath);
    }

    /// <summary>Why the proof does not show that the event was in the log of the checkpoint; null when it does.</summary>
    /// <param name="event">The event's bytes as they are stored.</param>
    /// <param name="checkpoint">A checkpoint whose signature was verified.</param>
    public string? FaultWith(ReadOnlySpan<byte> @event, Checkpoint checkpoint)
    {
        if (!MerkleTree.LeafHash(@event).AsSpan().SequenceEqual(LeafHash))
            return "The event is not the one that the proof is for: its bytes have another hash.";
        if (LogSize != checkpoint.Size)
            return FormattableString.Invariant($"The proof leads to the log of size {LogSize}; the checkpoint is of size {checkpoint.Size}.");
        if (Root() is not { } root)
            return "The proof is malformed: its paths do not fit its places and sizes.";
        return root.AsSpan().SequenceEqual(checkpoint.Root) ? null : "The proof leads to another root than the checkpoint's: the event is not in this log as the proof says.";
    }
}
