using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActionTrail.Storage;
using ActionTrail.Tests.Infrastructure;

namespace ActionTrail.Tests.Formats;

/// <summary>
/// Rows as JSON under <c>tests/formats/v1</c>, each property with its type: <c>{"commit":{"partitionKey":"…","rowKey":"…","First":{"int64":"1"},…}}</c>.
/// Files are added and never edited. With <c>ACTIONTRAIL_FREEZE=1</c> rows that are missing in a file are written to it.
/// </summary>
internal static class FrozenRows
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IReadOnlyDictionary<string, TableRow> Read(string file, IReadOnlyDictionary<string, TableRow> today)
    {
        var path = Path.Combine(Repository.Root, "tests/formats/v1", file);
        var frozen = File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path))!.AsObject() : [];
        if (Environment.GetEnvironmentVariable("ACTIONTRAIL_FREEZE") == "1")
        {
            foreach (var (name, row) in today)
                frozen[name] ??= Write(row);
            File.WriteAllText(path, frozen.ToJsonString(Readable) + "\n");
        }

        return frozen.ToDictionary(static one => one.Key, static one => Parse(one.Value!.AsObject()), StringComparer.Ordinal);
    }

    /// <summary>A row as text, for comparing two of them.</summary>
    public static string Text(TableRow row) => Write(row).ToJsonString(Readable);

    /// <summary>A copy with another value of one property.</summary>
    public static TableRow With(TableRow row, string property, object value)
    {
        var copy = new TableRow(row.PartitionKey, row.RowKey);
        foreach (var (name, old) in row.Properties)
            copy.With(name, old);
        return copy.With(property, value);
    }

    private static JsonObject Write(TableRow row)
    {
        var json = new JsonObject { ["partitionKey"] = row.PartitionKey, ["rowKey"] = row.RowKey };
        foreach (var (name, value) in row.Properties.OrderBy(static one => one.Key, StringComparer.Ordinal))
        {
            var (type, text) = value switch
            {
                string one => ("string", one),
                int one => ("int32", one.ToString(CultureInfo.InvariantCulture)),
                long one => ("int64", one.ToString(CultureInfo.InvariantCulture)),
                bool one => ("bool", one ? "true" : "false"),
                DateTimeOffset one => ("time", one.ToString("O", CultureInfo.InvariantCulture)),
                byte[] one => ("bytes", Convert.ToHexStringLower(one)),
                _ => throw new NotSupportedException(value.GetType().Name),
            };
            json[name] = new JsonObject { [type] = text };
        }

        return json;
    }

    private static TableRow Parse(JsonObject json)
    {
        var row = new TableRow(json["partitionKey"]!.GetValue<string>(), json["rowKey"]!.GetValue<string>()) { ETag = "frozen" };
        foreach (var (name, typed) in json.Where(static one => one.Value is JsonObject))
        {
            var (type, value) = typed!.AsObject().Single();
            var text = value!.GetValue<string>();
            row.With(name, type switch
            {
                "string" => text,
                "int32" => int.Parse(text, CultureInfo.InvariantCulture),
                "int64" => long.Parse(text, CultureInfo.InvariantCulture),
                "bool" => text == "true",
                "time" => DateTimeOffset.ParseExact(text, "O", CultureInfo.InvariantCulture),
                "bytes" => Convert.FromHexString(text),
                _ => throw new NotSupportedException(type),
            });
        }

        return row;
    }
}
