using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Compaction;

/// <summary>The row by which a run tells ingestion that compaction is behind: there while it is, so that a store that keeps up costs no write.</summary>
internal sealed class BacklogNotice(ITableStore tables, TimeProvider time, CompactionOptions options, StoreName store)
{
    private bool? isGiven;

    public async Task GiveAsync(Backlog backlog, CancellationToken cancellationToken)
    {
        isGiven ??= await tables.FindAsync(Tables.Progress, store.ToString(), CompactionKeys.Backlog, cancellationToken) is not null;
        if (backlog.Age > options.BacklogAlarm)
        {
            var now = time.GetUtcNow();
            await tables.UpsertAsync(Tables.Progress, new TableRow(store.ToString(), CompactionKeys.Backlog).With("At", now).With("OldestAt", now - backlog.Age), cancellationToken);
            isGiven = true;
        }
        else if (isGiven.Value)
        {
            await tables.DeleteAsync(Tables.Progress, store.ToString(), CompactionKeys.Backlog, etag: null, cancellationToken);
            isGiven = false;
        }
    }
}
