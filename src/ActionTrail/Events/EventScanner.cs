using System.Text.Json;

namespace ActionTrail.Events;

/// <summary>Takes the searchable values of an event as the scanner meets them: unescaped UTF-8, never empty.</summary>
internal interface IAttributeValues
{
    /// <summary>False when no more values are wanted.</summary>
    bool Take(EventAttribute attribute, scoped ReadOnlySpan<byte> utf8);
}

/// <summary>Where a scan ended.</summary>
internal enum ScanEnd
{
    /// <summary>At the end of the object.</summary>
    Object,

    /// <summary>At the opening bracket of <c>records</c>: the object wraps records and is none itself.</summary>
    Records,
}

/// <summary>
/// One pass over one event: types and grammar of the known fields, time, account, searchable values. Unknown fields are skipped
/// by structure only. The results stand until the next scan. Ingest and re-verification of query matches share it, so that both
/// see the same values.
/// </summary>
internal sealed partial class EventScanner(int maxDepth)
{
    private readonly JsonText text = new();
    private readonly AccountCache accounts = new();
    private ulong seen;
    private ulong present;
    private int startDepth;
    private bool full;
    private string? recipientAccount;
    private string? identityAccount;
    private bool identityAccountIsBad;

    /// <summary>The first broken rule of a known field; null when there is none.</summary>
    public Rejection? Fault { get; private set; }

    /// <summary>How many levels below the event its deepest object or array lies.</summary>
    public int Deepest { get; private set; }

    public bool IsTooDeep => Deepest >= maxDepth;

    public long EventTimeMs { get; private set; }

    /// <summary>Whether there is a usable event id.</summary>
    public bool HasEventId => (present & EventFields.Bit(EventField.EventId)) != 0;

    /// <summary>Where the value of an empty or null event id lies, in the reader's own positions; length 0 when the field is absent.</summary>
    public (int Start, int Length) EmptyEventId { get; private set; }

    /// <summary><c>recipientAccountId</c>, else <c>userIdentity.accountId</c>; null when neither is there.</summary>
    public string? AccountId => recipientAccount ?? identityAccount;

    public bool Saw(EventField field) => (seen & EventFields.Bit(field)) != 0;

    /// <summary>Whether the object has any field that only events of our own form have.</summary>
    public bool LooksNative => (seen & (EventFields.Bit(EventField.EventTime) | EventFields.Bit(EventField.ServiceName)
        | EventFields.Bit(EventField.UserIdentity) | EventFields.Bit(EventField.EventId))) != 0;

    public void Shrink() => text.Shrink();

    /// <summary>Reads the object at whose opening brace <paramref name="reader"/> stands, to its closing brace.</summary>
    /// <param name="reader">At an opening brace.</param>
    /// <param name="values">Takes the searchable values.</param>
    /// <param name="mayWrapRecords">Whether an array under <c>records</c>, before any field of our own form, ends the scan.</param>
    /// <exception cref="JsonException">The bytes are no JSON.</exception>
    public ScanEnd Scan<TValues>(ref Utf8JsonReader reader, ref TValues values, bool mayWrapRecords)
        where TValues : IAttributeValues, allows ref struct
    {
        seen = present = 0;
        startDepth = reader.CurrentDepth;
        full = identityAccountIsBad = false;
        Deepest = 0;
        recipientAccount = identityAccount = null;
        Fault = null;
        EventTimeMs = 0;
        EmptyEventId = default;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var field = FieldOf(ref reader);
            reader.Read();
            if (field == EventField.Unknown)
            {
                Skip(ref reader);
                continue;
            }

            if (field >= EventField.OperationName)
            {
                seen |= EventFields.Bit(field);
                if (field == EventField.Records && mayWrapRecords && reader.TokenType == JsonTokenType.StartArray && !LooksNative && !Saw(EventField.EventName))
                {
                    return ScanEnd.Records;
                }

                Skip(ref reader);
                continue;
            }

            if (Saw(field))
            {
                Fail(RejectCode.BadValue, EventFields.Pointer(field), Rules.Twice);
            }

            seen |= EventFields.Bit(field);
            ReadKnown(ref reader, ref values, field);
        }

        return ScanEnd.Object;
    }

    /// <summary>The known field that the current property name names.</summary>
    public EventField FieldOf(ref Utf8JsonReader reader) => text.TryRead(ref reader, out var name) ? EventFields.Find(name) : EventField.Unknown;

    /// <summary>Moves over the current value and notes when it nests too deep.</summary>
    public void Skip(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
        {
            return;
        }

        var depth = reader.CurrentDepth;
        do
        {
            if (reader.CurrentDepth - startDepth > Deepest && (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray))
            {
                Deepest = reader.CurrentDepth - startDepth;
            }

            reader.Read();
        }
        while (reader.CurrentDepth > depth);
    }

    /// <summary>What a native event as a whole must have; call it after a scan.</summary>
    public Rejection? CheckRequired()
    {
        if (Fault is not null)
        {
            return Fault;
        }

        foreach (var field in (ReadOnlySpan<EventField>)[EventField.EventName, EventField.EventTime, EventField.ServiceName])
        {
            if ((present & EventFields.Bit(field)) == 0)
            {
                return new Rejection(RejectCode.Missing, EventFields.Pointer(field), Rules.Required);
            }
        }

        return AccountId is not null ? null
            : identityAccountIsBad ? new Rejection(RejectCode.BadValue, "/userIdentity/accountId", Rules.Account)
            : new Rejection(RejectCode.Missing, EventFields.Pointer(EventField.RecipientAccountId), Rules.AccountRequired);
    }

    private void Fail(RejectCode code, string pointer, string rule) => Fault ??= new Rejection(code, pointer, rule);

    private void Give<TValues>(ref TValues values, EventAttribute attribute, scoped ReadOnlySpan<byte> value, string pointer)
        where TValues : IAttributeValues, allows ref struct
    {
        if (!full && !value.IsEmpty && !values.Take(attribute, value))
        {
            full = true;
            Fail(RejectCode.TooManyValues, pointer, Rules.Values);
        }
    }
}
