using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using ActionTrail.Events.Azure;
using ActionTrail.Events.CloudEvents;
using ActionTrail.Events.CloudTrail;
using ActionTrail.Events.Google;
using ActionTrail.Events.Platform;
using ActionTrail.Events.Redaction;

namespace ActionTrail.Events;

/// <summary>
/// Splits a message into records and turns each into an event as it is stored. Takes one event, an array, an Azure Monitor
/// wrapper <c>{"records":[...]}</c>, arrays of wrappers, several of these one after another (NDJSON), any of it as JSON text in a
/// JSON string or in an envelope, any of it in gzip, with or without a byte-order mark. A bad record never takes its neighbours with it.
/// Not thread-safe; keeps its buffers between calls.
/// </summary>
public sealed partial class MessageNormalizer
{
    // 1. Strip the mark, inflate. 2. Read value after value; objects in arrays and wrappers are records. 3. One pass per record
    // (EventScanner), secrets masked (RecordRedactor), then accept or reject. 4. Where the JSON breaks, what is left is one bad record up to the next line
    // that starts with a bracket; from there on in chunks from one such line to the next, so that no byte is read more than twice.
    private static readonly JsonReaderOptions Multiple = new() { AllowMultipleValues = true, MaxDepth = int.MaxValue };
    private static readonly SearchValues<byte> Separators = SearchValues.Create(" \t\r\n,]"u8);

    private readonly NormalizerOptions options;
    private readonly EventScanner scanner;
    private readonly RecordRedactor? redactor;
    private readonly EventFacts facts = new();
    private readonly GzipMessage gzip = new();
    private readonly RecordBuffer stored = new();
    private readonly MappedEvent mapped = new();
    private readonly AzureMapping azure = new();
    private readonly CloudEventMapping cloudEvents;
    private readonly RecordBuffer envelope = new();
    private readonly CloudTrailMapping cloudTrail = new();
    private readonly GoogleMapping google = new();
    private readonly PlatformMapping platform = new();
    private INormalizedSink sink = NoSink.Instance;
    private MessageOrigin origin;
    private int index;
    private int brokenRecords;
    private bool isInSink;
    private DeclaredForm declared;

    public MessageNormalizer(NormalizerOptions options)
    {
        this.options = options;
        scanner = new EventScanner(options.MaxDepth);
        cloudEvents = new CloudEventMapping(options.MaxDepth, MappingOf);
        redactor = options.Redaction is { } rules ? new RecordRedactor(rules) : null;
    }

    /// <summary>Hands every record of the message to the sink, good or bad, in order. Never throws because of the message.</summary>
    /// <param name="message">The bytes as received.</param>
    /// <param name="origin">Where they came from; event times are judged against its receive time.</param>
    /// <param name="sink">Takes the records. What it throws is passed on.</param>
    public void Normalize(ReadOnlySpan<byte> message, in MessageOrigin origin, INormalizedSink sink)
    {
        this.sink = sink;
        this.origin = origin;
        index = brokenRecords = envelopes = 0;
        isInSink = false;
        try
        {
            ReadMessage(message);
        }
        finally
        {
            this.sink = NoSink.Instance;
            scanner.Shrink();
            gzip.Shrink();
            stored.Shrink();
            mapped.Shrink();
            envelope.Shrink();
            redactor?.Shrink();
        }
    }

    private void ReadMessage(ReadOnlySpan<byte> message)
    {
        declared = CloudEventContent.Declared(origin.ContentType);
        if (declared == DeclaredForm.OtherFormat)
        {
            Reject(message, RejectCode.UnknownFormat, null, CloudEventRules.OtherFormat);
            return;
        }

        var content = message;
        if (GzipMessage.IsGzip(message))
        {
            switch (gzip.Inflate(message, options))
            {
                case GzipOutcome.Damaged:
                    Reject(message, RejectCode.Malformed, null, Rules.Gzip);
                    return;
                case GzipOutcome.TooLarge:
                    Reject(message, RejectCode.TooLarge, null, Rules.Inflated);
                    return;
                default:
                    content = gzip.Inflated;
                    break;
            }
        }

        content = content.StartsWith("\uFEFF"u8) ? content[3..] : content;
        if (origin.CloudEvent is { } attributes && declared == DeclaredForm.None)
        {
            CloudEventEnvelope.Write(attributes, origin.ContentType, message, content, envelope);
            content = envelope.Written;
        }

        if (content.IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            Reject(message, RejectCode.Malformed, null, Rules.Empty);
            return;
        }

        ReadText(content, mayUnwrapText: true);
    }

    private void ReadText(ReadOnlySpan<byte> text, bool mayUnwrapText)
    {
        var chunk = new Chunk { Length = text.Length, IsUtf8 = Utf8.IsValid(text), MayUnwrapText = mayUnwrapText };
        while (chunk.Start < text.Length)
        {
            if (ReadChunk(text.Slice(chunk.Start, chunk.Length), ref chunk))
            {
                chunk.Start += chunk.Length;
            }
            else
            {
                // The broken record ends where the next line starts with a bracket.
                var broken = chunk.Start + chunk.RecordStart;
                var end = NextLine(text, broken);
                if (chunk.IsBehindArray && text[broken..end].IndexOfAnyExcept(Separators) < 0)
                {
                    // What held together the elements of an array that broke before.
                    (chunk.Start, chunk.Length) = (end, NextLine(text, end) - end);
                    continue;
                }

                if (++brokenRecords > options.MaxBrokenRecords)
                {
                    Reject(text[broken..], RejectCode.Malformed, null, Rules.TooManyBroken);
                    return;
                }

                Reject(text[broken..end], RejectCode.Malformed, null, chunk.IsInArray ? Rules.BrokenArray : Rules.NotJson);
                chunk.IsBehindArray |= chunk.IsInArray;
                chunk.Start = end;
                chunk.IsLine = true;
            }

            chunk.Length = chunk.IsLine ? NextLine(text, chunk.Start) - chunk.Start : text.Length - chunk.Start;
        }
    }

    // Where, after the position, the next line starts that begins with a bracket; the end of the text when there is none.
    private static int NextLine(ReadOnlySpan<byte> text, int position)
    {
        while (position < text.Length && text[position..].IndexOf((byte)'\n') is var newLine and >= 0)
        {
            position += newLine + 1;
            if (position < text.Length && text[position] is (byte)'{' or (byte)'[')
            {
                return position;
            }
        }

        return text.Length;
    }

    // True when the chunk was read to its end. Otherwise RecordStart says where the broken record starts.
    private bool ReadChunk(ReadOnlySpan<byte> text, ref Chunk chunk)
    {
        chunk.RecordStart = 0;
        chunk.IsInArray = false;
        var reader = new Utf8JsonReader(text, Multiple);
        try
        {
            while (reader.Read())
            {
                chunk.RecordStart = (int)reader.TokenStartIndex;
                if (reader.TokenType == JsonTokenType.StartArray)
                {
                    ReadArray(ref reader, text, ref chunk, mayWrapRecords: true);
                }
                else
                {
                    ReadRecord(ref reader, text, ref chunk, mayWrapRecords: true);
                }

                chunk.RecordStart = (int)reader.BytesConsumed;
                chunk.IsInArray = false;
            }

            return true;
        }
        catch (JsonException) when (!isInSink)
        {
            return false;
        }
    }

    private void ReadArray(ref Utf8JsonReader reader, ReadOnlySpan<byte> text, ref Chunk chunk, bool mayWrapRecords)
    {
        chunk.IsInArray = true;
        chunk.RecordStart = (int)reader.BytesConsumed;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            chunk.RecordStart = (int)reader.TokenStartIndex;
            ReadRecord(ref reader, text, ref chunk, mayWrapRecords);
            chunk.RecordStart = (int)reader.BytesConsumed;
        }
    }

    private void ReadRecord(ref Utf8JsonReader reader, ReadOnlySpan<byte> text, ref Chunk chunk, bool mayWrapRecords)
    {
        var start = (int)reader.TokenStartIndex;
        if (reader.TokenType != JsonTokenType.StartObject && brokenRecords >= options.MaxBrokenRecords)
        {
            throw new JsonException(Rules.TooManyBroken);
        }

        if (reader.TokenType == JsonTokenType.String)
        {
            ReadTextInString(ref reader, text, chunk.MayUnwrapText);
            return;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            brokenRecords++;
            Reject(text[start..(int)reader.BytesConsumed], RejectCode.Malformed, null, Rules.NotAnObject);
            return;
        }

        facts.Clear();
        var values = new FactValues(facts);
        if (scanner.Scan(ref reader, ref values, mayWrapRecords) == ScanEnd.Records)
        {
            ReadWrapper(ref reader, text, ref chunk, start);
            return;
        }

        Settle(text[start..(int)reader.BytesConsumed], start, chunk.IsUtf8);
    }

    // At the bracket of "records". The other fields of a wrapper say how it travelled and are passed over.
    private void ReadWrapper(ref Utf8JsonReader reader, ReadOnlySpan<byte> text, ref Chunk chunk, int start)
    {
        var wasInArray = chunk.IsInArray;
        var isMixed = false;
        ReadArray(ref reader, text, ref chunk, mayWrapRecords: false);
        chunk.RecordStart = (int)reader.BytesConsumed;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var field = scanner.FieldOf(ref reader);
            isMixed |= field is EventField.EventName or EventField.EventTime or EventField.ServiceName or EventField.UserIdentity;
            reader.Read();
            if (field == EventField.Records && reader.TokenType == JsonTokenType.StartArray)
            {
                ReadArray(ref reader, text, ref chunk, mayWrapRecords: false);
            }
            else
            {
                reader.Skip();
            }
        }

        chunk.IsInArray = wasInArray;
        if (isMixed)
        {
            Reject(text[start..(int)reader.BytesConsumed], RejectCode.BadValue, "/records", Rules.MixedWrapper);
        }
    }

    private void ReadTextInString(ref Utf8JsonReader reader, ReadOnlySpan<byte> text, bool mayUnwrapText)
    {
        var record = text[(int)reader.TokenStartIndex..(int)reader.BytesConsumed];
        if (!mayUnwrapText)
        {
            brokenRecords++;
            Reject(record, RejectCode.Malformed, null, Rules.NestedText);
        }
        else if (!Utf8.IsValid(record) || JsonText.HasLoneSurrogate(record))
        {
            Reject(record, RejectCode.BadEncoding, null, Rules.Utf8);
        }
        else if (reader.ValueSpan.IndexOf((byte)'{') < 0)
        {
            brokenRecords++;
            Reject(record, RejectCode.Malformed, null, Rules.NotAnObject);
        }
        else
        {
            var inner = new byte[reader.ValueSpan.Length];
            ReadText(inner.AsSpan(0, reader.CopyString(inner)), mayUnwrapText: false);
        }
    }

    private struct Chunk
    {
        public int Start;
        public int Length;
        public bool IsLine;
        public bool IsBehindArray;
        public bool IsUtf8;
        public bool MayUnwrapText;
        public int RecordStart;
        public bool IsInArray;
    }
}
