namespace ActionTrail.Functions.Audit;

/// <summary>Stands in until the ingest of API events is there.</summary>
internal sealed class PendingAuditLog : IAuditLog
{
    public Task AppendAsync(ReadOnlyMemory<byte> eventJson, bool durable, CancellationToken cancellationToken) => Task.CompletedTask;
}
