using System.Globalization;
using System.Text.Json.Nodes;

namespace ActionTrail.Generator.Formats;

/// <summary>The spellings in which one and the same field of an Azure record arrives. Each is put in with the share of the options, one to a record.</summary>
internal static class AzureQuirks
{
    public static MadeRecord Finish(Scene scene, JsonObject record, ExpectedEvent facts)
    {
        if (scene.IsOdd())
            facts = MakeOdd(scene, record, facts);
        return new MadeRecord(scene.Bytes(record), facts);
    }

    private static ExpectedEvent MakeOdd(Scene scene, JsonObject record, ExpectedEvent facts)
    {
        var time = facts.EventTime;
        switch (scene.Below(15))
        {
            case 0:
                record["time"] = Scene.Iso(time, 0);
                return facts with { EventTime = Scene.WholeSeconds(time) };
            case 1:
                record["time"] = time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'+00:00'", CultureInfo.InvariantCulture);
                return facts;
            case 2:
                record["time"] = time.UtcDateTime.ToString("MM/dd/yyyy HH:mm:ss", CultureInfo.InvariantCulture);
                return facts with { EventTime = Scene.WholeSeconds(time) };
            case 3:
                record["time"] = time.UtcDateTime.ToString("M/d/yyyy h:mm:ss tt", CultureInfo.InvariantCulture);
                return facts with { EventTime = Scene.WholeSeconds(time) };
            case 4:
                record["time"] = time.UtcDateTime.ToString("yyyy-MM-dd'T'HH: mm: ss.fffffff'Z'", CultureInfo.InvariantCulture);
                return facts;
            case 5:
                Rename(record, "time", scene.Pick<string>(["Time", "timestamp", "eventTimestamp"]));
                return facts;
            case 6:
                record["properties"] = scene.Text(record["properties"]!);
                return facts;
            case 7 when AsPython(record["properties"]) is { } text:
                record["properties"] = text;
                return facts;
            case 8:
                Rename(record, "level", "Level");
                return facts;
            case 9:
                record[record.ContainsKey("Level") ? "Level" : "level"] = 4;
                return facts;
            case 10 when record.ContainsKey("durationMs"):
                record["durationMs"] = scene.Pick<string>(["20", "-1", "0"]);
                return facts;
            case 11 when record.ContainsKey("resourceId"):
                Rename(record, "resourceId", "ResourceId");
                return facts;
            case 12 when record.ContainsKey("resourceId"):
                record["resourceId"] = record["resourceId"]!.GetValue<string>().ToLowerInvariant();
                return facts;
            case 13 when facts.SourceIpAddress is { } address && !address.Contains(':', StringComparison.Ordinal):
                record["callerIpAddress"] = $"{address}:{1_024 + scene.Below(60_000)}";
                return facts;
            case 14 when facts.SourceIpAddress is not null:
                record["callerIpAddress"] = "2001:db8::1f:9a2b";
                return facts with { SourceIpAddress = "2001:db8::1f:9a2b" };
            default:
                if (record["resultType"] is JsonValue result && result.GetValue<string>() == "Success")
                    record["resultType"] = scene.Pick<string>(["Succeeded", "Succeeded."]);
                return facts;
        }
    }

    private static void Rename(JsonObject record, string from, string to)
    {
        if (record[from] is not { } value)
            return;
        record.Remove(from);
        record[to] = value;
    }

    // {'a':'b'} as Python prints it; only of texts that need no escape.
    private static string? AsPython(JsonNode? properties)
    {
        if (properties is not JsonObject fields)
            return null;
        var parts = new List<string>();
        foreach (var (name, value) in fields)
        {
            if (value is not JsonValue text || !text.TryGetValue<string>(out var plain) || plain.AsSpan().IndexOfAny('\'', '"', '\\') >= 0)
                return null;
            parts.Add($"'{name}': '{plain}'");
        }
        return $"{{{string.Join(", ", parts)}}}";
    }
}
