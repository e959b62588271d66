using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace ActionTrail.Ingest;

/// <summary>
/// Decodes the body that the Functions host posts for an event-hub trigger whose binding is named <c>events</c>. The shape is the
/// host's (4.1037, captured), cardinality many and dataType binary:
/// <code>
/// {"Data":{"events":"[\"base64\",\"base64\"]"},
///  "Metadata":{"TriggerPartitionContext":{"FullyQualifiedNamespace":"…","EventHubName":"…","PartitionId":"1"},"PartitionContext":{…},
///   "SequenceNumberArray":"[0,1]","EnqueuedTimeUtcArray":"[\"2026-11-22T07:04:25.0832131\",…]","PropertiesArray":"[{…},{}]","SystemPropertiesArray":"[…]"}}
/// </code>
/// Arrays are JSON inside a JSON string; real arrays and numbers in strings are understood too. An element that is no base64 is taken
/// as text (dataType string). Times are UTC without a zone.
/// </summary>
/// <remarks>
/// The bodies live in one pooled array that <see cref="Dispose"/> gives back; nothing is allocated per event. The single form has
/// messages and no <see cref="Batch"/>: a manual run (<c>POST /admin/functions/IngestEvents</c>) has no partition and a made-up sequence
/// number, and with cardinality one the host lets a publisher's own JSON overwrite the metadata, so that one forged sequence number
/// would make us drop everything below it. The trigger submits such messages as the operator's events instead.
/// </remarks>
public sealed class HubPayload : IDisposable
{
    private readonly HubBodies bodies;

    private HubPayload(HubBodies bodies, HubBatch? batch)
    {
        this.bodies = bodies;
        Batch = batch;
    }

    /// <summary>The batch with its coordinates; null for the single form.</summary>
    public HubBatch? Batch { get; }

    /// <summary>The messages, also those of the single form (whose sequence numbers are -1).</summary>
    public ReadOnlyMemory<HubMessage> Messages => bodies.Messages;

    /// <param name="body">The whole invocation body; it must stay untouched while a damaged batch is ingested.</param>
    /// <exception cref="HubPayloadException">The body does not say which messages of which partition it holds.</exception>
    public static HubPayload Decode(ReadOnlyMemory<byte> body)
    {
        var map = HubPayloadMap.Read(body.Span);
        var decoded = new HubBodies();
        try
        {
            using var scratch = new HubScratch();
            if (map.SequenceNumbers is null)
            {
                decoded.ReadEvents(body.Span, map.Events, scratch);
                return new HubPayload(decoded, batch: null);
            }

            if (!map.HasPartition)
                throw new HubPayloadException("The metadata of the batch does not name its partition.");

            var batch = new HubBatch
            {
                FullyQualifiedNamespace = map.FullyQualifiedNamespace!,
                EventHubName = map.EventHubName!,
                PartitionId = map.PartitionId!,
                Messages = default,
            };
            using var coordinates = HubCoordinates.Read(body.Span, map, scratch);
            return new HubPayload(decoded, Fill(batch, coordinates, map, decoded, body, scratch));
        }
        catch (Exception error) when (error is HubPayloadException or JsonException or InvalidOperationException or FormatException)
        {
            decoded.Dispose();
            throw error as HubPayloadException ?? new HubPayloadException("The messages or coordinates of the invocation cannot be read: " + error.Message, error);
        }
    }

    /// <summary>As <see cref="Decode(ReadOnlyMemory{byte})"/>; a body in several pieces is copied once.</summary>
    public static HubPayload Decode(in ReadOnlySequence<byte> body) => Decode(body.IsSingleSegment ? body.First : body.ToArray());

    public void Dispose() => bodies.Dispose();

    private static HubBatch Fill(HubBatch batch, HubCoordinates coordinates, HubPayloadMap map, HubBodies decoded, ReadOnlyMemory<byte> body, HubScratch scratch)
    {
        string rule;
        try
        {
            decoded.ReadEvents(body.Span, map.Events, scratch);
            if (decoded.Count == coordinates.Count)
            {
                decoded.Locate(coordinates);
                decoded.ReadContentTypes(body.Span, map, scratch);
                decoded.ReadCloudEvents(body.Span, map, scratch);
                return batch with { Messages = decoded.Messages };
            }

            rule = string.Create(CultureInfo.InvariantCulture, $"The batch holds {decoded.Count} events and {coordinates.Count} sequence numbers.");
        }
        catch (Exception error) when (error is HubPayloadException or JsonException or InvalidOperationException)
        {
            rule = "The events of the batch cannot be read: " + error.Message;
        }

        if (coordinates.Count == 0)
            throw new HubPayloadException(rule);
        decoded.Clear();
        return batch with { Damage = new HubDamage(coordinates.First, coordinates.Last, coordinates.NewestMs, rule, body) };
    }
}
