using System.Text.Json;
using ActionTrail.Retention;

namespace ActionTrail.Functions.Rest;

/// <summary>The report of a purge as members of a JSON object: in the answer of the API and in the audit event.</summary>
internal static class PurgeJson
{
    public static void Write(Utf8JsonWriter json, PurgeReport report)
    {
        json.WriteBoolean("dryRun"u8, report.IsDryRun);
        json.WriteString("store"u8, report.Store.ToString());
        json.WriteString("at"u8, report.At.UtcDateTime);
        if (report.Cutoff is { } cutoff)
            json.WriteString("cutoff"u8, cutoff.UtcDateTime);
        if (report.Refusal is not null)
            json.WriteString("refusal"u8, report.Refusal);
        if (report.Warning is not null)
            json.WriteString("warning"u8, report.Warning);
        if (report.HeldAccounts.Count > 0)
        {
            json.WriteStartArray("heldAccounts"u8);
            foreach (var account in report.HeldAccounts)
                json.WriteStringValue(account);
            json.WriteEndArray();
        }

        if (report.Unsealed is not null)
            json.WriteString("unsealed"u8, report.Unsealed);
        json.WriteStartArray("partitions"u8);
        foreach (var partition in report.Partitions)
        {
            json.WriteStartObject();
            json.WriteString("partition"u8, partition.Partition.ToString());
            json.WriteNumber("marked"u8, partition.Marked);
            json.WriteNumber("markedEvents"u8, partition.MarkedEvents);
            json.WriteNumber("deleted"u8, partition.Deleted);
            json.WriteNumber("deletedEvents"u8, partition.DeletedEvents);
            json.WriteNumber("deletedBytes"u8, partition.DeletedBytes);
            json.WriteNumber("deletedQuarantined"u8, partition.DeletedQuarantined);
            json.WriteNumber("orphans"u8, partition.Orphans);
            json.WriteNumber("orphanBytes"u8, partition.OrphanBytes);
            json.WriteBoolean("held"u8, partition.IsHeld);
            json.WriteBoolean("contended"u8, partition.IsContended);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("segments"u8);
        json.WriteNumber("marked"u8, report.Segments.Marked);
        json.WriteNumber("markedEvents"u8, report.Segments.MarkedEvents);
        json.WriteNumber("retired"u8, report.Segments.Retired);
        json.WriteNumber("retiredEvents"u8, report.Segments.RetiredEvents);
        json.WriteNumber("retiredBytes"u8, report.Segments.RetiredBytes);
        json.WriteNumber("held"u8, report.Segments.Held);
        json.WriteBoolean("contended"u8, report.Segments.IsContended);
        json.WriteEndObject();
        json.WriteStartArray("undatable"u8);
        foreach (var name in report.Undatable)
            json.WriteStringValue(name);
        json.WriteEndArray();
    }

    /// <summary>Whether the run did, or would do, anything that a person might want to read about.</summary>
    public static bool IsNews(PurgeReport report) => report.Refusal is not null || report.Warning is not null || report.Undatable.Count > 0 || report.Segments.Marked + report.Segments.Retired > 0
        || report.Partitions.Any(static p => p.Marked + p.Deleted + p.Orphans + p.DeletedQuarantined > 0);
}
