using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace ActionTrail.Ingest;

/// <summary>Sequence number and enqueued time of every message of a batch, in the order of the batch.</summary>
internal sealed class HubCoordinates : IDisposable
{
    private long[] sequenceNumbers = [];
    private long[] enqueuedTimesMs = [];
    private int timeCount;

    public int Count { get; private set; }

    public long First => sequenceNumbers.Take(Count).Min();

    public long Last => sequenceNumbers.Take(Count).Max();

    public long NewestMs => enqueuedTimesMs.Take(Count).Max();

    public (long SequenceNumber, long EnqueuedTimeMs) this[int index] => (sequenceNumbers[index], enqueuedTimesMs[index]);

    /// <exception cref="HubPayloadException">They are missing, unreadable or not one per message.</exception>
    public static HubCoordinates Read(ReadOnlySpan<byte> body, HubPayloadMap map, HubScratch scratch)
    {
        if (map.SequenceNumbers is not { } numbers || map.EnqueuedTimes is not { } times)
            throw new HubPayloadException("The metadata of the batch has no sequence numbers or no enqueued times.");
        var found = new HubCoordinates();
        try
        {
            found.ReadNumbers(scratch.Inner(body[numbers]));
            found.ReadTimes(scratch.Inner(body[times]));
            if (found.Count != found.timeCount)
                throw new HubPayloadException("The metadata of the batch has not as many enqueued times as sequence numbers.");
            return found;
        }
        catch
        {
            found.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Return(sequenceNumbers);
        Return(enqueuedTimesMs);
        (sequenceNumbers, enqueuedTimesMs, Count, timeCount) = ([], [], 0, 0);
    }

    private void AddNumber(long number)
    {
        if (number < 0)
            throw new HubPayloadException("A sequence number of the batch is negative.");
        Grow(ref sequenceNumbers, Count);
        sequenceNumbers[Count++] = number;
    }

    private void AddTime(long milliseconds)
    {
        Grow(ref enqueuedTimesMs, timeCount);
        enqueuedTimesMs[timeCount++] = milliseconds;
    }

    private static void Grow(ref long[] values, int count)
    {
        if (count < values.Length)
            return;
        var larger = ArrayPool<long>.Shared.Rent(Math.Max(256, count * 2));
        values.AsSpan(0, count).CopyTo(larger);
        Return(values);
        values = larger;
    }

    private static void Return(long[] values)
    {
        if (values.Length > 0)
            ArrayPool<long>.Shared.Return(values);
    }

    private void ReadNumbers(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.Number:
                    AddNumber(reader.GetInt64());
                    break;
                case JsonTokenType.String when Utf8Parser.TryParse(reader.ValueSpan, out long number, out var used) && used == reader.ValueSpan.Length:
                    AddNumber(number);
                    break;
                case JsonTokenType.StartArray or JsonTokenType.EndArray:
                    break;
                default:
                    throw new HubPayloadException("A sequence number of the batch is no number.");
            }
        }
    }

    private void ReadTimes(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.String)
                AddTime(Milliseconds(ref reader));
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
