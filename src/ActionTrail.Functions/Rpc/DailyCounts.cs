using System.Text.Json;

namespace ActionTrail.Functions.Rpc;

/// <summary>The form of all statistics: <c>Data</c> with <c>Dates</c> and as many <c>Counts</c>.</summary>
internal static class DailyCounts
{
    public static void Write(Utf8JsonWriter json, IReadOnlyList<(string Date, long Count)> days)
    {
        json.WriteStartObject("Data"u8);
        json.WriteStartArray("Dates"u8);
        foreach (var (date, _) in days)
            json.WriteStringValue(date);
        json.WriteEndArray();
        json.WriteStartArray("Counts"u8);
        foreach (var (_, count) in days)
            json.WriteNumberValue(count);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
