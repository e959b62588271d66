using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using ActionTrail.Layout;

namespace ActionTrail.Digests.Validation;

/// <summary>
/// Proves delivered files from their digests, offline: keys come from outside, digests are proved before they are believed, then every file they name is
/// hashed, then everything is looked for that none of them names.
/// </summary>
/// <param name="files">A container or a copy of it.</param>
/// <param name="keys">The public keys, from a place that whoever may write to the container cannot write to.</param>
/// <param name="options">What to validate.</param>
/// <param name="time">The clock that the newest digest is held against.</param>
public sealed class LogValidator(IDeliveredFiles files, IReadOnlyList<SigningKey> keys, ValidationOptions options, TimeProvider time)
{
    /// <summary>A file without digest is suspicious when its window ended this long before the newest digest: till then it may have been delivered late.</summary>
    private static readonly TimeSpan LeastLateness = TimeSpan.FromMinutes(10);

    /// <summary>Most files without digest that are hashed to find those that were renamed.</summary>
    private const int MaxRenamed = 10_000;

    private readonly ValidationReport report = new();
    private readonly HashSet<UInt128> digested = [];
    private readonly HashSet<string> reported = new(StringComparer.Ordinal);
    private readonly List<(DigestedFile File, Finding Finding)> missing = [];
    private readonly Dictionary<string, DigestWalk> walks = new(StringComparer.Ordinal);

    /// <summary>What was proved so far, for whoever shows progress.</summary>
    public ValidationReport Report => report;

    public async Task<ValidationReport> RunAsync(CancellationToken cancellationToken)
    {
        var listed = await ListDigestsAsync(cancellationToken);
        if (listed.Count == 0)
            report.Add(new(FindingKind.Gap, options.Trail ?? "", "There are no digests."));
        var results = Channel.CreateBounded<Task<FileResult>>(new BoundedChannelOptions(256) { SingleReader = true, SingleWriter = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var places = new SemaphoreSlim(options.Parallelism);
        var walking = WalkAsync(listed, results.Writer, places, stop.Token);
        try
        {
            // In the order of the digests, whatever is read first: the first finding is the first bad object.
            await foreach (var task in results.Reader.ReadAllAsync(stop.Token))
                Take(await task);
            await walking;
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }

        var extra = await FindExtraAsync(cancellationToken);
        await FindRenamedAsync(extra, cancellationToken);
        return report;
    }

    private async Task<SortedDictionary<string, List<(string Name, DateTimeOffset End)>>> ListDigestsAsync(CancellationToken cancellationToken)
    {
        var listed = new SortedDictionary<string, List<(string Name, DateTimeOffset End)>>(StringComparer.Ordinal);
        await foreach (var name in files.ListAsync(cancellationToken))
        {
            if (!DigestObjectName.TryParse(name, out var mark, out var end) || !IsMeant(name, mark))
                continue;
            if (!listed.TryGetValue(mark, out var digests))
                listed.Add(mark, digests = []);
            digests.Add((name, end));
            digested.Add(Fingerprint(name));
        }

        foreach (var digests in listed.Values)
            digests.Sort(static (a, b) => b.End != a.End ? b.End.CompareTo(a.End) : string.CompareOrdinal(a.Name, b.Name));
        return listed;
    }

    private bool IsMeant(string name, string mark) => options.Trail is null || name.Contains($"_{options.Trail}_{mark}_", StringComparison.Ordinal);

    private async Task WalkAsync(SortedDictionary<string, List<(string Name, DateTimeOffset End)>> listed, ChannelWriter<Task<FileResult>> results, SemaphoreSlim places, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var (mark, digests) in listed)
            {
                var walk = new DigestWalk(new DigestReader(files, keys), digests, files.Container, options, time.GetUtcNow(), report);
                walks.Add(mark, walk);
                await foreach (var digest in walk.RunAsync(cancellationToken))
                {
                    await PassOnAsync(walk, results, cancellationToken);
                    var isAsked = options.End is not { } end || digest.StartTime < end;
                    foreach (var file in digest.Files)
                    {
                        digested.Add(Fingerprint(file.Object));
                        if (file.Container != (files.Container ?? digest.Container))
                            report.Elsewhere++;
                        else if (isAsked)
                            await results.WriteAsync(StartAsync(file, places, cancellationToken), cancellationToken);
                    }
                }

                await PassOnAsync(walk, results, cancellationToken);
                if (walk.Newest is { } newest)
                    report.Trails.Add(new(newest.AccountId, newest.TrailName, newest.TrailId, walk.Oldest!.StartTime, newest.EndTime));
            }

            results.Complete();
        }
        catch (Exception e)
        {
            results.Complete(e);
            throw;
        }
    }

    /// <summary>Findings take the same way as files, so that they come in the order of the digests.</summary>
    private static async Task PassOnAsync(DigestWalk walk, ChannelWriter<Task<FileResult>> results, CancellationToken cancellationToken)
    {
        foreach (var finding in walk.TakeFindings())
            await results.WriteAsync(Task.FromResult(new FileResult(null, finding, 0)), cancellationToken);
    }

    private async Task<FileResult> StartAsync(DigestedFile file, SemaphoreSlim places, CancellationToken cancellationToken)
    {
        await places.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => FileCheck.RunAsync(files, file, options.ContentOnly, cancellationToken), cancellationToken);
        }
        finally
        {
            places.Release();
        }
    }

    private void Take(FileResult result)
    {
        report.Bytes += result.Bytes;
        if (result.Finding is null)
        {
            report.Files++;
            report.Events += result.File!.Events;
            return;
        }

        report.Add(result.Finding);
        reported.Add(result.Finding.Object);
        if (result.Finding.Kind == FindingKind.NotFound && result.File is not null && missing.Count < MaxRenamed)
            missing.Add((result.File, result.Finding));
    }

    /// <summary>Looks at everything that lies there for what no digest names.</summary>
    private async Task<List<Finding>> FindExtraAsync(CancellationToken cancellationToken)
    {
        var extra = new List<Finding>();
        await foreach (var name in files.ListAsync(cancellationToken))
        {
            if (Judge(name) is not { } finding || await CameMeanwhileAsync(finding, cancellationToken))
                continue;
            extra.Add(finding);
            if (extra.Count > MaxRenamed)
                report.Add(finding);
        }

        extra.Sort(static (a, b) => string.CompareOrdinal(a.Object, b.Object));
        foreach (var finding in extra.Take(MaxRenamed))
            report.Add(finding);
        return extra;
    }

    /// <summary>Whether a digest that is missed was only not there yet when the digests were listed: one is sealed while files are proved.</summary>
    private async Task<bool> CameMeanwhileAsync(Finding finding, CancellationToken cancellationToken)
    {
        if (finding.Kind != FindingKind.NotFound || await files.OpenAsync(finding.Object, cancellationToken) is not { } found)
            return false;
        await found.DisposeAsync();
        return true;
    }

    private Finding? Judge(string name)
    {
        if (DigestObjectName.IsInFolder(name))
        {
            var digest = name.EndsWith(DigestObjectName.SignatureSuffix, StringComparison.Ordinal) ? name[..^DigestObjectName.SignatureSuffix.Length] : name;
            if (!DigestObjectName.TryParse(digest, out var of, out _))
                return options.Trail is null ? new(FindingKind.Extra, name, "It is neither a digest nor the signature of one.") : null;
            return digest == name || digested.Contains(Fingerprint(digest)) || !IsMeant(digest, of) || reported.Contains(digest)
                ? null
                : new(FindingKind.NotFound, digest, "The digest is not there, and its signature is.");
        }

        if (!FoundObjectName.IsInFolder(name))
        {
            report.Foreign++;
            return null;
        }

        if (digested.Contains(Fingerprint(name)))
            return null;
        if (!FoundObjectName.TryParse(name, out var mark, out var boundary))
            return options.Trail is null ? new(FindingKind.Extra, name, "It lies among delivered files and has no name of one.") : null;

        // In CloudTrail's layout a name does not tell the trail: then any may yet name it, or be too young to.
        var asked = walks.Where(w => mark.Length == 0 || w.Key == mark).Select(static w => w.Value).Where(static w => w.Newest is not null).ToList();
        if (options.Trail is not null && (mark.Length == 0 || asked.Count == 0))
            return null;
        if (asked.Count == 0)
            return new(FindingKind.Extra, name, "Its trail has no digest that could be proved.");
        if (asked.Exists(w => IsYoung(w.Newest!, boundary) && (boundary > w.Oldest!.StartTime || w.ReachedFirst)))
        {
            report.Waiting++;
            if (report.WaitingFiles.Count < ValidationReport.MaxWaiting)
                report.WaitingFiles.Add(name);
            return null;
        }

        if (asked.Exists(w => boundary > w.Oldest!.StartTime))
            return options.End is { } end && boundary > end ? null : new(FindingKind.Extra, name, "No digest names it: it was put there, or belongs to a delivery that never was completed, or is newer than the newest digest.");
        if (asked.TrueForAll(static w => w.ReachedFirst))
            report.Earlier++;
        return null;
    }

    /// <summary>Whether a file of the window may be named by a digest that is still to come. (One of before the digests that were asked for is named by one of before, as far as anybody knows.)</summary>
    private bool IsYoung(Digest newest, DateTimeOffset boundary)
    {
        if (!newest.IsLogging && time.GetUtcNow() > newest.EndTime + TimeSpan.FromDays(1))
            return false;
        var lateness = 2 * (newest.EndTime - newest.StartTime);
        return boundary > newest.EndTime - (lateness > LeastLateness ? lateness : LeastLateness);
    }

    /// <summary>A missing file and one too many with the same content are one that was renamed.</summary>
    private async Task FindRenamedAsync(List<Finding> extra, CancellationToken cancellationToken)
    {
        if (missing.Count == 0)
            return;
        foreach (var one in extra.Take(MaxRenamed))
        {
            if (await FileCheck.HashBothAsync(files, one.Object, cancellationToken) is not var (stored, content))
                continue;
            var at = missing.FindIndex(m => m.File.StoredHash == stored || m.File.Hash == content);
            if (at < 0)
                continue;
            report.Replace(missing[at].Finding, new(FindingKind.Moved, missing[at].File.Object, $"It lies at {one.Object}."), one);
            missing.RemoveAt(at);
        }
    }

    /// <summary>Stands for a name in a set of millions; nobody finds two names with one.</summary>
    private static UInt128 Fingerprint(string name)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(name), hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
