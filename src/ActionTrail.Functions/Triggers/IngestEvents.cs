using ActionTrail.Compaction;
using ActionTrail.Ingest;
using ActionTrail.Layout;

namespace ActionTrail.Functions.Triggers;

/// <summary>
/// A batch of one event-hub partition. Returns after the commit. What is wrong with single records is settled inside; an exception
/// means that the store is away, or that the body does not say which messages it holds, and the host repeats the batch.
/// </summary>
internal sealed partial class IngestEvents(HubIngest hub, ApiIngest api, BackPressure pressure, ILogger<IngestEvents> log) : ITrigger
{
    public string Function => "IngestEvents";

    public async Task RunAsync(ReadOnlyMemory<byte> invocation, CancellationToken cancellationToken)
    {
        using var payload = HubPayload.Decode(invocation);
        if (payload.Batch is not { } batch)
        {
            await RunManuallyAsync(payload, cancellationToken);
            return;
        }

        var result = await hub.IngestAsync(batch, cancellationToken);
        Ingested(log, batch.EventHubName, batch.PartitionId, result.Messages, result.Events, result.Quarantined, result.Duplicates);
        await pressure.HoldAsync(StoreName.History, cancellationToken);
    }

    /// <summary>A run from the portal has no place in a partition: its messages are stored like events that the operator posts.</summary>
    private async Task RunManuallyAsync(HubPayload payload, CancellationToken cancellationToken)
    {
        for (var i = 0; i < payload.Messages.Length; i++)
        {
            var message = payload.Messages.Span[i];
            var result = await api.SubmitAsync(new ApiSubmission { AccountId = null, Body = message.Body, ContentType = message.ContentType }, cancellationToken);
            if (!result.IsStored)
                ManualRunRefused(log, result.Errors[0].Pointer, result.Errors[0].Rule);
        }
    }

    [LoggerMessage(9110, LogLevel.Debug, "{Hub}/{Partition}: {Messages} messages, {Events} events, {Quarantined} quarantined, {Duplicates} known already")]
    private static partial void Ingested(ILogger log, string hub, string partition, int messages, int events, int quarantined, int duplicates);

    [LoggerMessage(9111, LogLevel.Warning, "a message of a manual run was refused: {Pointer} {Rule}")]
    private static partial void ManualRunRefused(ILogger log, string pointer, string rule);
}
