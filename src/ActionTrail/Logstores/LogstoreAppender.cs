using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;

namespace ActionTrail.Logstores;

/// <summary>
/// Appends to Logstores, each key once: the row of the key, the commit and the partition's new head are one table transaction, so that whoever
/// repeats, races or died finds either all of it or nothing.
/// </summary>
internal sealed class LogstoreAppender(ITableStore tables, IObjectStore objects, CommitLog log)
{
    /// <summary>A lost race means that somebody else appended: with few writers to a Logstore this is far away.</summary>
    private const int MaxLostRaces = 50;

    /// <summary>All commits of a Logstore are in this partition: its writers are few, and one chain is proved fastest.</summary>
    public static PartitionName Partition { get; } = PartitionName.Api(0);

    /// <summary>What was appended under the key, or null.</summary>
    public async Task<Appended?> FindAsync(StoreName store, string key, CancellationToken cancellationToken) =>
        await tables.FindAsync(Tables.Commits, Keys.CommitPartition(store, Partition), Keys.Appended(key), cancellationToken) is { } row
            ? Appended.FromRow(row)
            : null;

    /// <summary>Appends the events unless something was appended under the key before; returns what lies under the key then, which the caller compares.</summary>
    /// <exception cref="StoreException">They may or may not have been appended; repeating is safe.</exception>
    public async Task<Appended> AppendAsync(StoreName store, string owner, string key, AppendedEvents events, CancellationToken cancellationToken)
    {
        using var builder = new SegmentBuilder();
        for (var lostRaces = 0; lostRaces <= MaxLostRaces; lostRaces++)
        {
            if (await FindAsync(store, key, cancellationToken) is { } before)
            {
                await RestoreAsync(store, owner, before, events, builder, cancellationToken);
                return before;
            }

            var head = await log.ReadHeadAsync(store, Partition, cancellationToken);
            var number = head.Last + 1;
            builder.Clear();
            events.AddTo(builder, owner, number);
            using var made = CommitObjects.Build(store, Partition, number, number, builder, []);
            await Task.WhenAll(made.WriteAsync(objects, cancellationToken), log.AnnounceAsync(store, Partition, number, cancellationToken));
            var sha256 = events.Sha256();
            var draft = new CommitDraft { IsAnnounced = true, First = number, Last = number, Count = made.Count, Segment = made.Segment, Mark = new(key, sha256) };
            if (await log.AppendAsync(store, Partition, head, draft, cancellationToken) is { } commit)
                return new(commit.Last, commit.Count, sha256);
        }

        throw new StoreException(StoreErrorKind.Unavailable, $"Lost {MaxLostRaces} races in a row for {store}.");
    }

    /// <summary>Whether what was appended under the key is there: its segment is, or compacted ones hold its events.</summary>
    public async Task<bool> HoldsAsync(StoreName store, string key, CancellationToken cancellationToken) =>
        await FindAsync(store, key, cancellationToken) is { } appended
        && await log.FindCommitAsync(store, Partition, appended.Last, cancellationToken) is { } commit
        && (await log.IsCompactedAsync(commit, cancellationToken) || await objects.FindAsync(Containers.Events, commit.Segment!.Name, cancellationToken) is not null);

    /// <summary>Writes the segment again that a store acknowledged and forgot, as an emulator does that is killed. Its name carries its hash: it is the same or another.</summary>
    private async Task RestoreAsync(StoreName store, string owner, Appended before, AppendedEvents events, SegmentBuilder builder, CancellationToken cancellationToken)
    {
        if (!before.Sha256.AsSpan().SequenceEqual(events.Sha256()) || await log.FindCommitAsync(store, Partition, before.Last, cancellationToken) is not { Segment: { } segment } commit
            || await log.IsCompactedAsync(commit, cancellationToken) || await objects.FindAsync(Containers.Events, segment.Name, cancellationToken) is not null)
            return;
        builder.Clear();
        events.AddTo(builder, owner, before.Last);
        using var made = CommitObjects.Build(store, Partition, before.Last, before.Last, builder, []);
        if (made.Segment!.Name == segment.Name)
            await made.WriteAsync(objects, cancellationToken);
    }
}
