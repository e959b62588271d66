using System.Globalization;
using System.Text.Json;
using ActionTrail.LocalRunner.Hosting;

namespace ActionTrail.LocalRunner.Triggers.Timers;

/// <summary>The body of a timer invocation: real JSON, not encoded twice; ScheduleStatus is null for a timer without status.</summary>
internal static class TimerInvocation
{
    public static ReadOnlyMemory<byte> Write(TimerTriggerDefinition trigger, InvocationStamp stamp, TimerStatus? status, bool isPastDue, bool manual) =>
        InvocationBody.Write(
            data =>
            {
                data.WriteStartObject(trigger.BindingName);
                data.WriteStartObject("Schedule");
                data.WriteBoolean("AdjustForDST", true);
                data.WriteEndObject();
                WriteStatus(data, status);
                data.WriteBoolean("IsPastDue", isPastDue);
                data.WriteEndObject();
            },
            metadata =>
            {
                if (manual)
                {
                    metadata.WriteEncodedText(trigger.BindingName, "");
                }

                metadata.WriteSys(stamp);
            });

    private static void WriteStatus(Utf8JsonWriter writer, TimerStatus? status)
    {
        if (status is null)
        {
            writer.WriteNull("ScheduleStatus");
            return;
        }

        writer.WriteStartObject("ScheduleStatus");
        writer.WriteString("Last", Text(status.Last));
        writer.WriteString("Next", Text(status.Next));
        writer.WriteString("LastUpdated", Text(status.LastUpdated));
        writer.WriteEndObject();
    }

    private static string Text(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture);
}
