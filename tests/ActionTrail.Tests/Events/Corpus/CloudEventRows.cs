using System.Text;
using ActionTrail.Tests.Events.CloudEvents;

namespace ActionTrail.Tests.Events.Corpus;

/// <summary>CloudEvents in structured form.</summary>
internal static class CloudEventRows
{
    public static readonly string Good = CloudEventSamples.With();

    public static OddRecords All => new("CloudEvent", Good, "acct-1", "2026-06-15T11:00:00.000Z", "derived")
    {
        // Attributes.
        { "nothing odd", Good, "ok" },
        { "version a number", "specversion", "1.0", "WrongType /specversion" },
        { "version 0.3", "specversion", "\"0.3\"", "BadValue /specversion" },
        { "version 1", "specversion", "\"1\"", "BadValue /specversion" },
        { "version null", "specversion", "null", "Missing /specversion" },
        { "no version", "specversion", null, "UnknownFormat" },
        { "version in escapes", "specversion", "\"\\u0031.0\"", "ok" },
        { "no id", "id", null, "Missing /id" },
        { "id empty", "id", "\"\"", "Missing /id" },
        { "id a blank", "id", "\" \"", "Missing /id" },
        { "id a number", "id", "5", "WrongType /id" },
        { "id a GUID", "id", "\"0F8FAD5B-D9CB-469F-A165-70867728950E\"", "ok id=0F8FAD5B-D9CB-469F-A165-70867728950E" },
        { "id a GUID in braces", "id", "\"{0f8fad5b-d9cb-469f-a165-70867728950e}\"", "ok" },
        { "id of 10,000 letters", "id", $"\"{new string('i', 10_000)}\"", "ok" },
        { "id with an umlaut", "id", "\"ü\"", "ok" },
        { "no source", "source", null, "Missing /source" },
        { "source an object", "source", "{}", "WrongType /source" },
        { "source no address at all", "source", "\"::: ?\"", "ok" },
        { "source a slash", "source", "\"/\"", "ok" },
        { "no type", "type", null, "Missing /type" },
        { "type a list", "type", "[]", "WrongType /type" },
        { "type of dots", "type", "\"...\"", "ok" },
        { "subject a number", "subject", "7", "WrongType /subject" },
        { "subject empty", "subject", "\"\"", "ok" },
        { "content type a number", "datacontenttype", "7", "WrongType /datacontenttype" },
        { "content type nonsense", "datacontenttype", "\";;\"", "ok" },
        { "schema a flag", "dataschema", "true", "WrongType /dataschema" },
        { "no time: the receive time", "time", null, "ok at=2026-06-15T12:00:00.000Z" },
        { "time null: the receive time", "time", "null", "ok at=2026-06-15T12:00:00.000Z" },
        { "time empty", "time", "\"\"", "BadValue /time" },
        { "time a number", "time", "1781521200", "WrongType /time" },
        { "time in lower case", "time", "\"2026-06-15t11:00:00z\"", "ok" },
        { "time of twelve digits is kept in seconds", "time", "\"2026-06-15T11:00:00.999999999999Z\"", "ok" },
        { "time without zone", "time", "\"2026-06-15T11:00:00\"", "BadValue /time" },
        { "leap second", "time", "\"2026-06-14T23:59:60Z\"", "BadValue /time" },
        { "too old", "time", "\"2020-06-15T11:00:00Z\"", "TooOld /time" },
        { "beyond the end of the calendar", "time", "\"9999-12-31T23:59:59-14:00\"", "TooFarAhead /time" },
        { "before the start of the calendar", "time", "\"0001-01-01T00:00:00+14:00\"", "TooOld /time" },
        { "too far ahead", "time", "\"2027-06-15T11:00:00Z\"", "TooFarAhead /time" },
        { "attribute in upper case", "Flag", "1", "BadValue /Flag" },
        { "attribute with an underscore", "my_flag", "1", "BadValue /my_flag" },
        { "attribute with a slash and a tilde", "+", "\"a/~b\":1", "BadValue /a~1~0b" },
        { "attribute without a name", "", "1", "BadValue /" },
        { "attribute of 1,000 letters", new string('a', 1000), "1", "ok" },
        { "attribute twice", "+", "\"id\":\"i-1\"", "BadValue /id" },
        { "extension twice", "+", "\"x\":1,\"x\":1", "BadValue /x" },
        { "extension null and again", "+", "\"x\":null,\"x\":1", "ok" },
        { "extension an object", "x", """{"a":[1,2]}""", "ok" },
        { "half a pair in an extension", "x", "\"\\ud83d\"", "BadEncoding" },
        { "half a pair in the data", "data", "[\"\\ude00\"]", "BadEncoding" },

        // Accounts.
        { "no account", "accountid", null, "Missing /accountid" },
        { "account empty", "accountid", "\"\"", "Missing /accountid" },
        { "account a number", "accountid", "4711", "ok account=4711" },
        { "account bad", "accountid", "\"a b\"", "BadValue /accountid" },
        { "recipient before account", "recipientaccountid", "\"acct-2\"", "ok account=acct-2" },
        { "account in the data", Without("""{"recipientAccountId":"acct-3"}"""), "ok account=acct-3" },
        { "account in the data bad", Without("""{"recipientAccountId":"a/b"}"""), "BadValue /data/recipientAccountId" },
        { "account of the data's identity", Without("""{"userIdentity":{"accountId":"acct-4"}}"""), "ok account=acct-4" },
        { "account of the data's identity bad", Without("""{"userIdentity":{"accountId":"!"}}"""), "BadValue /data/userIdentity/accountId" },
        { "subscription in the source", CloudEventSamples.With(("accountid", ""), ("source", "\"/SUBSCRIPTIONS/AB-1/x\"")), "ok account=ab-1" },
        { "subscription in the subject", CloudEventSamples.With(("accountid", ""), ("subject", "\"/subscriptions/AB-2\"")), "ok account=ab-2" },
        { "subscription bad", CloudEventSamples.With(("accountid", ""), ("source", "\"/subscriptions/a b/x\"")), "BadValue /source" },

        // Data.
        { "data null", "data", "null", "ok" },
        { "data a number", "data", "1e999", "ok" },
        { "data a list", "data", "[[[]]]", "ok" },
        { "data text that starts like JSON", "data", "\"{\\\"a\\\":\"", "ok" },
        { "data JSON in text", "data", "\"{\\\"a\\\":1}\"", "ok" },
        { "data an object of the same name twice", "data", """{"a":1,"a":2}""", "ok" },
        { "data declared as text, an object", "+", "\"datacontenttype\":\"text/plain\",\"data\":{\"a\":1}", "ok" },
        { "both kinds of data", "+", "\"data\":1,\"data_base64\":\"MQ==\"", "BadValue /data_base64" },
        { "both kinds of data, one null", "+", "\"data\":null,\"data_base64\":\"MQ==\"", "ok" },
        { "Base64 a number", "data_base64", "12", "WrongType /data_base64" },
        { "Base64 that is none", "data_base64", "\"***\"", "BadValue /data_base64" },
        { "Base64 cut short", "data_base64", "\"MTI\"", "BadValue /data_base64" },
        { "Base64 with blanks", "data_base64", "\"MTI z\\nNA==\"", "ok" },
        { "Base64 with escaped slashes", "data_base64", "\"\\/\\/\\/\\/\"", "ok" },
        { "Base64 empty", "data_base64", "\"\"", "ok" },
        { "Base64 of JSON", Base64("{\"a\":1}"u8.ToArray()), "ok" },
        { "Base64 of JSON with a mark", Base64("\ufeff{\"a\":1}"u8.ToArray()), "ok" },
        { "Base64 of no JSON", Base64("hello"u8.ToArray()), "Malformed /data_base64" },
        { "Base64 of nothing", Base64([]), "ok" },
        { "Base64 of no UTF-8", Base64([0x22, 0xff, 0x22]), "BadEncoding /data_base64" },
        { "Base64 of half a pair", Base64("\"\\ud800\""u8.ToArray()), "BadEncoding /data_base64" },
        { "Base64 of JSON too deep", Base64(Encoding.UTF8.GetBytes(new string('[', 5000))), "Malformed /data_base64" },

        // Data that are records themselves.
        { "an event of ours", "data", Samples.Minimal, "ok at=2026-06-15T11:59:58.000Z id=e-1" },
        { "an event of ours in text", "data", "\"" + Samples.Minimal.Replace("\"", "\\\"", StringComparison.Ordinal) + "\"", "ok at=2026-06-15T11:59:58.000Z id=e-1" },
        { "an event of ours in Base64", Base64(Encoding.UTF8.GetBytes(Samples.Minimal)), "ok at=2026-06-15T11:59:58.000Z id=e-1" },
        { "an event of ours without id and account", "data", """{"eventName":"A","eventTime":"2026-06-15T11:59:58Z","serviceName":"S"}""", "ok at=2026-06-15T11:59:58.000Z" },
        { "an event of ours without service", "data", """{"eventName":"A","eventTime":"2026-06-15T11:59:58Z"}""", "Missing /data/serviceName" },
        { "an event of ours with a bad time", "data", """{"eventName":"A","eventTime":"now","serviceName":"S"}""", "BadValue /data/eventTime" },
        { "an event of ours that is too old", "data", Samples.Minimal.Replace("2026", "2020", StringComparison.Ordinal), "TooOld /data/eventTime" },
        { "an event of ours with an empty id", "data", Samples.Minimal.Replace("\"e-1\"", "\"\"", StringComparison.Ordinal), "ok at=2026-06-15T11:59:58.000Z" },
        { "an event of ours that was a CloudEvent before", "data", Samples.With("\"cloudEvent\":{},\"cloudEvent_\":1"), "ok at=2026-06-15T11:59:58.000Z id=e-1" },
        { "an event of ours with a name only", "data", """{"eventName":"A"}""", "ok" },
        { "a CloudTrail record", "data", CloudTrailRows.Good, "ok account=210987654321 at=2026-06-15T09:30:15.000Z id=e" },
        { "a CloudTrail record without source", "data", """{"eventID":"e","eventTime":"2026-06-15T09:30:15Z","eventName":"A"}""", "Missing /data/eventSource" },
        { "a CloudTrail record that is too old", "data", CloudTrailRows.Good.Replace("2026", "2020", StringComparison.Ordinal), "TooOld /data/eventTime" },
        { "a Google entry", "data", GoogleRows.Good, "ok account=shop-1 at=2026-06-15T09:31:00.000Z" },
        { "a Google entry without payload", "data", """{"insertId":"i","logName":"l"}""", "UnknownFormat /data/protoPayload" },
        { "a platform event", "data", PlatformRows.Good, "ok account=1234567890 at=2026-06-15T10:00:00.000Z id=p-1" },
        { "a platform event without time", "data", """{"EventProduct":"E"}""", "Missing /data/EventTime" },
        { "an Azure record", "data", AzureRows.Good, "ok account=sub-1 at=2026-06-15T10:15:30.000Z" },
        { "an Azure record without account", "data", """{"operationName":"o","time":"2026-06-15T10:15:30Z"}""", "Missing /data/resourceId" },
        { "an Azure record in Base64 without account", Base64("""{"operationName":"o","time":"2026-06-15T10:15:30Z"}"""u8.ToArray()), "Missing /data_base64" },
        { "a wrapper is data like any other", "data", $$"""{"records":[{{AzureRows.Good}}]}""", "ok" },
        { "a CloudEvent inside is data like any other", "data", Good, "ok" },
        { "a change that Event Grid reports", EventGrid("""{"operationName":"Microsoft.Web/sites/write","resourceUri":"/subscriptions/Sub-7/resourceGroups/g","status":"Succeeded"}"""), "ok account=sub-7" },
        { "a change of nothing", EventGrid("""{"operationName":"Microsoft.Web/sites/write","resourceUri":"/none"}"""), "Missing /data/resourceUri" },
        { "a change whose parts are text", EventGrid("""{"operationName":"o/write","resourceUri":"/subscriptions/s7","claims":"{}","authorization":"{\"a\":","httpRequest":"x"}"""), "ok account=s7" },

        // Limits.
        { "59 levels, and one by the wrapping", "x", new string('[', 58) + new string(']', 58), "ok" },
        { "60 levels, and one by the wrapping", "x", new string('[', 59) + new string(']', 59), "TooDeep" },
        { "2,000 searchable values in the subject", "subject", $"\"{string.Join(';', Enumerable.Range(0, 2000))}\"", "TooManyValues" },
        { "an event of ours with 2,000 searchable values", "data", Samples.With($"\"resourceName\":\"{string.Join(';', Enumerable.Range(0, 2000))}\""), "TooManyValues" },
        { "1 MiB, too large once mapped", "x", $"\"{new string('x', (1 << 20) - 300)}\"", "TooLarge" },
        { "data of 200 KB are not repeated", "data", $$"""{"x":"{{new string('x', 200_000)}}"}""", "ok" },
        { "a thousand extensions", "+", string.Join(',', Enumerable.Range(0, 1000).Select(static i => $"\"x{i}\":{i}")), "ok" },
    };

    private static string Without(string data) => CloudEventSamples.With(("accountid", ""), ("data", data));

    private static string Base64(byte[] bytes) => CloudEventSamples.With(("datacontenttype", "\"application/json\""), ("data_base64", $"\"{Convert.ToBase64String(bytes)}\""));

    private static string EventGrid(string data) => CloudEventSamples.With(("type", "\"Microsoft.Resources.ResourceWriteSuccess\""), ("accountid", ""), ("data", data));
}
