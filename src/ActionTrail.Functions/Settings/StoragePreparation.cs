using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Functions.Settings;

/// <summary>Makes the tables, containers and queues that are missing, before the port opens.</summary>
internal sealed class StoragePreparation(ITableStore tables, IObjectStore objects, IWorkQueue queues)
{
    /// <summary>Most time for all of it: less than the host waits for the port.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    /// <exception cref="StoreException">The storage account cannot be reached or refuses.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var work = new List<Task>();
        work.AddRange(Tables.All.Select(table => tables.CreateTableAsync(table, cancellationToken)));
        work.AddRange(Containers.All.Select(container => objects.CreateContainerAsync(container, cancellationToken)));
        work.AddRange(Queues.All.Select(queue => queues.CreateQueueAsync(queue, cancellationToken)));
        await Task.WhenAll(work);
    }
}
