using System.Globalization;
using System.Text.Json;
using ActionTrail.LocalRunner.Hosting;
using ActionTrail.Storage;

namespace ActionTrail.LocalRunner.Triggers.Queues;

/// <summary>The body of a queue invocation: the text encoded twice, and the message's data in Metadata, shadowed by the payload's own members.</summary>
internal static class QueueInvocation
{
    public static ReadOnlyMemory<byte> Write(QueueTriggerDefinition trigger, InvocationStamp stamp, QueueMessage message) =>
        Write(trigger, stamp, message.Text, writer =>
        {
            writer["DequeueCount"] = inner => inner.WriteStringValue(message.DequeueCount.ToString(CultureInfo.InvariantCulture));
            writer["ExpirationTime"] = inner => inner.WriteStringValue(InvocationBody.WholeSeconds(message.ExpiresOn));
            writer["Id"] = inner => WriteTwice(inner, message.Id);
            writer["InsertionTime"] = inner => inner.WriteStringValue(InvocationBody.WholeSeconds(message.InsertedOn));
            writer["NextVisibleTime"] = inner => inner.WriteStringValue(InvocationBody.WholeSeconds(message.NextVisibleOn));
            writer["PopReceipt"] = inner => WriteTwice(inner, message.PopReceipt);
        });

    /// <summary>As the admin API runs it by hand: there is no message, so no id and no receipt.</summary>
    public static ReadOnlyMemory<byte> WriteManual(QueueTriggerDefinition trigger, InvocationStamp stamp, string text) =>
        Write(trigger, stamp, text, writer =>
        {
            var never = InvocationBody.WholeSeconds(DateTimeOffset.MaxValue);
            writer["DequeueCount"] = inner => inner.WriteStringValue("0");
            writer["ExpirationTime"] = inner => inner.WriteStringValue(never);
            writer["InsertionTime"] = inner => inner.WriteStringValue(InvocationBody.WholeSeconds(stamp.UtcNow));
            writer["NextVisibleTime"] = inner => inner.WriteStringValue(never);
            writer[trigger.BindingName] = inner => WriteTwice(inner, text);
        });

    private static ReadOnlyMemory<byte> Write(QueueTriggerDefinition trigger, InvocationStamp stamp, string text, Action<Dictionary<string, Action<Utf8JsonWriter>>> fill)
    {
        var members = new Dictionary<string, Action<Utf8JsonWriter>>(StringComparer.OrdinalIgnoreCase);
        fill(members);
        var payload = PayloadMetadata.Read(text);
        return InvocationBody.Write(
            data => data.WriteEncodedText(trigger.BindingName, text),
            metadata =>
            {
                foreach (var (name, write) in members.Where(member => !payload.ContainsKey(member.Key)))
                {
                    metadata.WritePropertyName(name);
                    write(metadata);
                }

                if (!payload.ContainsKey("sys"))
                {
                    metadata.WriteSys(stamp);
                }

                foreach (var (name, json) in payload)
                {
                    metadata.WritePropertyName(name);
                    metadata.WriteRawValue(json);
                }
            });
    }

    private static void WriteTwice(Utf8JsonWriter writer, string text) =>
        writer.WriteStringValue($"\"{JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"");
}
