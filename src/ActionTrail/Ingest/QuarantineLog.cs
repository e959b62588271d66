using System.Runtime.CompilerServices;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Ingest;

/// <summary>What went to quarantine: lists it, shows it, and plays it again once its cause is gone. All methods throw <see cref="StoreException"/>.</summary>
public sealed class QuarantineLog(ITableStore tables, IObjectStore objects, ApiIngest api, TimeProvider time)
{
    private readonly CommitLog log = new(tables, time);

    /// <exception cref="ArgumentOutOfRangeException">The limit is not 1 to 1,000.</exception>
    public async Task<QuarantinePage> ListAsync(QuarantineQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1, nameof(query));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, 1000, nameof(query));
        var entries = new List<QuarantineEntry>();
        await foreach (var partition in PartitionsAsync(query, cancellationToken))
        {
            await foreach (var content in ReadAsync(partition, query, cancellationToken))
            {
                if (entries.Count == query.Limit)
                    return new QuarantinePage(entries, entries[^1].Id);
                entries.Add(content.Entry);
            }
        }

        return new QuarantinePage(entries, Next: null);
    }

    /// <summary>The record, or null when there is none under this id (any more: it is purged with its commit).</summary>
    public async Task<QuarantineContent?> FindAsync(QuarantineId id, CancellationToken cancellationToken)
    {
        var key = Keys.CommitPartition(StoreName.History, id.Partition);
        if (await tables.FindAsync(Tables.Commits, key, Keys.Quarantine(id.Last), cancellationToken) is not { } row)
            return null;
        var contents = await ReadCommitAsync(id.Partition, row, cancellationToken);
        return contents.FirstOrDefault(c => c.Entry.Id == id);
    }

    /// <summary>
    /// Judges the record anew, as an operator's event of now, and stores its events. Harmless when done twice: the ids of the events
    /// are their own or derive from their content, and a lookup shows an id once.
    /// </summary>
    /// <returns>The outcome, with the reasons when the record is still bad; null when there is no such record.</returns>
    public async Task<ApiIngestResult?> ReplayAsync(QuarantineId id, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, cancellationToken) is not { } content)
            return null;
        var result = await api.SubmitAsync(new ApiSubmission { AccountId = null, Body = content.Raw }, cancellationToken);
        if (result.IsStored)
            await MarkAsync(id, cancellationToken);
        return result;
    }

    private async Task MarkAsync(QuarantineId id, CancellationToken cancellationToken)
    {
        var mark = new TableRow(Keys.CommitPartition(StoreName.History, id.Partition), Keys.Replay(id.Last, id.Position)).With("ReplayedAt", time.GetUtcNow());
        try
        {
            await tables.InsertAsync(Tables.Quarantine, mark, cancellationToken);
        }
        catch (StoreException error) when (error.Kind == StoreErrorKind.Conflict)
        {
            // Replayed before; the first time stays.
        }
    }

    private async IAsyncEnumerable<PartitionName> PartitionsAsync(QuarantineQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var partition in log.ReadPartitionsAsync(StoreName.History, cancellationToken))
        {
            var isWanted = query.Partition is null || query.Partition == partition;
            var isPassed = query.After is { } after && string.CompareOrdinal(partition.ToString(), after.Partition.ToString()) < 0;
            if (isWanted && !isPassed)
                yield return partition;
        }
    }

    private async IAsyncEnumerable<QuarantineContent> ReadAsync(PartitionName partition, QuarantineQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var after = query.After is { } id && id.Partition == partition ? id : default(QuarantineId?);
        var from = after is not null && !query.NewestFirst ? Keys.Quarantine(after.Value.Last) : Keys.FirstQuarantine;
        var to = after is not null && query.NewestFirst ? Keys.Quarantine(after.Value.Last + 1) : Keys.AfterQuarantine;
        var rows = tables.QueryAsync(Tables.Commits, Keys.CommitPartition(StoreName.History, partition), from, to, cancellationToken);
        await foreach (var row in query.NewestFirst ? BackwardsAsync(rows) : rows)
        {
            var contents = await ReadCommitAsync(partition, row, cancellationToken);
            foreach (var content in query.NewestFirst ? contents.Reverse() : contents)
            {
                var position = content.Entry.Id.Position;
                var isPassed = after is { } passed && content.Entry.Id.Last == passed.Last && (query.NewestFirst ? position >= passed.Position : position <= passed.Position);
                if (!isPassed)
                    yield return content;
            }
        }
    }

    /// <summary>Tables read forwards only; the index has one small row per commit that quarantined.</summary>
    private static async IAsyncEnumerable<TableRow> BackwardsAsync(IAsyncEnumerable<TableRow> rows)
    {
        var all = new List<TableRow>();
        await foreach (var row in rows)
            all.Add(row);
        for (var i = all.Count - 1; i >= 0; i--)
            yield return all[i];
    }

    private async Task<IReadOnlyList<QuarantineContent>> ReadCommitAsync(PartitionName partition, TableRow index, CancellationToken cancellationToken)
    {
        var last = index.GetInt64("Last");
        byte[] content;
        try
        {
            await using var stream = await objects.OpenReadAsync(Containers.Quarantine, index.GetString("Name"), cancellationToken);
            using var whole = new MemoryStream();
            await stream.CopyToAsync(whole, cancellationToken);
            content = whole.ToArray();
        }
        catch (StoreException error) when (error.Kind == StoreErrorKind.NotFound)
        {
            // The purge deletes the object before its row.
            return [];
        }

        var replayed = await ReplayedAsync(partition, last, cancellationToken);
        return [.. QuarantineFormat.Read(content).Select((record, position) => new QuarantineContent(
            new QuarantineEntry
            {
                Id = new QuarantineId(partition, last, position),
                SequenceNumber = record.SequenceNumber,
                Index = record.Index,
                EnqueuedTime = DateTimeOffset.FromUnixTimeMilliseconds(record.EnqueuedTimeMs),
                QuarantinedAt = index.GetTime("CommittedAt"),
                Reason = record.Reason,
                Bytes = record.Raw.Length,
                ReplayedAt = replayed.GetValueOrDefault(Keys.Replay(last, position)),
            },
            record.Raw))];
    }

    private async Task<Dictionary<string, DateTimeOffset?>> ReplayedAsync(PartitionName partition, long last, CancellationToken cancellationToken)
    {
        var marks = new Dictionary<string, DateTimeOffset?>(StringComparer.Ordinal);
        var key = Keys.CommitPartition(StoreName.History, partition);
        await foreach (var row in tables.QueryAsync(Tables.Quarantine, key, Keys.Replay(last, 0), Keys.Replay(last + 1, 0), cancellationToken))
            marks[row.RowKey] = row.FindTime("ReplayedAt");
        return marks;
    }
}
