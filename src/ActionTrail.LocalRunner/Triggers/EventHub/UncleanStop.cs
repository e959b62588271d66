namespace ActionTrail.LocalRunner.Triggers.EventHub;

/// <summary>
/// What follows from a storage emulator that was killed: it forgot the last seconds of what it acknowledged, tables and blobs apart. All batches
/// completed shortly before the newest completion of any partition are opened again, before any of them is delivered: a second kill during the
/// repair then finds them still open.
/// </summary>
internal static class UncleanStop
{
    /// <summary>Returns how many batches will be delivered again.</summary>
    public static int Reopen(IReadOnlyList<ICheckpointStore> stores)
    {
        var checkpoints = stores.Select(store => (store, checkpoint: store.Load())).Where(pair => pair.checkpoint is not null).ToList();
        var newest = checkpoints.Max(pair => pair.checkpoint!.NewestCompletion);
        if (newest is not null)
        {
            foreach (var (store, checkpoint) in checkpoints)
            {
                store.Save(checkpoint!.Reopen(newest.Value - PartitionCheckpoint.Forgotten));
            }
        }

        return stores.Sum(store => store.Load()?.Open.Count ?? 0);
    }
}
