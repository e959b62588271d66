using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ActionTrail.Layout;

namespace ActionTrail.HistoryJobs;

/// <summary>
/// A nudge to go on with one work item, in queue <c>deliver-history</c>: <c>{"account":"acme","job":1,"day":"2026-03-01","destination":"blob"}</c>.
/// The row in table <c>jobs</c> is the truth; a message that is lost, doubled or late changes nothing.
/// </summary>
public sealed record HistoryMessage(string Account, long JobId, DateTimeOffset Day, DestinationKind Kind)
{
    private const string DayForm = "yyyy-MM-dd";

    public string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("account", Account);
            writer.WriteNumber("job", JobId);
            writer.WriteString("day", Day.UtcDateTime.ToString(DayForm, CultureInfo.InvariantCulture));
            writer.WriteString("destination", DestinationKinds.Text(Kind));
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>False when the text is not a message that <see cref="ToJson"/> makes.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out HistoryMessage? message)
    {
        message = null;
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object
                && root.TryGetProperty("account", out var account) && account.ValueKind == JsonValueKind.String
                && root.TryGetProperty("job", out var job) && job.ValueKind == JsonValueKind.Number && job.TryGetInt64(out var id) && id > 0
                && root.TryGetProperty("day", out var day) && day.ValueKind == JsonValueKind.String
                && DateTimeOffset.TryParseExact(day.GetString(), DayForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
                && root.TryGetProperty("destination", out var destination) && destination.ValueKind == JsonValueKind.String
                && DestinationKinds.TryParse(destination.GetString(), out var kind))
                message = new(account.GetString()!, id, date, kind);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON, or half a surrogate pair: not a message of ours.
            return false;
        }

        return message is not null;
    }
}
