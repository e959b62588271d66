using System.Text.Json;

namespace ActionTrail.Events.CloudTrail;

/// <summary>
/// Maps records of AWS CloudTrail (eventVersion 1.x: management, data, network activity, insight, service and sign-in events) to events of our
/// form. Values are copied as they stand; the record itself is the last member <c>originalRecord</c>.
/// </summary>
internal sealed partial class CloudTrailMapping : IRecordMapping
{
    // Parameters and answers above this size (CloudTrail itself cuts at 100 KB) are not repeated outside originalRecord.
    private const int MaxRepeatedBytes = 128 << 10;

    private readonly ObjectIndex top = new();
    private readonly ObjectIndex identity = new();
    private readonly ObjectIndex session = new();
    private readonly ObjectIndex issuer = new();
    private readonly ObjectIndex insight = new();
    private readonly ObjectIndex parameters = new();
    private readonly ObjectIndex answers = new();
    private readonly ObjectIndex onBehalfOf = new();
    private readonly ObjectIndex resource = new();
    private readonly ResourceReferences resources = new();
    private readonly RecordBuffer userName = new();

    public string TimePointer => "/eventTime";

    public Rejection? Map(in SourceRecord source, MappedEvent output)
    {
        if (JsonText.HasLoneSurrogate(source.Json))
        {
            return new Rejection(RejectCode.BadEncoding, null, Rules.Surrogates);
        }

        var record = top.Read(source.Json, "");
        var user = identity.Read(record["userIdentity"u8].Raw, "/userIdentity");
        var details = insight.Read(record["insightDetails"u8].Raw, "/insightDetails");
        var name = record["eventName"u8].Or(details["eventName"u8]);
        var eventSource = record["eventSource"u8].Or(details["eventSource"u8]);
        var account = record["recipientAccountId"u8].Or(user["accountId"u8]);
        if (Check(record, name, eventSource, account) is { } fault)
        {
            return fault;
        }

        output.Begin();
        WriteEventId(record, source.AsSent, output);
        output.Json.WriteNumber("eventVersion"u8, 1);
        output.CopyText("eventTime"u8, record["eventTime"u8]);
        output.CopyText("eventName"u8, name);
        output.CopyText("eventSource"u8, eventSource);
        output.CopyText("recipientAccountId"u8, account);
        WriteKind(record, name, ServiceOf(eventSource), output);
        output.CopyText("apiVersion"u8, record["apiVersion"u8]);
        output.CopyText("requestId"u8, record["requestID"u8]);
        output.CopyText("sourceIpAddress"u8, record["sourceIPAddress"u8]);
        output.CopyText("userAgent"u8, record["userAgent"u8]);
        output.CopyText("vpcId"u8, record["vpcEndpointId"u8]);
        output.CopyText("sharedEventId"u8, record["sharedEventID"u8]);
        WriteOutcome(record, output);
        WriteBody("requestParameters"u8, record["requestParameters"u8], output);
        WriteBody("responseElements"u8, record["responseElements"u8], output);
        WriteResources(record, ServiceOf(eventSource), output);
        WriteIdentity(user, output);
        WriteAdditional(record, user, output);
        output.CopyObject("insightDetails"u8, record["insightDetails"u8]);
        if ((top.Repeated ?? identity.Repeated ?? insight.Repeated ?? session.Repeated ?? issuer.Repeated) is { } repeated)
        {
            return new Rejection(RejectCode.BadValue, repeated, Rules.Twice);
        }

        output.End(source.Json);
        return null;
    }

    private static Rejection? Check(ObjectIndex.Members record, JsonSlice name, JsonSlice eventSource, JsonSlice account)
    {
        var time = record["eventTime"u8];
        return !time.HasText ? new Rejection(RejectCode.Missing, "/eventTime", Rules.Required)
            : !EventTimes.TryParse(time.Utf8, out _) ? new Rejection(RejectCode.BadValue, "/eventTime", Rules.Time)
            : !name.HasText ? new Rejection(RejectCode.Missing, "/eventName", Rules.Required)
            : ServiceOf(eventSource).IsEmpty ? new Rejection(RejectCode.Missing, "/eventSource", Rules.Required)
            : !account.HasText ? new Rejection(RejectCode.Missing, "/recipientAccountId", Rules.AccountRequired)
            : !AccountIds.IsValid(account.Utf8) ? new Rejection(RejectCode.BadValue, record["recipientAccountId"u8].HasText ? "/recipientAccountId" : "/userIdentity/accountId", Rules.Account)
            : null;
    }

    private static ReadOnlySpan<byte> ServiceOf(JsonSlice eventSource)
    {
        var host = eventSource.Utf8;
        return host.IndexOf((byte)'.') is var dot and >= 0 ? host[..dot] : host;
    }

    private static void WriteEventId(ObjectIndex.Members record, ReadOnlySpan<byte> asSent, MappedEvent output)
    {
        var given = record["eventID"u8];
        if (given.HasText && EventIds.IsValid(given.Utf8))
        {
            output.CopyText("eventId"u8, given);
            return;
        }

        Span<byte> id = stackalloc byte[EventIds.DerivedLength];
        EventIds.Derive(asSent, id);
        output.Json.WriteString("eventId"u8, id);
    }

    private static void WriteKind(ObjectIndex.Members record, JsonSlice name, ReadOnlySpan<byte> service, MappedEvent output)
    {
        var type = record["eventType"u8];
        var region = record["awsRegion"u8];
        var readOnly = record["readOnly"u8];
        var isRead = readOnly.HasText ? readOnly.IsTrue || readOnly.Is("true"u8) : CloudTrailNames.IsRead(name.Utf8);
        output.Json.WriteString("serviceName"u8, service);
        output.Json.WriteString("eventType"u8, CloudTrailNames.EventType(type));
        output.Json.WriteString("eventCategory"u8, CloudTrailNames.Category(record["eventCategory"u8], type, record["managementEvent"u8]));
        output.Json.WriteString("eventRW"u8, isRead ? "Read"u8 : "Write"u8);
        output.CopyText("acsRegion"u8, region);
        if (CloudTrailNames.IsGlobal(service, region))
        {
            output.Json.WriteBoolean("isGlobal"u8, value: true);
        }

        if (CloudTrailNames.IsSensitive(name.Utf8))
        {
            output.Json.WriteStartObject("eventAttributes"u8);
            output.Json.WriteString("SensitiveAction"u8, "true"u8);
            output.Json.WriteEndObject();
        }
    }

    // A failed sign-in has no errorCode; only its answer says so: {"ConsoleLogin":"Failure"}.
    private void WriteOutcome(ObjectIndex.Members record, MappedEvent output)
    {
        var code = record["errorCode"u8];
        output.CopyText("errorCode"u8, code);
        output.CopyText("errorMessage"u8, record["errorMessage"u8]);
        if (code.HasText || !record["eventType"u8].Is("AwsConsoleSignIn"u8))
        {
            return;
        }

        var answer = answers.Read(record["responseElements"u8].Raw, "/responseElements");
        for (var i = 0; i < answer.Count; i++)
        {
            if (answer.ValueAt(i).Is("Failure"u8))
            {
                output.Json.WriteString("errorCode"u8, "Failure"u8);
                return;
            }
        }
    }

    private static void WriteBody(ReadOnlySpan<byte> name, JsonSlice body, MappedEvent output)
    {
        if (body.Raw.Length <= MaxRepeatedBytes)
        {
            output.CopyObject(name, body);
        }
    }

    private void WriteResources(ObjectIndex.Members record, ReadOnlySpan<byte> service, MappedEvent output)
    {
        resources.Clear();
        if (record["resources"u8] is { IsArray: true } listed)
        {
            var reader = new Utf8JsonReader(listed.Raw, new JsonReaderOptions { MaxDepth = 1000 });
            reader.Read();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                var one = resource.Read(listed.Raw[start..(int)reader.BytesConsumed], "/resources");
                var type = one["type"u8];
                resources.Add(type.HasText ? type.Utf8 : "AWS::Resource"u8, one["ARN"u8].Or(one["arn"u8]).Or(one["ARNPrefix"u8]).Utf8);
            }
        }

        CloudTrailNames.AddNamed(service, parameters.Read(record["requestParameters"u8].Raw, "/requestParameters"), resources);
        resources.Write(output);
    }
}
