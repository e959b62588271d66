using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActionTrail.Tests.Events.Redaction;

/// <summary>Random JSON with secrets planted in it: none is left, the JSON stays valid, nothing else changes.</summary>
public class RedactionFuzzTests
{
    private static readonly string[] Names = ["password", "adminPassword", "client_secret", "SecretAccessKey", "sessionToken", "accountKey", "connectionString", "x-amz-security-token"];
    private static readonly string[] Innocent = ["name", "id", "value", "items", "region", "count", "é", "a.b", "x\"y", "state", "passwordPolicy"];

    [Fact]
    public void Ten_thousand_records_with_planted_secrets_lose_them_and_nothing_else()
    {
        var random = new Random(20261122);
        for (var i = 0; i < 10_000; i++)
        {
            var plant = "plant" + i.ToString(CultureInfo.InvariantCulture) + "Zz";
            var planted = Value(random, plant, 0, isRoot: true);
            var masked = Unplanted(planted, plant)!;
            var text = Text(random, planted);
            var redacted = RedactionTests.Redact(text);
            Assert.DoesNotContain(plant, redacted, StringComparison.Ordinal);
            using var valid = JsonDocument.Parse(redacted);
            Assert.True(JsonElement.DeepEquals(valid.RootElement, JsonDocument.Parse(masked.ToJsonString()).RootElement), $"{text}\n{redacted}");
            Assert.Equal(redacted, RedactionTests.Redact(redacted));
        }
    }

    [Fact]
    public void Twenty_thousand_mutated_records_stay_valid_json()
    {
        var random = new Random(5);
        var rows = SecretTables.MaskedRows.Select(static row => (string)row[0]).ToArray();
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = Encoding.UTF8.GetBytes($$"""{"x":{{rows[random.Next(rows.Length)]}},"y":{{rows[random.Next(rows.Length)]}}}""");
            for (var edits = random.Next(1, 5); edits > 0; edits--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(32, 127);
            var text = Encoding.UTF8.GetString(bytes);
            if (!IsJson(text) || text[0] != '{')
                continue;
            var redacted = RedactionTests.Redact(text);
            Assert.True(IsJson(redacted), $"{text}\n{redacted}");
            Assert.Equal(redacted, RedactionTests.Redact(redacted));
        }
    }

    [Fact]
    public void A_secret_behind_a_megabyte_of_text_is_found()
    {
        var random = new Random(3);
        var filling = string.Concat(Enumerable.Range(0, 100_000).Select(_ => "word" + random.Next(100_000).ToString(CultureInfo.InvariantCulture) + (random.Next(9) == 0 ? "; " : " ")));
        foreach (var secret in new[] { "AccountKey=planted;", SecretTables.Jwt, "Bearer planted0123456789", "-----BEGIN PRIVATE KEY-----planted-----END PRIVATE KEY-----" })
        {
            var redacted = RedactionTests.Redact($$"""{"text":"{{filling}}{{secret}} {{filling}}"}""");
            Assert.DoesNotContain("planted", redacted, StringComparison.Ordinal);
            Assert.DoesNotContain("eyJ", redacted, StringComparison.Ordinal);
            Assert.InRange(redacted.Length, (2 * filling.Length) + 10, (2 * filling.Length) + 60);
        }
    }

    // Secrets: the plant under a secret's name, or in a text of known shape.
    private static JsonNode? Value(Random random, string plant, int depth, bool isRoot = false)
    {
        var kind = isRoot ? 0 : random.Next(depth > 4 ? 3 : 0, 10);
        if (kind is 0 or 1)
        {
            var made = new JsonObject();
            for (var more = random.Next(1, 5); more > 0; more--)
                made[Innocent[random.Next(Innocent.Length)]] = Value(random, plant, depth + 1);
            if (random.Next(2) == 0)
                made[Names[random.Next(Names.Length)]] = random.Next(4) == 0 ? new JsonArray(plant, plant + "b") : plant;
            return made;
        }

        return kind switch
        {
            2 => new JsonArray([.. Enumerable.Range(0, random.Next(3)).Select(_ => Value(random, plant, depth + 1))]),
            3 => JsonValue.Create(random.Next()),
            4 => JsonValue.Create(random.Next(2) == 0),
            5 => null,
            6 => JsonValue.Create($"Server=s;Password={plant};Port=1"),
            7 => JsonValue.Create($"https://h/p?sv=1&se=2&sig={plant}&sp=r"),
            8 => JsonValue.Create("plain \u00e9 text \ud83d\ude00 \n\t\\ \" /"),
            _ => JsonValue.Create($"Authorization: Bearer {plant}0123456789"),
        };
    }

    // What must come out: the same with masks.
    private static JsonNode? Unplanted(JsonNode? node, string plant) => node switch
    {
        JsonObject members => new JsonObject(members.Select(one => KeyValuePair.Create(one.Key, Unplanted(one.Value, plant)))),
        JsonArray items => new JsonArray([.. items.Select(one => Unplanted(one, plant))]),
        JsonValue value when value.TryGetValue<string>(out var text) && text.Contains(plant, StringComparison.Ordinal) => JsonValue.Create(
            text.StartsWith("plant", StringComparison.Ordinal) ? "***"
            : text.StartsWith("Auth", StringComparison.Ordinal) ? "Authorization: ***"
            : text.Replace(plant, "***", StringComparison.Ordinal)),
        _ => node?.DeepClone(),
    };

    // Written with one encoder or another, with any character escaped at random, with white space.
    private static string Text(Random random, JsonNode? node)
    {
        var text = node!.ToJsonString(new JsonSerializerOptions
        {
            Encoder = random.Next(2) == 0 ? JavaScriptEncoder.Default : JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            WriteIndented = random.Next(3) == 0,
        });
        if (random.Next(3) > 0)
            return text;
        var escaped = new StringBuilder();
        var (isInside, isEscape) = (false, false);
        foreach (var one in text)
        {
            if (isInside && !isEscape && char.IsAsciiLetterOrDigit(one) && random.Next(6) == 0)
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)one:x4}");
            else
                escaped.Append(one);
            isInside ^= one == '"' && !isEscape;
            isEscape = one == '\\' && !isEscape;
            // The four digits of an escape that is there already are no text.
            if (one == 'u' && escaped.Length > 1 && escaped[^2] == '\\')
                return text;
        }

        return escaped.ToString();
    }

    private static bool IsJson(string text)
    {
        try
        {
            using var parsed = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
