using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using ActionTrail.Directories;
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
    public async IAsyncEnumerable<DueEvent> ReadAsync(DeliveryWindow window, Trail trail, Coverage coverage, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var due = new List<Commit>();
        await foreach (var commit in ReadCommitsAsync(window, cancellationToken))
        {
            if (commit.LostAt is null && commit.Segment is not null && trail.LoggedAt(commit.CommittedAt))
                due.Add(commit);
        }

        await foreach (var one in ReadAsync(due, trail, coverage, cancellationToken))
            yield return one;
    }

    /// <summary>The events of commits that are due, which are in the order of the log within their partitions.</summary>
    /// <exception cref="WindowExpiredException">A segment was purged.</exception>
    public async IAsyncEnumerable<DueEvent> ReadAsync(List<Commit> due, Trail trail, Coverage coverage, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var selection = new EventSelection(trail);
        foreach (var account in coverage.Of(trail))
        {
            await foreach (var one in ReadAccountAsync(due, account, selection, cancellationToken))
                yield return one;
        }
    }

    private async IAsyncEnumerable<DueEvent> ReadAccountAsync(
        List<Commit> due, CoveredAccount account, EventSelection selection, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var hash = Hash64.Of(account.Account);
        var seen = new HashSet<UInt128>();
        var regions = new HashSet<string>(StringComparer.Ordinal);
        foreach (var commit in due)
        {
            if (!commit.MayHold(hash) || !account.At(commit.CommittedAt))
                continue;
            await foreach (var stored in ReadSegmentAsync(commit, account.Account, cancellationToken))
            {
                var traits = EventTraits.Read(stored.Body.Span, selection.IsWide);
                if (!selection.Takes(traits) || (traits.EventId is { } id && !seen.Add(Digest(id, stored.EventTimeMs))))
                    continue;
                var region = DeliveredObjectName.RegionFolder(traits.Region);
                if (!regions.Contains(region) && regions.Count == MaxRegions)
                    region = DeliveredObjectName.OtherRegions;
                else
                    regions.Add(region);
                yield return new(stored, region);
            }
        }
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

    private async IAsyncEnumerable<StoredEvent> ReadSegmentAsync(Commit commit, string account, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var isThere = true;
        CommitPlace? last = null;
        await using (var events = segments.ReadAccountAsync(commit.Segment!, account, cancellationToken).GetAsyncEnumerator(cancellationToken))
        {
            while (true)
            {
                try
                {
                    if (!await events.MoveNextAsync())
                        break;
                }
                catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound)
                {
                    isThere = false;
                    break;
                }

                yield return events.Current;
                last = CommitPlace.Of(events.Current);
            }
        }

        if (isThere)
            yield break;
        await foreach (var one in compacted.ReadAsync(commit, account, last, cancellationToken))
            yield return one;
    }

    private static WindowExpiredException Gone(WindowRange range) =>
        new($"Commits {range.From + 1}..{range.To} of partition {range.Partition} are no longer all in the log.");

    /// <summary>
    /// 128 bits of SHA-256 over event time and event id: no two events of a window share them, and a set of them is small. The time belongs to it:
    /// an event sent again under the same id with another time is another record, here as in lookups (ADR 0008).
    /// </summary>
    private static UInt128 Digest(string eventId, long eventTimeMs)
    {
        Span<byte> hash = stackalloc byte[32];
        var length = sizeof(long) + Encoding.UTF8.GetMaxByteCount(eventId.Length);
        Span<byte> input = length <= 512 ? stackalloc byte[512] : new byte[length];
        BinaryPrimitives.WriteInt64LittleEndian(input, eventTimeMs);
        var end = sizeof(long) + Encoding.UTF8.GetBytes(eventId, input[sizeof(long)..]);
        SHA256.HashData(input[..end], hash);
        return MemoryMarshal.Read<UInt128>(hash);
    }
}
