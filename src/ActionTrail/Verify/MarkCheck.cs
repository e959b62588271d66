using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Verify;

/// <summary>
/// Holds the marks of a partition against its commits: a key is appended once, each mark names a commit that says the same, and each commit that was appended under a key has its
/// mark. Logstores are appended to under keys alone. A Logstore may have millions of commits: of each only hashes are kept.
/// </summary>
internal sealed class MarkCheck(ITableStore tables, CommitLog log, StoreName store, PartitionName partition, VerifyReport report)
{
    private readonly Dictionary<UInt128, (long Last, UInt128 Content)> byKey = [];
    private readonly string partitionKey = Keys.CommitPartition(store, partition);

    public void Add(Commit commit, string name)
    {
        if (commit.Mark is not { } mark)
        {
            if (store.IsLogstore)
                report.Add(name, "The commit was not appended under a key, and nothing else is appended to a Logstore.");
        }
        else if (!byKey.TryAdd(Short(mark.Key), (commit.Last, ContentOf(commit.Count, mark.Sha256))))
        {
            report.Add(name, $"The commit appends {mark.Key}, which commit {byKey[Short(mark.Key)].Last} has appended: it is there twice.");
        }
    }

    /// <summary>After the last commit.</summary>
    /// <param name="purged">Commits up to it may be deleted, and their marks.</param>
    /// <param name="cancellationToken">Stops the requests.</param>
    public async Task CheckAsync(long purged, CancellationToken cancellationToken)
    {
        await foreach (var row in tables.QueryAsync(Tables.Commits, partitionKey, Keys.FirstAppended, Keys.AfterAppended, cancellationToken))
        {
            var (key, name) = (row.RowKey[Keys.FirstAppended.Length..], $"{Tables.Commits}/{partitionKey}/{row.RowKey}");
            try
            {
                await CheckAsync(Appended.FromRow(row), key, name, purged, cancellationToken);
            }
            catch (StoreException error) when (error.Kind == StoreErrorKind.Corrupt)
            {
                report.Add(name, error.Message);
            }
        }

        foreach (var (last, _) in byKey.Values.OrderBy(static one => one.Last))
            report.Add($"{Tables.Commits}/{partitionKey}/{Keys.Commit(last)}", "The mark of what the commit has appended is missing: it could be appended once more.");
    }

    private async Task CheckAsync(Appended mark, string key, string name, long purged, CancellationToken cancellationToken)
    {
        if (!byKey.Remove(Short(key), out var found))
        {
            if (mark.Last <= purged)
                return;

            // The commit may have been made since the commits were read, with its mark.
            if (await log.FindCommitAsync(store, partition, mark.Last, cancellationToken) is not { Mark: { } own } commit || own.Key != key)
            {
                report.Add(name, $"The mark says that commit {mark.Last} holds what was appended under its key, and it does not.");
                return;
            }

            found = (commit.Last, ContentOf(commit.Count, own.Sha256));
        }

        if (mark.Last != found.Last)
            report.Add(name, $"The mark names commit {mark.Last}; commit {found.Last} was appended under its key.");
        else if (found.Content != ContentOf(mark.Count, mark.Sha256) && found.Content != ContentOf(mark.Count, sha256: null))
            report.Add(name, $"The mark names other events than those of commit {mark.Last}, which was appended under its key.");
    }

    /// <summary>Commits of version 1 do not know the hash of what they append.</summary>
    private static UInt128 ContentOf(int count, byte[]? sha256) => Short(string.Create(CultureInfo.InvariantCulture, $"{count} {(sha256 is null ? "" : Convert.ToHexStringLower(sha256))}"));

    private static UInt128 Short(string text) => BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
