namespace ActionTrail.Ingest;

/// <summary>What became of a batch. Every message is durable when this is returned.</summary>
/// <param name="Messages">Messages that this call committed.</param>
/// <param name="Events">Events in them.</param>
/// <param name="Quarantined">Records in them that went to quarantine.</param>
/// <param name="Duplicates">Messages that had been committed before, by an earlier delivery or another instance.</param>
/// <param name="Restored">Commits whose objects were missing and were written again from re-delivered messages.</param>
public readonly record struct HubIngestResult(int Messages, int Events, int Quarantined, int Duplicates, int Restored);
