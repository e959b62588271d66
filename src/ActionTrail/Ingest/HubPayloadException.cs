namespace ActionTrail.Ingest;

/// <summary>
/// An invocation body that is not what the host sends and does not even tell which messages it holds. Nothing can be stored or
/// quarantined under a sequence number, so the trigger must answer with an error: the host then repeats the batch.
/// </summary>
public sealed class HubPayloadException(string rule, Exception? inner = null) : Exception(rule, inner);
