using ActionTrail.Cli.Connection;
using ActionTrail.Proofs;

namespace ActionTrail.Cli.Proofs;

/// <summary>Whether the log of a newer checkpoint continues that of an older one.</summary>
internal static class CheckpointProof
{
    /// <param name="older">A checkpoint whose signature was verified.</param>
    /// <param name="newer">Another one.</param>
    /// <param name="path">The proof that is given.</param>
    /// <returns>Why it does not; null when it does.</returns>
    public static string? FaultOf(Checkpoint older, Checkpoint newer, IReadOnlyList<byte[]> path)
    {
        if (older.Origin != newer.Origin)
            return $"They are of two logs: {older.Origin} and {newer.Origin}.";
        if (newer.Size < older.Size)
            return FormattableString.Invariant($"The newer log has {newer.Size} commits and the older one {older.Size}: its newest end was cut off, or the files are exchanged.");
        if (newer.Size == older.Size)
            return newer.Root.AsSpan().SequenceEqual(older.Root) ? null : "Two logs of one size with different roots: history was rewritten.";
        if (older.Size == 0)
            return null;
        return MerkleTree.IsConsistent(older.Size, older.Root, newer.Size, newer.Root, path)
            ? null
            : "The newer log is no continuation of the older one: a commit that was sealed was changed, removed or put elsewhere.";
    }

    /// <summary>The path that the service, or a file, gives for the two; empty where none is needed. <paramref name="root"/>: what lies above the checkpoints, as <c>v1/</c>.</summary>
    public static async Task<IReadOnlyList<byte[]>> ReadPathAsync(Func<ApiClient> open, string root, string? file, Checkpoint older, Checkpoint newer, CancellationToken cancellationToken)
    {
        if (older.Size == 0 || newer.Size <= older.Size)
            return [];
        byte[] content;
        if (file is not null)
        {
            content = ProofFiles.Read(file, ProofJson.MaxBytes);
        }
        else
        {
            using var api = open();
            content = await ProofFiles.FetchAsync(api, FormattableString.Invariant($"{root}checkpoints/{older.Size}/consistency/{newer.Size}"), cancellationToken);
        }

        try
        {
            var (from, to, path) = ProofJson.ReadConsistency(content);
            return (from, to) == (older.Size, newer.Size)
                ? path
                : throw new CliException(ExitCode.Damaged, FormattableString.Invariant($"The proof is for sizes {from} and {to}; the checkpoints have {older.Size} and {newer.Size}."));
        }
        catch (FormatException e)
        {
            throw new CliException(ExitCode.Damaged, e.Message);
        }
    }
}
