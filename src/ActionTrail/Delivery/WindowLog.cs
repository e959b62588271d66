using System.Runtime.CompilerServices;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Trails;

namespace ActionTrail.Delivery;

/// <summary>The windows of a store in one lane: cut one after the other, closed, contiguous, never overlapping, never empty.</summary>
internal sealed class WindowLog(ITableStore tables, CommitLog commits, DeliveryOptions options, WindowLane lane)
{
    /// <summary>Most windows that are handed out before the next look at the trails.</summary>
    private const int MaxWindows = 1000;

    private long LengthMs => (long)(lane == WindowLane.Slow && options.WindowLength < TrailRules.SlowFlush ? TrailRules.SlowFlush : options.WindowLength).TotalMilliseconds;

    /// <summary>The last boundary that has passed by at least the settling time.</summary>
    public DateTimeOffset LastBoundary(DateTimeOffset now) => lane == WindowLane.Fast
        ? DateTimeOffset.FromUnixTimeSeconds((now - options.FastSettle).ToUnixTimeSeconds())
        : DateTimeOffset.FromUnixTimeMilliseconds(Floor((now - options.Settle).ToUnixTimeMilliseconds()));

    /// <summary>
    /// Cuts every commit made before <paramref name="boundary"/> into windows, each of them one slot of the window length, in the fast lane what there is of it (a slot without
    /// commits gets no window; a commit that appears after its slot was cut falls into the next one). Returns how many were cut; null
    /// when another scheduler cuts at the same time and goes on.
    /// </summary>
    public async Task<int?> CutAsync(StoreName store, DateTimeOffset boundary, CancellationToken cancellationToken)
    {
        var head = await ReadHeadAsync(store, cancellationToken);
        if (lane != WindowLane.Regular && head.ETag is null)
        {
            if (await BeginAsync(store, cancellationToken) is not { } begun)
                return null;
            head = begun;
        }

        if (head.Boundary >= boundary.ToUnixTimeMilliseconds())
            return 0;
        await using var pending = await CommitCursors.OpenAsync(commits, store, head, cancellationToken);
        for (var cut = 0; ; cut++)
        {
            if (pending.Earliest is not { } earliest || earliest >= boundary || head.Boundary >= boundary.ToUnixTimeMilliseconds())
                return cut;
            var end = Floor(Math.Max(earliest.ToUnixTimeMilliseconds(), head.Boundary)) + LengthMs;
            if (lane == WindowLane.Fast)
                end = Math.Min(end, boundary.ToUnixTimeMilliseconds());
            var window = new DeliveryWindow(store, end, await pending.TakeBeforeAsync(DateTimeOffset.FromUnixTimeMilliseconds(end), head));
            var next = head.Next(window, lane);
            try
            {
                // The window and the position that makes it the last one are one write: windows never overlap, whoever races.
                await tables.SubmitAsync(
                    Tables.Windows,
                    [TableAction.Insert(window.ToRow(lane)), head.ETag is null ? TableAction.Insert(next) : TableAction.Replace(next, head.ETag)],
                    cancellationToken);
            }
            catch (StoreException e) when (e.Kind is StoreErrorKind.Conflict or StoreErrorKind.NotFound)
            {
                return null;
            }

            head = await ReadHeadAsync(store, cancellationToken);
            if (head.Boundary != end)
                return null;
        }
    }

    public async Task<DeliveryWindow?> FindAsync(StoreName store, long window, CancellationToken cancellationToken) =>
        await tables.FindAsync(Tables.Windows, WindowKeys.Lane(store, lane), WindowKeys.Window(window), cancellationToken) is { } row ? DeliveryWindow.FromRow(store, row) : null;

    /// <summary>The first windows after a position, oldest first.</summary>
    public async Task<List<DeliveryWindow>> ReadAfterAsync(StoreName store, long position, CancellationToken cancellationToken)
    {
        var windows = new List<DeliveryWindow>();
        await foreach (var row in tables.QueryAsync(Tables.Windows, WindowKeys.Lane(store, lane), WindowKeys.Window(position + 1), WindowKeys.AfterWindows, cancellationToken))
        {
            windows.Add(DeliveryWindow.FromRow(store, row));
            if (windows.Count == MaxWindows)
                break;
        }

        return windows;
    }

    /// <summary>Windows with a boundary in (<paramref name="after"/>, <paramref name="through"/>], oldest first.</summary>
    public async IAsyncEnumerable<DeliveryWindow> ReadRangeAsync(StoreName store, long after, long through, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in tables.QueryAsync(Tables.Windows, WindowKeys.Lane(store, lane), WindowKeys.Window(Math.Max(after, -1) + 1), WindowKeys.Window(through + 1), cancellationToken))
            yield return DeliveryWindow.FromRow(store, row);
    }

    /// <summary>The last window that was handed out to all its trails; -1 when none was.</summary>
    public async Task<(long Window, string? ETag)> ReadPositionAsync(StoreName store, CancellationToken cancellationToken) =>
        await tables.FindAsync(Tables.Windows, WindowKeys.Lane(store, lane), WindowKeys.Position, cancellationToken) is { } row ? (row.GetInt64("Window"), row.ETag) : (-1, null);

    /// <summary>Moves the position; false when another scheduler did.</summary>
    public async Task<bool> MovePositionAsync(DeliveryWindow window, string? etag, CancellationToken cancellationToken)
    {
        var row = new TableRow(WindowKeys.Lane(window.Store, lane), WindowKeys.Position).With("Window", window.Boundary);
        try
        {
            await (etag is null ? tables.InsertAsync(Tables.Windows, row, cancellationToken) : tables.ReplaceAsync(Tables.Windows, row, etag, cancellationToken));
            return true;
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.Conflict or StoreErrorKind.NotFound)
        {
            return false;
        }
    }

    /// <summary>
    /// A lane that a store did not have begins where the regular one stands: what lies before was committed when no trail could ask for it. Written once,
    /// before the regular lane is cut for the first time beside it. Null when another scheduler begins.
    /// </summary>
    private async Task<WindowHead?> BeginAsync(StoreName store, CancellationToken cancellationToken)
    {
        var regular = await tables.FindAsync(Tables.Windows, WindowKeys.Lane(store, WindowLane.Regular), WindowKeys.Head, cancellationToken);
        var head = regular is null ? WindowHead.None : WindowHead.FromRow(regular);
        var row = new TableRow(WindowKeys.Lane(store, lane), WindowKeys.Head).With("Boundary", head.Boundary);
        try
        {
            await tables.InsertAsync(Tables.Windows, WindowRanges.Write(row, head.Last.Values.OrderBy(static r => r.Partition.ToString(), StringComparer.Ordinal)), cancellationToken);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Conflict)
        {
            return null;
        }

        return await ReadHeadAsync(store, cancellationToken);
    }

    public async Task<WindowHead> ReadHeadAsync(StoreName store, CancellationToken cancellationToken) =>
        await tables.FindAsync(Tables.Windows, WindowKeys.Lane(store, lane), WindowKeys.Head, cancellationToken) is { } row ? WindowHead.FromRow(row) : WindowHead.None;

    private long Floor(long unixMs)
    {
        var length = LengthMs;
        return unixMs / length * length;
    }
}
