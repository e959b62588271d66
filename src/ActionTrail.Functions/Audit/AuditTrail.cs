using ActionTrail.Access;
using ActionTrail.Functions.Rest;
using ActionTrail.Ingest;
using ActionTrail.Storage;

namespace ActionTrail.Functions.Audit;

/// <summary>
/// Makes every call of the API an audit event: changes durable before the answer, reads and refusals queued. The event's id is drawn apart
/// from the request id: of two events with one time and id a lookup shows the one committed first, so a caller who knew the id from
/// the answer could publish an event under it ahead of the queue and hide what he did.
/// </summary>
internal sealed class AuditTrail(ApiIngest ingest, IRandomSource random, TimeProvider time)
{
    /// <summary>The audit event of a call that is about to be done, to be stored in one commit with its effect.</summary>
    public byte[] Write(AuditFacts facts) => AuditEventWriter.Write(facts, RequestIds.New(random), problem: null, time.GetUtcNow());

    /// <summary>
    /// Records a call. Throws <see cref="StoreException"/> when a change cannot be recorded now: the caller is then told that the
    /// outcome is unknown, and the record is queued, to be stored under the same id when the store is back.
    /// </summary>
    public async Task RecordAsync(AuditFacts facts, ProblemType? refusal, CancellationToken cancellationToken)
    {
        var json = AuditEventWriter.Write(facts, RequestIds.New(random), refusal, time.GetUtcNow());

        // A refused call changed nothing: its record need not be waited for, and must not be a way to make us commit at will.
        if (refusal is not null || !AccessRules.IsWrite(facts.Operation))
        {
            await ingest.AppendAsync(json, durable: false, cancellationToken);
            return;
        }

        try
        {
            await ingest.AppendAsync(json, durable: true, cancellationToken);
        }
        catch (StoreException)
        {
            await ingest.AppendAsync(json, durable: false, cancellationToken);
            throw;
        }
    }

    /// <summary>Records something that the service did by itself, in the operator's account.</summary>
    public Task RecordServiceEventAsync(string eventName, IRandomSource random, Action<System.Text.Json.Utf8JsonWriter> eventData, CancellationToken cancellationToken) =>
        ingest.AppendAsync(AuditEventWriter.WriteServiceEvent(RequestIds.New(random), eventName, time.GetUtcNow(), eventData), durable: true, cancellationToken);
}
