using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Functions.Rest;

/// <summary>One thing that the app cannot do without, and whether it answered.</summary>
internal sealed record DependencyCheck(string Name, bool IsOk);

/// <summary>
/// Whether tables, blobs and queues answer. Anybody may ask, so asking is cheap: one look serves everybody for a while, and callers at the same time share it.
/// </summary>
internal sealed class Readiness(ITableStore tables, IObjectStore objects, IWorkQueue queues, TimeProvider time)
{
    /// <summary>Most time for one dependency.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How long an answer is good for.</summary>
    public static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private Task<IReadOnlyList<DependencyCheck>>? look;
    private long lookedAt;

    /// <summary>What the latest look saw. The look goes on when its first caller hangs up: others may wait for it.</summary>
    public Task<IReadOnlyList<DependencyCheck>> CheckAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (look is null || (look.IsCompleted && time.GetElapsedTime(lookedAt) >= GoodFor))
            {
                lookedAt = time.GetTimestamp();
                look = LookAsync();
            }

            return look.WaitAsync(cancellationToken);
        }
    }

    private async Task<IReadOnlyList<DependencyCheck>> LookAsync() => await Task.WhenAll(
        AskAsync("tables", token => tables.FindAsync(Tables.Progress, StoreName.History.ToString(), "ready", token)),
        AskAsync("blobs", token => objects.ContainerExistsAsync(Containers.Events, token)),
        AskAsync("queues", token => queues.CountAsync(Queues.DeliverBlob, token)));

    private async Task<DependencyCheck> AskAsync(string name, Func<CancellationToken, Task> ask)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            // WaitAsync: a store that does not heed the token shall not hold the answer either.
            await ask(patience.Token).WaitAsync(patience.Token);
            return new(name, IsOk: true);
        }
        catch (Exception e) when (e is StoreException or OperationCanceledException)
        {
            return new(name, IsOk: false);
        }
    }
}
