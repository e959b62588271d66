using System.Runtime.CompilerServices;
using ActionTrail.Layout;

namespace ActionTrail.Digests.Validation;

/// <summary>
/// Walks one trail's digests from the newest back, each by what the one after it says. Where the chain is broken it goes on with the next older one
/// that lies there, and says which time nobody covers.
/// </summary>
/// <param name="reader">Proves digests.</param>
/// <param name="listed">The digests that lie there by their names, newest first: a hint where to look, never believed.</param>
/// <param name="container">Where they lie; null when it is not known.</param>
/// <param name="options">How far back.</param>
/// <param name="now">What the newest one is held against.</param>
/// <param name="report">Counts what is right.</param>
internal sealed class DigestWalk(
    DigestReader reader, IReadOnlyList<(string Name, DateTimeOffset End)> listed, string? container, ValidationOptions options, DateTimeOffset now, ValidationReport report)
{
    /// <summary>How long after its end a digest may take to come.</summary>
    private static readonly TimeSpan SealingTime = TimeSpan.FromMinutes(15);

    private readonly HashSet<string> visited = new(StringComparer.Ordinal);
    private readonly List<Finding> findings = [];
    private Digest? newer;

    /// <summary>The newest proved digest; null when none was.</summary>
    public Digest? Newest { get; private set; }

    /// <summary>The oldest proved digest.</summary>
    public Digest? Oldest => newer;

    /// <summary>True when the walk came to a digest that has none before it.</summary>
    public bool ReachedFirst { get; private set; }

    /// <summary>What was found wrong since the last call.</summary>
    public IReadOnlyList<Finding> TakeFindings()
    {
        var taken = findings.ToList();
        findings.Clear();
        return taken;
    }

    public async IAsyncEnumerable<Digest> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        PreviousDigest? expected = null;
        for (var name = listed.Count == 0 ? null : listed[0].Name; name is not null;)
        {
            visited.Add(name);
            var reading = await reader.ReadAsync(name, expected, cancellationToken);
            foreach (var fault in reading.Faults)
                findings.Add(fault);
            if (reading.Digest is { } digest && Follows(digest, name))
            {
                report.Digests++;
                yield return digest;
                expected = digest.Previous;
                ReachedFirst = expected is null;
                if (ReachedFirst || digest.StartTime <= options.Start)
                    break;
                if (container is null || expected!.Container == container)
                {
                    name = expected!.Object;
                    continue;
                }

                report.Pauses.Add($"Digests of {digest.TrailName} up to {DigestTimes.Format(digest.StartTime)} lie in container {expected.Container}.");
                break;
            }

            (expected, name) = (null, NextListed(name));
        }

        if (newer is not null && !ReachedFirst && !(newer.StartTime <= options.Start) && newer.Previous is { } lost && (container is null || lost.Container == container))
            findings.Add(new(FindingKind.Gap, newer.TrailName, $"No digest covers the time before {DigestTimes.Format(newer.StartTime)}, and there was one."));
        foreach (var (name, end) in listed)
        {
            if (!visited.Contains(name) && (newer is null || end > newer.StartTime || ReachedFirst))
                findings.Add(new(FindingKind.Extra, name, "No digest of the chain names this one."));
        }
    }

    /// <summary>Whether a proved digest goes before the one that was proved last; says which time lies open between them.</summary>
    private bool Follows(Digest digest, string name)
    {
        if (newer is null)
        {
            (Newest, newer) = (digest, digest);
            CheckEnd(digest);
            return true;
        }

        if (digest.TrailId != newer.TrailId || digest.AccountId != newer.AccountId || digest.EndTime > newer.StartTime)
        {
            findings.Add(new(FindingKind.Extra, name, "The digest is of another trail, or covers a time that another one covers."));
            return false;
        }

        var isOpen = digest.EndTime < newer.StartTime;
        var isLinked = newer.Previous is { } link && link.Object == digest.Object;
        if (isOpen && isLinked && !digest.IsLogging)
            report.Pauses.Add($"{digest.TrailName} did not log between {DigestTimes.Format(digest.EndTime)} and {DigestTimes.Format(newer.StartTime)}.");
        else if (isOpen)
            findings.Add(new(FindingKind.Gap, digest.TrailName, $"No digest covers {DigestTimes.Format(digest.EndTime)} to {DigestTimes.Format(newer.StartTime)}."));
        newer = digest;
        return true;
    }

    /// <summary>While a trail logs a digest comes with every interval: one that does not was taken away.</summary>
    private void CheckEnd(Digest newest)
    {
        var until = options.End is { } end && end < now ? end : now;
        var interval = newest.EndTime - newest.StartTime;
        if (newest.IsLogging && newest.EndTime + interval + SealingTime < until)
            findings.Add(new(FindingKind.Gap, newest.TrailName, $"No digest covers the time after {DigestTimes.Format(newest.EndTime)}, though the trail logged then."));
    }

    private string? NextListed(string after)
    {
        var limit = newer?.StartTime ?? DateTimeOffset.MaxValue;
        var end = DigestObjectName.TryParse(after, out _, out var named) && named < limit ? named : limit;
        foreach (var one in listed)
        {
            if (!visited.Contains(one.Name) && (one.End < end || (one.End == end && end == limit)))
                return one.Name;
        }

        return null;
    }
}
