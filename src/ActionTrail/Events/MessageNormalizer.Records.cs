using System.Text.Json;
using System.Text.Unicode;
using ActionTrail.Events.CloudEvents;

namespace ActionTrail.Events;

/// <content>What becomes of one record after its scan.</content>
public sealed partial class MessageNormalizer
{
    // The scanner has just read the record, which starts at the reader's position readerStart.
    private void Settle(ReadOnlySpan<byte> record, int readerStart, bool isUtf8)
    {
        if (record.Length > options.MaxEventBytes)
        {
            Reject(record, RejectCode.TooLarge, null, Rules.EventBytes);
        }
        else if (!isUtf8 && !Utf8.IsValid(record))
        {
            Reject(record, RejectCode.BadEncoding, null, Rules.Utf8);
        }
        else if (scanner.IsTooDeep)
        {
            Reject(record, RejectCode.TooDeep, null, Rules.Depth);
        }
        else if (declared == DeclaredForm.Structured && RecordFormats.Detect(scanner) != RecordFormat.CloudEvent)
        {
            Reject(record, RejectCode.Missing, EventFields.Pointer(EventField.SpecVersion), CloudEventRules.Declared);
        }
        else if (RecordFormats.Detect(scanner) == RecordFormat.Envelope)
        {
            // The records in it come back here one by one.
            ReadEnvelope(record);
        }
        else if (redactor is not null && redactor.TryRedact(record, out var redacted))
        {
            Rescan(redacted);
            SettleReadable(redacted, asSent: record, readerStart: 0);
        }
        else
        {
            SettleReadable(record, asSent: record, readerStart);
        }
    }

    // What is stored, searched by and mapped is the redacted record; derived ids are of the bytes as sent, and so is quarantine.
    private void SettleReadable(ReadOnlySpan<byte> record, ReadOnlySpan<byte> asSent, int readerStart)
    {
        if (record.Length > options.MaxEventBytes)
        {
            Reject(asSent, RejectCode.TooLarge, null, Rules.EventBytes);
        }
        else if (RecordFormats.Detect(scanner) is var format and not RecordFormat.Native)
        {
            SettleForeign(record, asSent, format);
        }
        else if (scanner.CheckRequired() is { } fault)
        {
            Reject(asSent, fault);
        }
        else if (CheckTime(scanner.EventTimeMs, EventFields.Pointer(EventField.EventTime)) is { } wrongTime)
        {
            Reject(asSent, wrongTime);
        }
        else if (scanner.HasEventId)
        {
            Accept(record);
        }
        else
        {
            AcceptWithDerivedId(record, asSent, scanner.EmptyEventId.Start - readerStart, scanner.EmptyEventId.Length);
        }
    }

    private void Rescan(ReadOnlySpan<byte> record)
    {
        facts.Clear();
        var values = new FactValues(facts);
        var reader = new Utf8JsonReader(record, Multiple);
        reader.Read();
        scanner.Scan(ref reader, ref values, mayWrapRecords: false);
    }

    // The mapped event is read back by the scanner, so that facts, limits and later re-verification see what is stored. Its original has been scanned
    // already and holds nothing that is searchable; inside the event it lies one level deeper.
    private void SettleForeign(ReadOnlySpan<byte> record, ReadOnlySpan<byte> asSent, RecordFormat format)
    {
        if (MappingOf(format) is not { } mapping)
        {
            Reject(asSent, RejectCode.UnknownFormat, null, format == RecordFormat.Digest ? Rules.Digest : Rules.Format);
            return;
        }

        if (mapping.Map(new SourceRecord { Json = record, AsSent = asSent, Origin = origin }, mapped) is { } fault)
        {
            Reject(asSent, fault);
            return;
        }

        facts.Clear();
        var values = new FactValues(facts);
        var isTooDeep = mapped.HasOriginal && scanner.Deepest + 1 >= options.MaxDepth;
        var reader = new Utf8JsonReader(mapped.Own, isFinalBlock: false, new JsonReaderState(Multiple));
        reader.Read();
        scanner.Scan(ref reader, ref values, mayWrapRecords: false);
        if (mapped.Written.Length > options.MaxEventBytes)
        {
            Reject(asSent, RejectCode.TooLarge, null, Rules.EventBytes);
        }
        else if (isTooDeep || scanner.IsTooDeep)
        {
            Reject(asSent, RejectCode.TooDeep, null, Rules.Depth);
        }
        else if (scanner.CheckRequired() is { } broken)
        {
            // Its pointer is one into the mapped event; the record as sent has no such field.
            Reject(asSent, broken with { Field = null });
        }
        else if (CheckTime(scanner.EventTimeMs, mapping.TimePointer) is { } wrongTime)
        {
            Reject(asSent, wrongTime);
        }
        else
        {
            Accept(mapped.Written);
        }
    }

    private IRecordMapping? MappingOf(RecordFormat format) => format switch
    {
        RecordFormat.AzureMonitor => azure,
        RecordFormat.CloudEvent => cloudEvents,
        RecordFormat.CloudTrail => cloudTrail,
        RecordFormat.GoogleLogEntry => google,
        RecordFormat.PlatformEvent => platform,
        _ => null,
    };

    private Rejection? CheckTime(long eventTimeMs, string pointer)
    {
        var oldest = origin.ReceiveTimeMs - (options.RetentionDays * (long)TimeSpan.FromDays(1).TotalMilliseconds);
        return eventTimeMs < oldest ? new Rejection(RejectCode.TooOld, pointer, Rules.TooOld)
            : eventTimeMs > origin.ReceiveTimeMs + (long)options.FutureTolerance.TotalMilliseconds ? new Rejection(RejectCode.TooFarAhead, pointer, Rules.TooFarAhead)
            : null;
    }

    // An absent id becomes the first member; an empty or null one is replaced where it stands. Every other byte stays.
    private void AcceptWithDerivedId(ReadOnlySpan<byte> record, ReadOnlySpan<byte> asSent, int emptyStart, int emptyLength)
    {
        Span<byte> id = stackalloc byte[EventIds.DerivedLength];
        EventIds.Derive(asSent, id);
        stored.Clear();
        if (emptyLength > 0)
        {
            stored.Append(record[..emptyStart]);
            stored.Append("\""u8);
            stored.Append(id);
            stored.Append("\""u8);
            stored.Append(record[(emptyStart + emptyLength)..]);
        }
        else
        {
            stored.Append("{\"eventId\":\""u8);
            stored.Append(id);
            stored.Append("\","u8);
            stored.Append(record[1..]);
        }

        if (facts.Add(EventAttribute.EventId, id))
        {
            Accept(stored.Written);
        }
        else
        {
            Reject(asSent, RejectCode.TooManyValues, null, Rules.Values);
        }
    }

    private void Accept(ReadOnlySpan<byte> body)
    {
        facts.AccountId = scanner.AccountId!;
        facts.EventTimeMs = scanner.EventTimeMs;
        isInSink = true;
        sink.Accept(body, facts, index++);
        isInSink = false;
    }

    private void Reject(ReadOnlySpan<byte> record, RejectCode code, string? field, string rule) => Reject(record, new Rejection(code, field, rule));

    private void Reject(ReadOnlySpan<byte> record, Rejection reason)
    {
        isInSink = true;
        sink.Reject(record, reason, index++);
        isInSink = false;
    }

    private readonly struct FactValues(EventFacts facts) : IAttributeValues
    {
        public bool Take(EventAttribute attribute, scoped ReadOnlySpan<byte> utf8) => facts.Add(attribute, utf8);
    }

    private sealed class NoSink : INormalizedSink
    {
        public static NoSink Instance { get; } = new();

        public void Accept(ReadOnlySpan<byte> body, EventFacts facts, int index) => throw new InvalidOperationException("No message is being normalised.");

        public void Reject(ReadOnlySpan<byte> record, Rejection reason, int index) => throw new InvalidOperationException("No message is being normalised.");
    }
}
