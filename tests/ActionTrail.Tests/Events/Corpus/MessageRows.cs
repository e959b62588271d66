using System.IO.Compression;
using System.Text;

namespace ActionTrail.Tests.Events.Corpus;

/// <summary>Messages: wrappers, lines, text in text, envelopes, gzip, encodings, content types, CloudEvents in binary mode.</summary>
internal static class MessageRows
{
    private const string One = "ok";
    private const string Two = "ok; ok";

    private static readonly string Good = Samples.Minimal;
    private static readonly byte[] Packed = Gzip(Encoding.UTF8.GetBytes(Good));

    private static readonly (string Name, string Json)[] Attributes =
    [
        ("cloudEvents:specversion", "\"1.0\""), ("cloudEvents:id", "\"i-1\""), ("cloudEvents:source", "\"/m\""), ("cloudEvents:type", "\"com.example.made\""),
        ("cloudEvents:accountid", "\"acct-1\""), ("cloudEvents:time", "\"2026-06-15T11:00:00Z\""),
    ];

    public static IEnumerable<OddRecord> All => Plain.Concat(Binary).Select(static row => row with { IsMessage = true });

    private static OddRecords Plain => new("message", Good, "acct-1", "2026-06-15T11:59:58.000Z", "e-1")
    {
        { "nothing", "", "Malformed" },
        { "blanks", " \r\n\t ", "Malformed" },
        { "a mark and nothing", "\uFEFF", "Malformed" },
        { "two marks", $"\uFEFF\uFEFF{Good}", "Malformed" },
        { "an empty list", "[]", "" },
        { "an empty wrapper", "{\"records\":[]}", "" },
        { "lists of lists", $"[[{Good}]]", "Malformed" },
        { "a wrapper whose records are an object", $$"""{"records":{{Good}}}""", "UnknownFormat" },
        { "a wrapper whose records are null", """{"records":null}""", "UnknownFormat" },
        { "a wrapper whose records are text", """{"records":"x"}""", "UnknownFormat" },
        { "a wrapper in a wrapper", $$"""{"records":[{"records":[{{Good}}]}]}""", "UnknownFormat" },
        { "a wrapper of numbers and an event", $$"""{"records":[1,null,{{Good}}]}""", "Malformed; Malformed; ok" },
        { "a wrapper with its records last", $$"""{"a":{"b":[1]},"c":null,"records":[{{Good}}]}""", One },
        { "a wrapper in capitals", $$"""{"RECORDS":[{{Good}}]}""", "UnknownFormat" },
        { "a wrapper with three lists", $$"""{"records":[{{Good}}],"Records":[],"Events":[{{Good}}]}""", Two },
        { "a wrapper that is an event as well", $$"""{"records":[{{Good}}],"serviceName":"x"}""", "ok; BadValue /records" },
        { "a wrapper cut behind its records", $$"""{"records":[{{Good}}],""", "ok; Malformed" },
        { "a list of wrappers and events", $$"""[{"records":[{{Good}}]},{{Good}}]""", Two },
        { "lines ending in CR LF", $"{Good}\r\n{Good}\r\n", Two },
        { "lines ending in CR", $"{Good}\r{Good}", Two },
        { "no line ends", Good + Good, Two },
        { "commas between lines", $"{Good},\n{Good}", "ok; Malformed; ok" },
        { "text between lines", $"{Good}\n-- rest --\n{Good}", "ok; Malformed; ok" },
        { "a list broken in the middle, lines behind it", $"[{Good},{{\"a\":\n{Good}\n{Good}", "ok; Malformed; ok; ok" },
        { "a list of one event a line, one broken", $"[\n{Good},\n{{\"a\":,\n{Good},\n{Good}\n]", "ok; Malformed; ok; ok" },
        { "a wrapper broken, wrappers behind it", $$"""{"records":[{{Good}},{"x"]}""" + $$"""{{"\n"}}{"records":[{{Good}}]}""", "ok; Malformed; ok" },
        { "record separators of RFC 7464", $"\u001e{Good}\n\u001e{Good}\n", "Malformed" },
        { "an event in text", Quote(Good), One },
        { "a list in text", Quote($"[{Good},{Good}]"), Two },
        { "lines in text", Quote($"{Good}\n{Good}"), Two },
        { "events in text in a list", $"[{Quote(Good)},{Quote(Good)}]", Two },
        { "text in text in text", Quote(Quote(Good)), "Malformed" },
        { "half a pair in text that holds JSON", "\"{\\ud800}\"", "BadEncoding" },
        { "broken JSON in text", Quote("{\"a\":"), "Malformed" },

        // Envelopes.
        { "a lookup's answer", $$"""{"CloudTrailEvent":{{Quote(CloudTrailRows.Good)}}}""", "ok account=210987654321 at=2026-06-15T09:30:15.000Z id=e" },
        { "a lookup's answer that is an object", $$"""{"CloudTrailEvent":{{CloudTrailRows.Good}}}""", "UnknownFormat" },
        { "a lookup's answer cut short", """{"CloudTrailEvent":"{\"eventID\":"}""", "Malformed" },
        { "a lookup's answer empty", """{"CloudTrailEvent":""}""", "UnknownFormat" },
        { "EventBridge", $$"""{"detail-type":"AWS API Call via CloudTrail","detail":{{CloudTrailRows.Good}}}""", "ok account=210987654321 at=2026-06-15T09:30:15.000Z id=e" },
        { "EventBridge with other news", """{"detail-type":"EC2 Instance State-change Notification","detail":{"state":"stopped"}}""", "UnknownFormat" },
        { "EventBridge with text", """{"detail-type":"AWS API Call via CloudTrail","detail":"x"}""", "UnknownFormat" },
        { "EventBridge twice", $$"""{"detail-type":"x via CloudTrail","detail":{},"detail":{{CloudTrailRows.Good}}}""", "BadValue /detail" },
        { "SNS", $$"""{"TopicArn":"t","Message":{{Quote(Good)}}}""", One },
        { "SNS with words", """{"TopicArn":"t","Message":"hello"}""", "Malformed" },
        { "SNS with an object", """{"TopicArn":"t","Message":{}}""", "UnknownFormat" },
        { "SNS in SNS in SNS", Sns(Sns(Sns(Good))), One },
        { "four times SNS", Sns(Sns(Sns(Sns(Good)))), "UnknownFormat" },
        { "Pub/Sub", PubSub(Convert.ToBase64String(Encoding.UTF8.GetBytes(Good))), One },
        { "Pub/Sub with no Base64", PubSub("***"), "UnknownFormat" },
        { "Pub/Sub with nothing", PubSub(""), "UnknownFormat" },
        { "Pub/Sub with bytes that are no text", PubSub("/////w=="), "Malformed" },
        { "Pub/Sub with two data", """{"subscription":"s","message":{"data":"e30=","data":"e30="}}""", "BadValue /message/data" },
        { "half a pair in an envelope", """{"TopicArn":"\ud800","Message":"{}"}""", "BadEncoding" },

        // Encodings.
        { "UTF-16", Encoding.Unicode.GetBytes(Good), "Malformed" },
        { "UTF-16 with a mark", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(Good)], "Malformed" },
        { "UTF-32", Encoding.UTF32.GetBytes(Good), "Malformed" },
        { "a mark", $"\uFEFF{Good}", One },
        { "zero bytes", new byte[5000], "Malformed" },
        { "random bytes", [.. Enumerable.Range(0, 4096).Select(static i => (byte)(i * 131 >> 3))], "Malformed" },
        { "Latin letters beside a good event", Encoding.Latin1.GetBytes($"{Good}\n{Samples.With("\"x\":\"ü\"")}\n{Good}"), "ok; BadEncoding; ok" },

        // Gzip.
        { "gzip", Packed, One },
        { "gzip of two members", [.. Packed, .. Packed], Two },
        { "gzip with a mark inside", Gzip(Encoding.UTF8.GetBytes($"\uFEFF{Good}")), One },
        { "gzip of nothing", Gzip([]), "Malformed" },
        { "gzip of gzip", Gzip(Packed), "Malformed" },
        { "gzip cut off", Packed[..^4], "Malformed" },
        { "gzip's first bytes only", Packed[..2], "Malformed" },
        { "gzip with bytes behind it", [.. Packed, 1, 2, 3], "Malformed" },
        { "gzip with a wrong checksum", [.. Packed[..^8], (byte)~Packed[^8], .. Packed[^7..]], "Malformed" },
        { "a bomb", Gzip(new byte[8 << 20]), "TooLarge" },
        { "zlib", [0x78, 0x9c, .. Packed[10..^8]], "Malformed" },

        // Content types.
        new OddRecord("a type of CloudEvents without one", Encoding.UTF8.GetBytes(Good), "Missing /specversion") { ContentType = "application/cloudevents+json" },
        new OddRecord("a batch with one among others", Encoding.UTF8.GetBytes($"[{CloudEventRows.Good},{Good}]"), "ok at=2026-06-15T11:00:00.000Z id=derived; Missing /specversion") { ContentType = "application/cloudevents-batch+json; charset=utf-8" },
        new OddRecord("CloudEvents in Avro", [1, 2, 3], "UnknownFormat") { ContentType = "application/cloudevents+avro" },
        new OddRecord("a type that is none", Encoding.UTF8.GetBytes(Good), One) { ContentType = "///" },
    };

    private static OddRecords Binary => new("binary", Good, "acct-1", "2026-06-15T11:00:00.000Z", "derived")
    {
        Row("nothing odd", "{\"a\":1}", One),
        Row("no body", "", One),
        Row("blanks", "  ", One),
        Row("words", "hello", One),
        Row("words declared as JSON", "hello", "Malformed /data_base64", "application/json"),
        Row("words declared as text", "hello \"you\"", One, "text/plain"),
        Row("bytes declared as an image", "\u0089PNG", One, "image/png"),
        Row("two values", "{}{}", One),
        Row("a list of events is data", $"[{Good}]", One),
        Row("an event of ours", Good, "ok at=2026-06-15T11:59:58.000Z id=e-1"),
        Row("half a pair", "[\"\\ud800\"]", "BadEncoding"),
        Row("nested 500 deep", new string('[', 500) + new string(']', 500), "TooDeep"),
        Row("no id", "{}", "Missing /id", null, ("cloudEvents:id", "null")),
        Row("id a number becomes text", "{}", One, null, ("cloudEvents:id", "5")),
        Row("version 2.0", "{}", "BadValue /specversion", null, ("cloudEvents:specversion", "\"2.0\"")),
        Row("version the number 1", "{}", One, null, ("cloudEvents:specversion", "1")),
        Row("time words", "{}", "BadValue /time", null, ("cloudEvents:time", "\"noon\"")),
        Row("time a number", "{}", "WrongType /time", null, ("cloudEvents:time", "5")),
        Row("account bad", "{}", "BadValue /accountid", null, ("cloudEvents:accountid", "\"a b\"")),
        Row("an attribute named data", "{}", "BadValue /data", null, ("cloudEvents:data", "1")),
        Row("an attribute in two spellings", "{}", "BadValue /id", null, ("cloudEvents_id", "\"i-2\"")),
        Row("an attribute with a dash", "{}", "BadValue /a-b", null, ("cloudEvents:a-b", "1")),
        Row("an attribute with half a pair", "{}", "BadEncoding", null, ("cloudEvents:x", "\"\\ud800\"")),
        Row("an attribute with quotes and escapes", "{}", One, null, ("cloudEvents:x", "\"\\\"\\\\\\u0000\"")),
    };

    private static OddRecord Row(string name, string body, string expected, string? contentType = null, params (string Name, string Json)[] changed) =>
        new(name, Encoding.Latin1.GetBytes(body), expected)
        {
            ContentType = contentType,
            Properties = [.. Attributes.Where(a => !Array.Exists(changed, c => c.Name == a.Name)), .. changed],
        };

    private static string Sns(string message) => $$"""{"TopicArn":"t","Message":{{Quote(message)}}}""";

    private static string PubSub(string data) => $$$"""{"subscription":"s","message":{"data":"{{{data}}}","messageId":"1"}}""";

    private static string Quote(string text) =>
        "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal) + "\"";

    private static byte[] Gzip(byte[] bytes)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Optimal))
            gzip.Write(bytes);
        return memory.ToArray();
    }
}
