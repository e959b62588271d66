using System.Collections.Concurrent;
using ActionTrail.Layout;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Ingest;

/// <summary>
/// Writes objects again that commits name and the store has lost (an emulator forgets blobs when it is killed while the rows
/// survive), from the messages that the hub delivers once more. It runs only when a batch holds messages that are committed
/// already, so that ordinary ingest pays nothing for it.
/// </summary>
internal sealed class HubRestore(CommitLog log, IObjectStore objects, IAccountAdmission admission, IngestOptions options, IngestBenches benches, ILogger logger)
{
    /// <summary>
    /// Messages at the end of the last delivery that are the beginning of a commit whose objects are missing: the new batch boundaries
    /// need not be the old ones, and the rest comes with the next batch. Log sequence numbers; the bodies are copies.
    /// </summary>
    private readonly ConcurrentDictionary<PartitionName, HubMessage[]> begun = new();

    /// <param name="partition">The partition.</param>
    /// <param name="delivered">Messages that the log holds, ascending, one or more.</param>
    /// <param name="hubBase">What to add to their sequence numbers.</param>
    /// <param name="cancellationToken">Stops the requests.</param>
    /// <returns>How many commits have their objects again.</returns>
    public async Task<int> RestoreAsync(PartitionName partition, ReadOnlyMemory<HubMessage> delivered, long hubBase, CancellationToken cancellationToken)
    {
        var messages = Join(partition, delivered, hubBase);
        var (first, last) = (messages[0].SequenceNumber, messages[^1].SequenceNumber);
        var restored = 0;
        HubMessage[]? beginning = null;
        await foreach (var commit in log.ReadCommitsAsync(StoreName.History, partition, first - 1, cancellationToken))
        {
            if (commit.First > last)
                break;
            if (commit.First < first)
                continue;
            if (!await IsMissingAsync(commit, cancellationToken))
            {
                await ForgiveAsync(commit, cancellationToken);
                continue;
            }

            var covered = messages.Where(m => m.SequenceNumber >= commit.First && m.SequenceNumber <= commit.Last);
            if (commit.Last > last)
            {
                beginning = [.. covered.Select(static m => m with { Body = m.Body.ToArray() })];
                break;
            }

            if (await RebuildAsync(commit, covered, cancellationToken))
                restored++;
        }

        // Only now: when the store failed above, the same batch comes again and needs what was kept before it.
        if (beginning is null)
            begun.TryRemove(partition, out _);
        else
            begun[partition] = beginning;
        return restored;
    }

    private HubMessage[] Join(PartitionName partition, ReadOnlyMemory<HubMessage> delivered, long hubBase)
    {
        HubMessage[] messages = [.. delivered.ToArray().Select(m => m with { SequenceNumber = m.SequenceNumber + hubBase })];
        return begun.TryGetValue(partition, out var earlier) && earlier[^1].SequenceNumber + 1 == messages[0].SequenceNumber
            ? [.. earlier, .. messages]
            : messages;
    }

    /// <summary>The fresh segment of a compacted commit is freed, not lost: written again it would stay for ever.</summary>
    private async Task<bool> IsMissingAsync(Commit commit, CancellationToken cancellationToken) =>
        (commit.Segment is { } segment && await objects.FindAsync(Containers.Events, segment.Name, cancellationToken) is null && !await log.IsCompactedAsync(commit, cancellationToken))
        || (commit.Quarantine is { } quarantine && await objects.FindAsync(Containers.Quarantine, quarantine.Name, cancellationToken) is null);

    private async Task<bool> RebuildAsync(Commit commit, IEnumerable<HubMessage> messages, CancellationToken cancellationToken)
    {
        var bench = benches.Rent();
        try
        {
            foreach (var message in messages)
                bench.Normalize(message.Body.Span, message.OriginAt(commit.Partition, message.SequenceNumber));
            await bench.SettleAccountsAsync(admission, options.CreateAccountsOnSight, cancellationToken);
            using var made = CommitObjects.Build(commit.Store, commit.Partition, commit.First, commit.Last, bench.Builder, bench.Quarantined);
            if (!Same(made.Segment?.Sha256, commit.Segment?.Sha256) || !Same(made.Quarantine?.Sha256, commit.Quarantine?.Sha256))
            {
                logger.CannotRestore(commit.Partition, commit.First, commit.Last);
                return false;
            }

            await made.WriteAsync(objects, withSegment: !await log.IsCompactedAsync(commit, cancellationToken), cancellationToken);
            await ForgiveAsync(commit, cancellationToken);
            logger.Restored(commit.Partition, commit.First, commit.Last);
            return true;
        }
        finally
        {
            benches.Return(bench);
        }
    }

    /// <summary>A repair may have given the commit up before its messages came again.</summary>
    private async Task ForgiveAsync(Commit commit, CancellationToken cancellationToken)
    {
        if (commit.LostAt is not null)
            await log.MarkLostAsync(commit, lostAt: null, cancellationToken);
    }

    private static bool Same(byte[]? made, byte[]? committed) => (made ?? []).AsSpan().SequenceEqual(committed ?? []);
}
