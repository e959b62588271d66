using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ActionTrail.Cli.Output;
using ActionTrail.Digests.Validation;

namespace ActionTrail.Cli.Validate;

/// <summary>The report of a validation, for people and for programs.</summary>
internal static class ValidationText
{
    public static string Lines(ValidationReport report, TimeSpan took)
    {
        var text = new StringBuilder();
        var rate = report.Bytes / Math.Max(took.TotalSeconds, 0.001) / 1e6;
        text.Append(report.IsSound ? "valid: " : "NOT VALID: ")
            .Append(CultureInfo.InvariantCulture, $"{report.Digests} digests and {report.Files} files with {report.Events} events are as they were written; {report.Bytes} bytes read, {rate:0} MB/s\n");
        foreach (var trail in report.Trails)
            text.Append("trail    ").Append(Clean(trail.AccountId)).Append(' ').Append(Clean(trail.TrailName)).Append("  ").Append(Time(trail.CoveredFrom)).Append(" to ").Append(Time(trail.CoveredTo)).Append('\n');
        foreach (var pause in report.Pauses)
            text.Append("note     ").Append(Clean(pause)).Append('\n');
        if (report.Waiting > 0)
            text.Append(CultureInfo.InvariantCulture, $"note     {report.Waiting} files are too young for a digest, such as {Clean(report.WaitingFiles[0])}: nothing is proved of them yet\n");
        if (report.Earlier > 0)
            text.Append(CultureInfo.InvariantCulture, $"note     {report.Earlier} files are older than the first digest of their trail: nothing is proved of them\n");
        if (report.Elsewhere > 0)
            text.Append(CultureInfo.InvariantCulture, $"note     {report.Elsewhere} files lie in another container and were not read\n");
        foreach (var finding in report.Findings)
            text.Append(NameOf(finding.Kind).PadRight(13)).Append(' ').Append(Clean(finding.Object)).Append("  ").Append(Clean(finding.Detail)).Append('\n');
        if (report.FindingCount > report.Findings.Count)
            text.Append(CultureInfo.InvariantCulture, $"and {report.FindingCount - report.Findings.Count} more\n");
        return text.ToString();
    }

    public static string Json(ValidationReport report, TimeSpan took)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteBoolean("valid"u8, report.IsSound);
            json.WriteNumber("digests"u8, report.Digests);
            json.WriteNumber("files"u8, report.Files);
            json.WriteNumber("events"u8, report.Events);
            json.WriteNumber("bytes"u8, report.Bytes);
            json.WriteNumber("seconds"u8, Math.Round(took.TotalSeconds, 3));
            json.WriteNumber("waiting"u8, report.Waiting);
            json.WriteNumber("earlier"u8, report.Earlier);
            json.WriteNumber("elsewhere"u8, report.Elsewhere);
            json.WriteNumber("foreign"u8, report.Foreign);
            json.WriteStartArray("trails"u8);
            foreach (var trail in report.Trails)
            {
                json.WriteStartObject();
                json.WriteString("accountId"u8, trail.AccountId);
                json.WriteString("trailName"u8, trail.TrailName);
                json.WriteString("trailId"u8, trail.TrailId);
                json.WriteString("coveredFrom"u8, Time(trail.CoveredFrom));
                json.WriteString("coveredTo"u8, Time(trail.CoveredTo));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            WriteTexts(json, "notes", report.Pauses);
            WriteTexts(json, "waitingFiles", report.WaitingFiles);
            json.WriteNumber("findingCount"u8, report.FindingCount);
            json.WriteStartArray("findings"u8);
            foreach (var finding in report.Findings)
            {
                json.WriteStartObject();
                json.WriteString("kind"u8, NameOf(finding.Kind));
                json.WriteString("object"u8, finding.Object);
                json.WriteString("detail"u8, finding.Detail);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    public static string NameOf(FindingKind kind) => kind switch
    {
        FindingKind.NotFound => "not-found",
        FindingKind.Altered => "altered",
        FindingKind.Moved => "moved",
        FindingKind.Extra => "extra",
        FindingKind.BadSignature => "bad-signature",
        FindingKind.UnknownKey => "unknown-key",
        FindingKind.Gap => "gap",
        _ => throw new InvalidOperationException($"There is no kind {kind}."),
    };

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static string Clean(string text) => TerminalText.Clean(text);

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
