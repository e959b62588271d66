using System.Collections.Concurrent;
using ActionTrail.Layout;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Digests;

/// <summary>A digest, or its signature, that is not in its container and could not be written again.</summary>
public sealed record MissingDigest(string Container, string Object, string Reason);

/// <summary>What a repair of digests found.</summary>
/// <param name="Checked">Sealed digests looked for.</param>
/// <param name="Restored">Digests that were written again, as <c>container/object</c>.</param>
/// <param name="Missing">Digests that were not, and why.</param>
public sealed record DigestRepairReport(long Checked, IReadOnlyList<string> Restored, IReadOnlyList<MissingDigest> Missing);

/// <summary>
/// Writes digests again that are gone from their containers: byte for byte as they were sealed, with the signature of then, out of the service's own copies. A copy whose hash is not the recorded one or
/// that its signature does not prove is not written; nothing is signed. What cannot be restored is named: a gap that shows is worth more than a past made up.
/// </summary>
public sealed class DigestRepair(ITableStore tables, IObjectStore objects, ISigningKeys signing, ILogger<DigestRepair> log)
{
    private const int Parallelism = 8;

    private readonly DigestRecords records = new(tables);
    private readonly DigestCopies copies = new(objects);
    private readonly DigestWriter writer = new(objects, signing);

    /// <param name="since">Only digests sealed at or after this time.</param>
    /// <param name="cancellationToken">Stops between two digests; the next run goes on.</param>
    /// <exception cref="StoreException">Our own store, or the keys, cannot be read. A container that cannot is a reason in the report.</exception>
    public async Task<DigestRepairReport> RunAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        var (seen, absent, folders) = (0L, new List<DigestRow>(), new Dictionary<(string, string), Folder>());
        var (restored, missing) = (new ConcurrentBag<string>(), new ConcurrentBag<MissingDigest>());
        await foreach (var row in records.ScanAsync(cancellationToken))
        {
            if (row.SealedAt is not { } at || at < since)
                continue;
            seen++;
            var folder = (row.Plan.Container, DigestObjectName.FolderOf(row.Plan.Object));
            if (!folders.TryGetValue(folder, out var found))
                folders[folder] = found = await ListAsync(folder.Container, folder.Item2, cancellationToken);
            if (found.Fault is { } fault)
                Miss(row, fault);
            else if (!found.Names.Contains(row.Plan.Object) || !found.Names.Contains(row.Plan.Object + DigestObjectName.SignatureSuffix))
                absent.Add(row);
        }

        var keys = absent.Count == 0 ? [] : await signing.ListAsync(cancellationToken);
        await Parallel.ForEachAsync(absent, new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken }, async (row, token) =>
        {
            if (await RestoreAsync(row, keys, token) is { } reason)
            {
                Miss(row, reason);
            }
            else
            {
                DigestLog.Restored(log, row.Plan.Container, row.Plan.Object);
                restored.Add($"{row.Plan.Container}/{row.Plan.Object}");
            }
        });
        return new(seen, [.. restored.Order(StringComparer.Ordinal)], [.. missing.OrderBy(static one => one.Container + "/" + one.Object, StringComparer.Ordinal)]);

        void Miss(DigestRow row, string reason)
        {
            DigestLog.Missing(log, row.Plan.Container, row.Plan.Object, reason);
            missing.Add(new(row.Plan.Container, row.Plan.Object, reason));
        }
    }

    /// <summary>What lies in a folder. Of one that cannot be read nobody knows what is missing there, and the others do not wait for it.</summary>
    private async Task<Folder> ListAsync(string container, string folder, CancellationToken cancellationToken)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            await foreach (var item in objects.ListAsync(container, folder, cancellationToken))
                names.Add(item.Name);
            return new(names, Fault: null);
        }
        catch (StoreException error)
        {
            return new(names, $"Container {container} cannot be read: {error.Message}");
        }
    }

    /// <summary>Null when the digest is there again; else why it is not.</summary>
    private async Task<string?> RestoreAsync(DigestRow row, IReadOnlyList<SigningKey> keys, CancellationToken cancellationToken)
    {
        if (await copies.FindAsync(row, cancellationToken) is not { } content)
            return "There is no copy of it that has the recorded hash.";
        if (!DigestJson.TryParse(content, out var digest, out var fault))
            return "Its copy cannot be read: " + fault;
        if (keys.FirstOrDefault(key => key.Fingerprint == row.Plan.KeyFingerprint) is not { } key)
            return $"The public key {row.Plan.KeyFingerprint} that proves its signature is not listed any more.";
        if (!key.Verifies(DigestText.ToSign(digest, content), Convert.FromHexString(row.Signature!)))
            return "The recorded signature does not prove its copy.";
        try
        {
            await writer.RestoreAsync(digest, content, row.Signature!, cancellationToken);
            return null;
        }
        catch (DigestConflictException error)
        {
            return error.Message;
        }
        catch (DigestDestinationException error)
        {
            return error.Message;
        }
    }

    private sealed record Folder(HashSet<string> Names, string? Fault);
}
