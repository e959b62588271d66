namespace ActionTrail.Cli.Send;

/// <summary>Puts records into batches.</summary>
/// <param name="splitter">Where they come from.</param>
/// <param name="limits">Bounds of a batch.</param>
/// <param name="stopsAtBroken">A broken record comes in a batch of its own, so that all before it can be sent first.</param>
/// <param name="idle">A batch that has waited this long for another record is complete; null for inputs that do not make one wait.</param>
/// <param name="time">The clock.</param>
internal sealed class BatchReader(RecordSplitter splitter, BatchLimits limits, bool stopsAtBroken, TimeSpan? idle, TimeProvider time)
{
    private Task<InputRecord?>? pending;
    private long batches;

    /// <summary>The next batch; null at the end of the input.</summary>
    public async Task<RecordBatch?> ReadAsync(CancellationToken cancellationToken)
    {
        RecordBatch? batch = null;
        while (true)
        {
            pending ??= splitter.ReadAsync(cancellationToken).AsTask();
            // The place behind the batch, as long as the next record is on its way.
            var end = splitter.Position;
            if (batch is not null && idle is { } patience && !pending.IsCompleted && !await IsThereAsync(patience, cancellationToken))
                return Complete(batch, end);
            var next = await pending;
            if (next is not { } record)
                return batch is null ? null : Complete(batch, splitter.Position);
            if (batch is not null && IsFull(batch, record))
                return Complete(batch, splitter.Position);
            batch ??= new RecordBatch(limits) { Number = batches++ };
            if (record.Fault is null)
                batch.Add(record);
            else
                batch.AddBroken(record);
            pending = null;
        }
    }

    private bool IsFull(RecordBatch batch, in InputRecord next)
    {
        if (stopsAtBroken && (next.Fault is not null || batch.Broken.Count > 0))
            return true;
        return next.Fault is null ? !batch.Fits(next) : batch.Broken.Count >= limits.Records || batch.BrokenBytes > limits.Bytes;
    }

    private static RecordBatch Complete(RecordBatch batch, ReadPosition end)
    {
        batch.End = end;
        return batch;
    }

    private async Task<bool> IsThereAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(pending!, Task.Delay(patience, time, enough.Token));
        await enough.CancelAsync();
        return pending!.IsCompleted;
    }
}

/// <summary>Bounds of a batch.</summary>
/// <param name="Records">Most records.</param>
/// <param name="Bytes">Most bytes of the body; one larger record goes alone.</param>
internal readonly record struct BatchLimits(int Records, int Bytes);
