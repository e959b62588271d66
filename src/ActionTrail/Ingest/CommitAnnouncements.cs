using System.Collections.Concurrent;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Ingest;

/// <summary>
/// Raises what the registrations of partitions announce. A commit is announced before it is made, so that one query over the registrations tells a reader
/// in which partitions there can be commits that it does not know. An announcement never goes back.
/// </summary>
internal sealed class CommitAnnouncements(ITableStore tables, TimeProvider time)
{
    /// <summary>How often one announcement is tried: each attempt beyond the first means that another writer was faster.</summary>
    private const int Attempts = 10;

    /// <summary>Of these, how many may go without an answer. The storage client has retried each of them already.</summary>
    private const int LostAnswers = 3;

    /// <summary>Registrations as this process left them. A store can go back behind them; their ETags show it.</summary>
    private readonly ConcurrentDictionary<(StoreName, PartitionName), PartitionRegistration> known = new();

    /// <exception cref="StoreException">The announcement may or may not have been written.</exception>
    public async Task WriteAsync(StoreName store, PartitionName partition, long last, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await TryWriteAsync(store, partition, last, cancellationToken);
                return;
            }
            catch (StoreException error) when (error.Kind is StoreErrorKind.Conflict or StoreErrorKind.NotFound or StoreErrorKind.Unavailable)
            {
                known.TryRemove((store, partition), out _);
                if (attempt >= (error.Kind == StoreErrorKind.Unavailable ? LostAnswers : Attempts))
                    throw new StoreException(StoreErrorKind.Unavailable, $"The commit of {partition} up to {last} could not be announced: {error.Message}", error);
            }
        }
    }

    private async Task TryWriteAsync(StoreName store, PartitionName partition, long last, CancellationToken cancellationToken)
    {
        // A registration that is remembered is written even if it was high enough: only its ETag proves that it is still there.
        if (!known.TryGetValue((store, partition), out var registration))
        {
            var row = await tables.FindAsync(Tables.Progress, store.ToString(), Keys.Partition(partition), cancellationToken);
            registration = row is null ? new PartitionRegistration { Partition = partition, RegisteredAt = time.GetUtcNow() } : PartitionRegistration.FromRow(partition, row);
            if (registration.Announced >= last)
                return;
        }

        var raised = registration with { Announced = Math.Max(last, registration.Announced ?? last) };
        var etag = registration.ETag is null
            ? await tables.InsertAsync(Tables.Progress, raised.ToRow(store), cancellationToken)
            : await tables.ReplaceAsync(Tables.Progress, raised.ToRow(store), registration.ETag, cancellationToken);
        known[(store, partition)] = raised with { ETag = etag };
    }
}
