using ActionTrail.Functions.Rest;

namespace ActionTrail.Functions.Audit;

/// <summary>Takes our own audit events.</summary>
internal interface IAuditLog
{
    /// <summary>Appends one event. <paramref name="durable"/>: returns after the commit; else the event is queued and committed within about a second.</summary>
    Task AppendAsync(ReadOnlyMemory<byte> eventJson, bool durable, CancellationToken cancellationToken);
}

/// <summary>Makes every call of the API an audit event: changes durable before the answer, reads and refusals queued.</summary>
internal sealed class AuditTrail(IAuditLog log, TimeProvider time)
{
    /// <summary>Records a call. Throws <see cref="Storage.StoreException"/> when a change cannot be recorded: the caller is then told that the outcome is unknown.</summary>
    public Task RecordAsync(AuditFacts facts, ProblemType? refusal, CancellationToken cancellationToken)
    {
        // A refused or mistaken call changed nothing: its record need not be waited for, and must not be a way to make us commit at will.
        var durable = refusal is null && Access.AccessRules.IsWrite(facts.Operation);
        return log.AppendAsync(AuditEventWriter.Write(facts, refusal, time.GetUtcNow()), durable, cancellationToken);
    }
}
