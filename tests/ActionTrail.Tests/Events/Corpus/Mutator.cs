using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ActionTrail.Tests.Events.Corpus;

/// <summary>Damages records: by bytes, and as long as they are JSON by members and values, also with parts of other records. The same seed does the same.</summary>
internal sealed class Mutator(IReadOnlyList<byte[]> records, int seed)
{
    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "1.5", "1e400", "-0", "123456789012345678901234567890", "\"\"", "\" \"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"",
        "\"\\ud83d\\ude00\"", "\"<null>\"", "\"{}\"", "\"{\\\"a\\\":1}\"", "\"{'a':'b'}\"", "\"[\"", "[]", "[null]", "[[],{},1,\"x\"]", "{}", "{\"\":0}", "{\"value\":\"v\"}", "{\"value\":{}}",
        "\"2026-06-15T10:00:00Z\"", "\"0000-00-00T00:00:00Z\"", "\"6/15/2026 10:00:00 AM\"", "1781517600", "\"9999-12-31T23:59:59.999999999-14:00\"", "\"/\"", "\":\"", "\"[::1]:443\"",
        "\"/subscriptions/s-1/resourceGroups/g/providers/Microsoft.Web/sites/x\"", "\"https://h.example/a?b#c\"", "\"1.0\"", "\"application/json\"", "\"text/plain\"", "\"eyJhIjoxfQ==\"",
    ];

    private static readonly string[] Names =
    [
        "eventId", "eventID", "EventID", "eventTime", "EventTime", "time", "Time", "timestamp", "eventTimestamp", "eventName", "EventName", "operationName", "methodName", "serviceName",
        "eventSource", "EventProduct", "recipientAccountId", "ResourceOwnerID", "accountid", "tenantId", "userIdentity", "identity", "properties", "claims", "authorization", "specversion", "id",
        "source", "type", "data", "data_base64", "datacontenttype", "protoPayload", "insertId", "logName", "resource", "resourceId", "category", "awsRegion", "resources", "requestParameters",
        "responseElements", "referencedResources", "eventAttributes", "additionalEventData", "sessionContext", "detail", "detail-type", "Message", "TopicArn", "message", "subscription",
        "CloudTrailEvent", "records", "Records", "Events", "digestStartTime", "correlationId", "originalRecord", "cloudEvent", "a/b~c", "",
    ];

    private readonly Random random = new(seed);
    private readonly List<Place> places = [];

    /// <summary>A record, damaged one to four times, on one line.</summary>
    public byte[] Next()
    {
        var bytes = Any();
        for (var edits = random.Next(1, 5); edits > 0; edits--)
            bytes = random.Next(3) > 0 && Index(bytes) ? EditMember(bytes) : EditBytes(bytes);
        bytes.AsSpan().Replace((byte)'\n', (byte)' ');
        return bytes;
    }

    /// <summary>Damages any bytes.</summary>
    public byte[] EditBytes(byte[] bytes)
    {
        if (bytes.Length < 2)
            return Any();
        var at = random.Next(bytes.Length);
        var length = Math.Min(random.Next(1, 200), bytes.Length - at);
        var one = random.Next(3) == 0 ? (byte)random.Next(256) : "{}[]\",:\\ 0eu'"u8[random.Next(13)];
        return random.Next(7) switch
        {
            0 => [.. bytes[..at], (byte)(bytes[at] ^ (1 << random.Next(8))), .. bytes[(at + 1)..]],
            1 => [.. bytes[..at], one, .. bytes[(at + 1)..]],
            2 => [.. bytes[..at], one, .. bytes[at..]],
            3 => bytes[..at],
            4 => [.. bytes[..at], .. bytes[(at + length)..]],
            5 => [.. bytes[..(at + length)], .. bytes[at..]],
            _ => [.. bytes[..at], .. Any() is var other ? other[random.Next(other.Length)..] : []],
        };
    }

    private byte[] Any() => records[random.Next(records.Count)];

    private byte[] EditMember(byte[] bytes)
    {
        var place = places[random.Next(places.Count)];
        var value = bytes[place.ValueStart..place.End];
        var name = bytes[place.NameStart..place.ValueStart];
        return random.Next(13) switch
        {
            0 or 1 => With(bytes, place, name, Encoding.UTF8.GetBytes(Values[random.Next(Values.Length)])),
            2 => With(bytes, place, name, ValueOf(bytes)),
            3 => With(bytes, place, name, FromOther()),
            4 => With(bytes, place, Name(Names[random.Next(Names.Length)]), value),
            5 => With(bytes, place, OtherCase(name), value),
            6 => With(bytes, place, name, [.. value, .. ","u8, .. name, .. value]),
            7 => With(bytes, place, name, [.. "["u8, .. value, .. "]"u8]),
            8 => With(bytes, place, name, Nested(value)),
            9 => With(bytes, place, name, Long()),
            10 => With(bytes, place, Escaped(name), value),
            11 => With(bytes, place, name, Quoted(value)),
            _ => With(bytes, place, name, [.. value, .. ","u8, .. Name(Names[random.Next(Names.Length)]), .. FromOther()]),
        };
    }

    private static byte[] With(byte[] bytes, Place place, byte[] name, byte[] value) => [.. bytes[..place.NameStart], .. name, .. value, .. bytes[place.End..]];

    private static byte[] Name(string name) => Encoding.UTF8.GetBytes($"\"{name}\":");

    private byte[] ValueOf(byte[] bytes)
    {
        var place = places[random.Next(places.Count)];
        return bytes[place.ValueStart..place.End];
    }

    // A value of any record, or a record as a whole.
    private byte[] FromOther()
    {
        var other = Any();
        return random.Next(4) > 0 && Index(other) ? ValueOf(other) : other;
    }

    private byte[] OtherCase(byte[] name) => random.Next(3) switch
    {
        0 => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(name).ToUpperInvariant()),
        1 => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(name).ToLowerInvariant()),
        _ => [.. name.Select((b, i) => i == 1 && b is >= (byte)'a' and <= (byte)'z' or >= (byte)'A' and <= (byte)'Z' ? (byte)(b ^ 0x20) : b)],
    };

    private static byte[] Escaped(byte[] name) => name.Length < 3 || name[1] is (byte)'"' or (byte)'\\' or > 127
        ? name
        : [name[0], .. Encoding.ASCII.GetBytes("\\u" + ((int)name[1]).ToString("x4", CultureInfo.InvariantCulture)), .. name[2..]];

    private static byte[] Quoted(byte[] value) => Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(Encoding.Latin1.GetString(value))}\"");

    private byte[] Nested(byte[] value)
    {
        var levels = random.Next(8) == 0 ? 3000 : random.Next(1, 70);
        var (open, close) = random.Next(2) == 0 ? ("[", "]") : ("{\"a\":", "}");
        return [.. Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(open, levels))), .. value, .. Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(close, levels)))];
    }

    private byte[] Long()
    {
        var length = random.Next(400) == 0 ? 1 << 20 : random.Next(20) == 0 ? 70_000 : random.Next(2000);
        var unit = random.Next(4) switch { 0 => "\\u0041", 1 => "é", 2 => "\\\"", _ => "x" };
        return Encoding.UTF8.GetBytes($"\"{string.Concat(Enumerable.Repeat(unit, length / unit.Length))}\"");
    }

    // Every member at every depth; false when the bytes are no JSON or have no members.
    private bool Index(byte[] bytes)
    {
        places.Clear();
        var open = new Stack<int>();
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = 10_000 });
        try
        {
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        places.Add(new Place((int)reader.TokenStartIndex, 0, 0));
                        break;
                    case JsonTokenType.StartObject or JsonTokenType.StartArray:
                        open.Push(Started(ref reader));
                        break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        Ended(open.Pop(), (int)reader.BytesConsumed);
                        break;
                    default:
                        Ended(Started(ref reader), (int)reader.BytesConsumed);
                        break;
                }
            }
        }
        catch (JsonException)
        {
            return false;
        }

        return places.Count > 0;
    }

    // The member whose value starts here; -1 when it is an element or the record itself.
    private int Started(ref Utf8JsonReader reader)
    {
        if (places.Count == 0 || places[^1].ValueStart != 0)
            return -1;
        places[^1] = places[^1] with { ValueStart = (int)reader.TokenStartIndex };
        return places.Count - 1;
    }

    private void Ended(int place, int end)
    {
        if (place >= 0)
            places[place] = places[place] with { End = end };
    }

    private readonly record struct Place(int NameStart, int ValueStart, int End);
}
