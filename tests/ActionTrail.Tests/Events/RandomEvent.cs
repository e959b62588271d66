using System.Text;

namespace ActionTrail.Tests.Events;

/// <summary>JSON objects as publishers may write them: any spaces, escapes, nesting, names twice; with the members that trails and formats ask for.</summary>
internal sealed class RandomEvent(int seed)
{
    private static readonly string[] Names =
    [
        "eventId", "eventName", "serviceName", "eventRW", "acsRegion", "eventCategory", "resourceType", "referencedResources", "eventAttributes", "userIdentity", "eventVersion", "requestId", "requestID",
        "sourceIpAddress", "eventSource", "readOnly", "eventID", "awsRegion", "managementEvent", "errorCode", "x", "", "ä", "event\\u0049d", "eventN\\u0061me", "a\\\"b",
    ];

    private static readonly string[] Texts =
    [
        "A", "a;b", ";A;;b;", "Read", "Write", "Data", "Management", "Platform", "true", "cn-hangzhou", "", "é", "\\u0041", "a\\\\", "\\\"", "}{][,:", "\\\\\\\"x", "1.08", "long long long long long long long long long long long long long text",
    ];

    private readonly Random random = new(seed);
    private readonly StringBuilder text = new();

    public byte[] Next()
    {
        text.Clear();
        Space();
        Object(depth: 0);
        Space();
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private void Object(int depth)
    {
        text.Append('{');
        var count = random.Next(depth == 0 ? 14 : 4);
        for (var i = 0; i < count; i++)
        {
            text.Append(i > 0 ? "," : "");
            Space();
            text.Append('"').Append(random.Next(4) == 0 && depth > 0 ? "SensitiveAction" : One(random.Next(8) == 0 ? Names : Names[..^3])).Append('"');
            Space();
            text.Append(':');
            Space();
            Value(depth);
            Space();
        }

        Space();
        text.Append('}');
    }

    private void Value(int depth)
    {
        switch (random.Next(depth < 4 ? 8 : 6))
        {
            case < 4:
                text.Append('"').Append(One(random.Next(3) == 0 ? Texts : Texts[..12])).Append('"');
                break;
            case 4:
                text.Append(One(["0", "-1.5e3", "17"]));
                break;
            case 5:
                text.Append(One(["true", "false", "null"]));
                break;
            case 6:
                Object(depth + 1);
                break;
            default:
                text.Append('[');
                for (var i = random.Next(3); i > 0; i--)
                {
                    Value(depth + 1);
                    text.Append(i > 1 ? " , " : "");
                }

                text.Append(']');
                break;
        }
    }

    private void Space() => text.Append(random.Next(3) > 0 ? "" : One([" ", "\n", "\t\r\n "]));

    private string One(string[] from) => from[random.Next(from.Length)];
}
