using System.Globalization;

namespace ActionTrail.Events.Platform;

/// <summary>
/// Maps platform events (Inner-ActionTrail: what the provider's staff did to a customer's resources) to events of our form. They keep a
/// category of their own, <see cref="EventCategories.Platform"/>, by which trails and selectors tell them apart; the event itself is the last
/// member <c>originalRecord</c>, from which its own schema is rebuilt.
/// </summary>
internal sealed class PlatformMapping : IRecordMapping
{
    // Longer reasons and reasons of several words are prose, no number that anybody looks up.
    private const int MaxTicketLength = 64;

    private readonly ObjectIndex top = new();
    private readonly ResourceReferences resources = new();

    public string TimePointer => "/EventTime";

    public Rejection? Map(in SourceRecord source, MappedEvent output)
    {
        if (JsonText.HasLoneSurrogate(source.Json))
        {
            return new Rejection(RejectCode.BadEncoding, null, Rules.Surrogates);
        }

        var record = top.Read(source.Json, "");
        if (Check(record, out var timeMs) is { } fault)
        {
            return fault;
        }

        output.Begin();
        WriteEventId(record["EventID"u8], source.AsSent, output);
        output.Json.WriteNumber("eventVersion"u8, 1);
        if (timeMs is { } number)
        {
            output.Json.WriteString("eventTime"u8, DateTimeOffset.FromUnixTimeMilliseconds(number).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        }
        else
        {
            output.CopyText("eventTime"u8, record["EventTime"u8]);
        }

        output.Json.WriteString("eventType"u8, EventCategories.PlatformEventType);
        output.Json.WriteString("eventCategory"u8, EventCategories.Platform);
        output.CopyText("eventName"u8, record["EventName"u8]);
        output.Json.WriteString("eventRW"u8, IsRead(record["EventMethod"u8].Utf8) ? "Read"u8 : "Write"u8);
        output.CopyText("eventSource"u8, record["EventProduct"u8]);
        output.CopyText("serviceName"u8, record["EventProduct"u8]);
        output.CopyText("recipientAccountId"u8, record["ResourceOwnerID"u8]);
        output.CopyText("acsRegion"u8, record["ResourceRegionID"u8]);
        var reason = record["EventDescription"u8];
        if (reason.Raw.Length <= MaxTicketLength && !reason.Utf8.Contains((byte)' '))
        {
            output.CopyText("requestId"u8, reason);
        }

        resources.Clear();
        resources.Add(record["ResourceType"u8] is { HasText: true } type ? type.Utf8 : "resource"u8, record["ResourceID"u8].Utf8);
        resources.Write(output);
        WriteStaff(record["EmployeeID"u8], output);
        WriteAdditional(record, output);
        if (top.Repeated is { } repeated)
        {
            return new Rejection(RejectCode.BadValue, repeated, Rules.Twice);
        }

        output.End(source.Json);
        return null;
    }

    // The number is set when the time is given as one.
    private static Rejection? Check(ObjectIndex.Members record, out long? number)
    {
        var time = record["EventTime"u8];
        var account = record["ResourceOwnerID"u8];
        number = null;
        if (!time.HasText)
        {
            return new Rejection(RejectCode.Missing, "/EventTime", Rules.Required);
        }

        if (!EventTimes.TryParse(time.Utf8, out _) && (number = Unix(time.Utf8)) is null)
        {
            return new Rejection(RejectCode.BadValue, "/EventTime", Rules.PlatformTime);
        }

        return !record["EventName"u8].HasText ? new Rejection(RejectCode.Missing, "/EventName", Rules.Required)
            : !record["EventProduct"u8].HasText ? new Rejection(RejectCode.Missing, "/EventProduct", Rules.Required)
            : !account.HasText ? new Rejection(RejectCode.Missing, "/ResourceOwnerID", Rules.PlatformAccount)
            : !AccountIds.IsValid(account.Utf8) ? new Rejection(RejectCode.BadValue, "/ResourceOwnerID", Rules.PlatformAccount)
            : null;
    }

    // Ten digits are seconds, thirteen milliseconds.
    private static long? Unix(ReadOnlySpan<byte> text) =>
        text.Length is 10 or 13 && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? text.Length == 10 ? number * 1000 : number : null;

    private static void WriteEventId(JsonSlice given, ReadOnlySpan<byte> asSent, MappedEvent output)
    {
        if (given.HasText && EventIds.IsValid(given.Utf8))
        {
            output.CopyText("eventId"u8, given);
            return;
        }

        Span<byte> id = stackalloc byte[EventIds.DerivedLength];
        EventIds.Derive(asSent, id);
        output.Json.WriteString("eventId"u8, id);
    }

    private static bool IsRead(ReadOnlySpan<byte> method) => method.EndsWith("Read"u8) || method.EndsWith("read"u8);

    // Without an employee it was a machine of the provider.
    private static void WriteStaff(JsonSlice employee, MappedEvent output)
    {
        output.Json.WriteStartObject("userIdentity"u8);
        output.Json.WriteString("type"u8, employee.HasText ? "platform-employee"u8 : "system"u8);
        output.CopyText("principalId"u8, employee);
        output.CopyText("userName"u8, employee);
        output.Json.WriteEndObject();
    }

    private static void WriteAdditional(ObjectIndex.Members record, MappedEvent output)
    {
        output.Json.WriteStartObject("additionalEventData"u8);
        output.CopyText("eventVersion"u8, record["EventVersion"u8]);
        output.CopyText("eventType"u8, record["EventType"u8]);
        output.CopyText("level"u8, record["EventLevel"u8]);
        output.CopyText("method"u8, record["EventMethod"u8]);
        output.CopyText("location"u8, record["EventLocation"u8]);
        output.CopyText("description"u8, record["EventDescription"u8]);
        output.Copy("detail"u8, record["EventAdditionalDetail"u8]);
        output.Json.WriteEndObject();
    }
}
