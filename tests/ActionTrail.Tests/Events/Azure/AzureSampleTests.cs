using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActionTrail.Events;

namespace ActionTrail.Tests.Events;

/// <summary>
/// What the mapping tables make of 279 public sample records, as facts in <c>expected.tsv</c>. They hold for the samples themselves where they lie beside the
/// repository, and always for records of our own that are built from the facts in the same shapes.
/// </summary>
public class AzureSampleTests
{
    private static readonly string[] Columns =
        ["eventName", "serviceName", "eventRW", "eventType", "eventCategory", "userType", "userName", "sourceIpAddress", "errorCode", "resourceType", "resourceName", "acsRegion", "sensitive", "eventId"];

    [Fact]
    public void Records_of_our_own_come_out_as_the_mapping_tables_say() => Assert.Empty(Rows().SelectMany(row => Differences(row, Own(row))));

    [Fact]
    public void Sample_records_come_out_as_the_mapping_tables_say()
    {
        var samples = Path.GetFullPath(Path.Combine(Folder(), "../../../../../shared/samples/azure"));
        var records = Directory.Exists(samples) ? Rows().GroupBy(row => row[0], StringComparer.Ordinal).SelectMany(file => Read(Path.Combine(samples, file.Key))).ToList() : Rows().ConvertAll(Own);
        Assert.Equal(279, records.Count);
        Assert.Empty(Rows().Zip(records).SelectMany(pair => Differences(pair.First, pair.Second)));
    }

    private static List<string[]> Rows() => [.. File.ReadLines(Path.Combine(Folder(), "expected.tsv")).Skip(1).Select(line => line.Split('\t'))];

    private static IEnumerable<string> Differences(string[] row, string record)
    {
        var where = $"{row[0]} {row[1]}: ";
        var sink = RecordingSink.Of(Encoding.UTF8.GetBytes(record), new NormalizerOptions { RetentionDays = 36_500 });
        if (row[5][0] == '!')
        {
            return sink.Rejected.Count == 1 && "!" + sink.Rejected[0].Reason.Code == row[5] ? [] : [where + "is not refused as " + row[5]];
        }

        if (sink.Accepted.Count != 1)
        {
            return [where + string.Join(", ", sink.Rejected.Select(rejected => rejected.Reason))];
        }

        using var mapped = JsonDocument.Parse(sink.Accepted[0].Body);
        var (root, account) = (mapped.RootElement, sink.Accepted[0].Account);
        var found = Columns.Select(column => column switch
        {
            "userType" => TextOf(root.GetProperty("userIdentity"), "type"),
            "userName" => TextOf(root.GetProperty("userIdentity"), "userName"),
            "sensitive" => root.TryGetProperty("eventAttributes", out var attributes) ? TextOf(attributes, "SensitiveAction") : "",
            _ => TextOf(root, column),
        }).ToArray();
        var differences = Columns.Select((column, i) => (column, expected: row[i + 6], found: found[i]))
            .Where(value => value.found != value.expected && !(value.column == "eventId" && value.expected.Length == 0))
            .Select(value => $"{where}{value.column} is '{value.found}', not '{value.expected}'");
        return [.. differences, .. account == row[5] ? Array.Empty<string>() : [$"{where}account is {account}"]];
    }

    private static string TextOf(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) ? value.GetString()! : "";

    private static IEnumerable<string> Read(string file)
    {
        var text = File.ReadAllText(file);
        var documents = file.EndsWith("json", StringComparison.Ordinal) && !file.EndsWith("ndjson", StringComparison.Ordinal) ? [text] : text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return documents.SelectMany(document => Records(JsonNode.Parse(document)!));
    }

    private static IEnumerable<string> Records(JsonNode node) =>
        node is JsonArray array ? array.SelectMany(element => Records(element!))
        : node["records"] is { } records ? Records(records)
        : [(node["log"] ?? node).ToJsonString()];

    // A record in the shape of the row's: Entra ID names people in the properties, all others in claims or a credential.
    private static string Own(string[] row)
    {
        var (isRefused, isSignIn, isEntra) = (row[5][0] == '!', row.ElementAtOrDefault(9) == "ConsoleSignin", row[3].EndsWith("/Microsoft.aadiam", StringComparison.Ordinal) || row[2] is "Audit" or "AuditLogs");
        var record = new JsonObject { ["time"] = "2026-06-15T10:00:00.1234567Z", ["operationName"] = isRefused ? "A.B/c/write" : row[6] };
        var properties = new JsonObject();
        Set(record, "category", row[2]);
        Set(record, "resourceId", row[3]);
        Set(record, "tenantId", row[4]);
        record["properties"] = properties;
        if (isRefused)
        {
            return record.ToJsonString();
        }

        var (name, error, region) = (row[12], row[14], row[17]);
        Set(record, "callerIpAddress", row[13]);
        Set(record, "resultType", error.Length > 0 ? "Failure" : "Success");
        Set(record, "resultSignature", error.Length > 0 ? "Failed." + error : "");
        Set(row[10] == "Data" ? record : properties, row[10] == "Data" ? "location" : "resourceLocation", region == "global" ? "" : region);
        Set(isEntra ? properties : record, isEntra ? "id" : "eventDataId", row[19]);
        if (isEntra)
        {
            Set(properties, "loggedByService", isSignIn || row[7] == "Microsoft.aadiam" ? "" : row[7]);
            properties["targetResources"] = row[16].Length > 0 && !isSignIn ? new JsonArray(new JsonObject { ["type"] = row[15], ["displayName"] = row[16] }) : null;
            Set(properties, "resourceDisplayName", isSignIn ? row[16] : "");
        }

        switch (row[11])
        {
            case "ram-user" when isSignIn:
                Set(properties, "userId", "u-1");
                Set(properties, "userPrincipalName", name);
                break;
            case "ram-user" when isEntra:
                properties["initiatedBy"] = new JsonObject { ["user"] = new JsonObject { ["id"] = "u-1", ["userPrincipalName"] = name } };
                break;
            case "assumed-role" when isEntra:
                Set(properties, "servicePrincipalId", "s-1");
                Set(properties, "servicePrincipalName", name);
                break;
            case "unknown":
                record["identity"] = new JsonObject { ["type"] = name };
                break;
            case "ram-user" when name.Length == 0:
                record["identity"] = new JsonObject { ["authorization"] = new JsonObject { ["evidence"] = new JsonObject { ["principalType"] = "User" } } };
                break;
            case "ram-user" or "assumed-role":
                record["identity"] = new JsonObject { ["claims"] = new JsonObject { [row[11] == "ram-user" ? "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn" : "name"] = name } };
                break;
        }

        return record.ToJsonString();
    }

    private static void Set(JsonObject parent, string name, string value)
    {
        if (value.Length > 0)
        {
            parent[name] = value;
        }
    }

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
