using System.Buffers.Text;
using System.Text.Json;

namespace ActionTrail.Ingest;

/// <summary>Sequence number and enqueued time of every message of a batch, in the order of the batch.</summary>
internal sealed class HubCoordinates
{
    private readonly List<long> sequenceNumbers = [];
    private readonly List<long> enqueuedTimesMs = [];

    public int Count => sequenceNumbers.Count;

    public long First => sequenceNumbers.Min();

    public long Last => sequenceNumbers.Max();

    public long NewestMs => enqueuedTimesMs.Max();

    public (long SequenceNumber, long EnqueuedTimeMs) this[int index] => (sequenceNumbers[index], enqueuedTimesMs[index]);

    /// <exception cref="HubPayloadException">They are missing, unreadable or not one per message.</exception>
    public static HubCoordinates Read(ReadOnlySpan<byte> body, HubPayloadMap map, HubScratch scratch)
    {
        if (map.SequenceNumbers is not { } numbers || map.EnqueuedTimes is not { } times)
            throw new HubPayloadException("The metadata of the batch has no sequence numbers or no enqueued times.");
        var found = new HubCoordinates();
        found.ReadNumbers(scratch.Inner(body[numbers]));
        found.ReadTimes(scratch.Inner(body[times]));
        if (found.sequenceNumbers.Count != found.enqueuedTimesMs.Count)
            throw new HubPayloadException("The metadata of the batch has not as many enqueued times as sequence numbers.");
        return found;
    }

    private void ReadNumbers(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.Number:
                    sequenceNumbers.Add(reader.GetInt64());
                    break;
                case JsonTokenType.String when Utf8Parser.TryParse(reader.ValueSpan, out long number, out var used) && used == reader.ValueSpan.Length:
                    sequenceNumbers.Add(number);
                    break;
                case JsonTokenType.StartArray or JsonTokenType.EndArray:
                    break;
                default:
                    throw new HubPayloadException("A sequence number of the batch is no number.");
            }
        }

        if (sequenceNumbers.Exists(static number => number < 0))
            throw new HubPayloadException("A sequence number of the batch is negative.");
    }

    private void ReadTimes(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.String)
                enqueuedTimesMs.Add(Milliseconds(ref reader));
            else if (reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.EndArray))
                throw new HubPayloadException("An enqueued time of the batch is no text.");
        }
    }

    private static long Milliseconds(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String || !reader.TryGetDateTime(out var time))
            throw new HubPayloadException("An enqueued time of the batch is no ISO 8601 time.");

        // Without a zone the host means UTC; with one, .NET has turned it into local time.
        var utc = time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : DateTime.SpecifyKind(time, DateTimeKind.Utc);
        return new DateTimeOffset(utc).ToUnixTimeMilliseconds();
    }
}
