using ActionTrail.Ingest;
using ActionTrail.Layout;

namespace ActionTrail.Delivery;

/// <summary>The commits that no window holds yet, one cursor per partition, read as they are needed.</summary>
internal sealed class CommitCursors : IAsyncDisposable
{
    // Sorted, so that the ranges of a window are the same whoever cuts it.
    private readonly SortedDictionary<string, IAsyncEnumerator<Commit>> cursors = new(StringComparer.Ordinal);

    private CommitCursors()
    {
    }

    /// <summary>When the oldest of these commits was made; null when there is none.</summary>
    public DateTimeOffset? Earliest => cursors.Count == 0 ? null : cursors.Values.Min(static c => c.Current.CommittedAt);

    public static async Task<CommitCursors> OpenAsync(CommitLog commits, StoreName store, WindowHead head, CancellationToken cancellationToken)
    {
        var opened = new CommitCursors();
        try
        {
            await foreach (var partition in commits.ReadPartitionsAsync(store, cancellationToken))
            {
                var cursor = commits.ReadCommitsAsync(store, partition, head.To(partition), cancellationToken).GetAsyncEnumerator(cancellationToken);
                opened.cursors.Add(partition.ToString(), cursor);
                await opened.AdvanceAsync(cursor, partition);
            }

            return opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    /// <summary>Moves past every commit made before <paramref name="end"/>: the ranges of one window. Times rise within a partition.</summary>
    public async Task<IReadOnlyList<WindowRange>> TakeBeforeAsync(DateTimeOffset end, WindowHead head)
    {
        var ranges = new List<WindowRange>();
        foreach (var (name, cursor) in cursors.ToList())
        {
            var partition = PartitionName.Parse(name);
            var to = -1L;
            while (cursors.ContainsKey(name) && cursor.Current.CommittedAt < end)
            {
                to = cursor.Current.Last;
                await AdvanceAsync(cursor, partition);
            }

            if (to >= 0)
                ranges.Add(new(partition, head.To(partition), to));
        }

        return ranges;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var cursor in cursors.Values)
            await cursor.DisposeAsync();
        cursors.Clear();
    }

    private async Task AdvanceAsync(IAsyncEnumerator<Commit> cursor, PartitionName partition)
    {
        if (await cursor.MoveNextAsync())
            return;
        cursors.Remove(partition.ToString());
        await cursor.DisposeAsync();
    }
}
