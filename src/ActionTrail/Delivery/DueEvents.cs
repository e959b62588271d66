using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;
using ActionTrail.Trails;

namespace ActionTrail.Delivery;

/// <summary>The window asks for commits that retention has purged. Ends the attempt; becomes <see cref="DeliveryCategory.Expired"/>.</summary>
internal sealed class WindowExpiredException(string message) : Exception(message);

/// <summary>
/// The events of a window that a frozen trail is due, in one order: account, partition, commit, then the rows of the account as the segment
/// holds them (event time, event id, sequence number, index). A function of the log and the frozen trail alone, as long as fresh segments are
/// there. When they are freed the same events come out of compacted ones in the same order, but for copies of events of earlier windows.
/// </summary>
internal sealed class DueEvents(ITableStore tables, CommitLog commits, SegmentSource segments)
{
    private readonly CompactedCommits compacted = new(new CompactionLog(tables), segments);

    /// <summary>Most regions that one window tells apart for an account; events of further ones go to <see cref="DeliveredObjectName.OtherRegions"/>. Each open region costs a compressor.</summary>
    private const int MaxRegions = 64;

    /// <exception cref="WindowExpiredException">Commits or segments of the window were purged.</exception>
    public IAsyncEnumerable<DueEvent> ReadAsync(DeliveryWindow window, Trail trail, Coverage coverage, CancellationToken cancellationToken) =>
        ReadAsync(token => FindAsync(window, trail, token), trail, coverage, cancellationToken);

    /// <summary>The events of commits that are due, which are in the order of the log within their partitions.</summary>
    /// <exception cref="WindowExpiredException">A segment was purged.</exception>
    public IAsyncEnumerable<DueEvent> ReadAsync(List<Commit> due, Trail trail, Coverage coverage, CancellationToken cancellationToken) =>
        ReadAsync(_ => Task.FromResult(due), trail, coverage, cancellationToken);

    /// <summary>One enumerator whatever the way to an event: each further one between costs as much as finding out whether the event is due.</summary>
    private async IAsyncEnumerable<DueEvent> ReadAsync(
        Func<CancellationToken, Task<List<Commit>>> find, Trail trail, Coverage coverage, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var due = await find(cancellationToken);
        var selection = new EventSelection(trail);
        foreach (var account in coverage.Of(trail))
        {
            var (hash, choice) = (Hash64.Of(account.Account), new Choice(selection));
            foreach (var commit in due)
            {
                if (!commit.MayHold(hash) || !account.At(commit.CommittedAt))
                    continue;

                // 1. The fresh segment, as long as it is there.
                var isThere = true;
                StoredEvent? last = null;
                await using (var runs = segments.ReadRunsAsync(commit.Segment!, account.Account, cancellationToken).GetAsyncEnumerator(cancellationToken))
                {
                    while (true)
                    {
                        try
                        {
                            if (!await runs.MoveNextAsync())
                                break;
                        }
                        catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound)
                        {
                            isThere = false;
                            break;
                        }

                        var run = runs.Current;
                        for (var i = 0; i < run.Count; i++)
                        {
                            if (choice.RegionOf(run.Body(i).Span, run.EventTimeMs(i)) is { } region)
                                yield return new(run[i], region);
                        }

                        last = run[run.Count - 1];
                    }
                }

                if (isThere)
                    continue;

                // 2. What is left of it, from the compacted ones.
                await foreach (var stored in compacted.ReadAsync(commit, account.Account, last is { } done ? CommitPlace.Of(done) : null, cancellationToken))
                {
                    if (choice.RegionOf(stored.Body.Span, stored.EventTimeMs) is { } region)
                        yield return new(stored, region);
                }
            }
        }
    }

    private async Task<List<Commit>> FindAsync(DeliveryWindow window, Trail trail, CancellationToken cancellationToken)
    {
        var due = new List<Commit>();
        await foreach (var commit in ReadCommitsAsync(window, cancellationToken))
        {
            if (commit.LostAt is null && commit.Segment is not null && trail.LoggedAt(commit.CommittedAt))
                due.Add(commit);
        }

        return due;
    }

    private async IAsyncEnumerable<Commit> ReadCommitsAsync(DeliveryWindow window, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var range in window.Ranges)
        {
            var reached = range.From;
            await foreach (var commit in commits.ReadCommitsAsync(window.Store, range.Partition, range.From, cancellationToken))
            {
                if (commit.Last > range.To)
                    break;
                if (commit.Previous != reached)
                    throw Gone(range);
                reached = commit.Last;
                yield return commit;
            }

            if (reached != range.To)
                throw Gone(range);
        }
    }

    private static WindowExpiredException Gone(WindowRange range) =>
        new($"Commits {range.From + 1}..{range.To} of partition {range.Partition} are no longer all in the log.");

    /// <summary>Which events of one account are due, and under which region.</summary>
    private sealed class Choice(EventSelection selection)
    {
        private readonly TraitReader reader = new(selection);
        private readonly HashSet<UInt128> seen = [];
        private readonly Dictionary<string, string> folders = new(StringComparer.Ordinal);
        private readonly HashSet<string> regions = new(StringComparer.Ordinal);

        /// <summary>Null when the trail does not take the event, or had a copy of it.</summary>
        public string? RegionOf(ReadOnlySpan<byte> body, long eventTimeMs)
        {
            var traits = reader.Read(body, out var eventId);
            if (!selection.Takes(traits) || (!eventId.IsEmpty && !seen.Add(Digest(eventId, eventTimeMs))))
                return null;
            var region = traits.Region ?? "";
            if (folders.TryGetValue(region, out var folder))
                return folder;
            folder = FolderOf(traits.Region);
            if (folders.Count < 16 * MaxRegions)
                folders[region] = folder;
            return folder;
        }

        private string FolderOf(string? region)
        {
            var folder = DeliveredObjectName.RegionFolder(region);
            if (regions.Contains(folder))
                return folder;
            if (regions.Count == MaxRegions)
                return DeliveredObjectName.OtherRegions;
            regions.Add(folder);
            return folder;
        }

        /// <summary>
        /// 128 bits of SHA-256 over event time and event id: no two events of a window share them, and a set of them is small. The time belongs to it:
        /// an event sent again under the same id with another time is another record, here as in lookups (ADR 0008).
        /// </summary>
        private static UInt128 Digest(ReadOnlySpan<byte> eventId, long eventTimeMs)
        {
            Span<byte> hash = stackalloc byte[32];
            var length = sizeof(long) + eventId.Length;
            Span<byte> input = length <= 512 ? stackalloc byte[512] : new byte[length];
            BinaryPrimitives.WriteInt64LittleEndian(input, eventTimeMs);
            eventId.CopyTo(input[sizeof(long)..]);
            SHA256.HashData(input[..length], hash);
            return MemoryMarshal.Read<UInt128>(hash);
        }
    }
}
