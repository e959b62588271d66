using System.Globalization;
using System.Text;
using System.Text.Json;
using ActionTrail.LocalRunner.Hosting;

namespace ActionTrail.LocalRunner.Triggers.EventHub;

/// <summary>Where a batch comes from.</summary>
internal sealed record PartitionSource(string Namespace, string EventHubName, string ConsumerGroup, string PartitionId);

/// <summary>What a retried invocation tells about itself. <paramref name="LastFailure"/> is null on the first try.</summary>
internal sealed record RetryContext(int RetryCount, int MaxRetryCount, Guid InvocationId, InvocationOutcome? LastFailure);

/// <summary>The body of an event hub invocation, cardinality many: bodies as one JSON array in a string, Base64 for dataType binary.</summary>
internal static class EventHubInvocation
{
    private static readonly string[] OwnNames = ["SequenceNumber", "Offset", "OffsetString", "PartitionKey", "EnqueuedTimeUtc"];

    public static ReadOnlyMemory<byte> Write(EventHubTriggerDefinition trigger, InvocationStamp stamp, PartitionSource source, IReadOnlyList<HubEvent> events, RetryContext? retry) =>
        InvocationBody.Write(
            data => data.WriteEncoded(trigger.BindingName, inner => WriteBodies(inner, events, trigger.Binary)),
            metadata =>
            {
                WritePartition(metadata, "TriggerPartitionContext", source);
                WritePartition(metadata, "PartitionContext", source);
                WriteArray(metadata, "PartitionKeyArray", events, (inner, item) => inner.WriteStringValue(item.PartitionKey));
                WriteArray(metadata, "OffsetArray", events, (inner, item) => inner.WriteStringValue(item.Offset));
                WriteArray(metadata, "OffsetStringArray", events, (inner, item) => inner.WriteStringValue(item.Offset));
                WriteArray(metadata, "SequenceNumberArray", events, (inner, item) => inner.WriteNumberValue(item.SequenceNumber));
                WriteArray(metadata, "EnqueuedTimeUtcArray", events, (inner, item) => inner.WriteStringValue(InvocationBody.NoZone(item.EnqueuedTimeUtc)));
                WriteArray(metadata, "PropertiesArray", events, (inner, item) => inner.WriteRawValue(item.PropertiesJson));
                WriteArray(metadata, "SystemPropertiesArray", events, WriteSystemProperties);
                metadata.WriteSys(stamp);
                if (retry is not null)
                {
                    WriteRetry(metadata, stamp, retry);
                }
            });

    private static void WriteBodies(Utf8JsonWriter writer, IReadOnlyList<HubEvent> events, bool binary)
    {
        writer.WriteStartArray();
        foreach (var item in events)
        {
            writer.WriteStringValue(binary ? item.BodyBase64 : Encoding.UTF8.GetString(Convert.FromBase64String(item.BodyBase64)));
        }

        writer.WriteEndArray();
    }

    private static void WritePartition(Utf8JsonWriter writer, string name, PartitionSource source)
    {
        writer.WriteStartObject(name);
        writer.WriteBoolean("IsCheckpointingAfterInvocation", true);
        writer.WriteString("FullyQualifiedNamespace", source.Namespace);
        writer.WriteString("EventHubName", source.EventHubName);
        writer.WriteString("ConsumerGroup", source.ConsumerGroup);
        writer.WriteString("PartitionId", source.PartitionId);
        writer.WriteEndObject();
    }

    private static void WriteArray(Utf8JsonWriter writer, string name, IReadOnlyList<HubEvent> events, Action<Utf8JsonWriter, HubEvent> write) =>
        writer.WriteEncoded(name, inner =>
        {
            inner.WriteStartArray();
            foreach (var item in events)
            {
                write(inner, item);
            }

            inner.WriteEndArray();
        });

    private static void WriteSystemProperties(Utf8JsonWriter writer, HubEvent item)
    {
        writer.WriteStartObject();
        if (item.SystemPropertiesJson is not "{}")
        {
            using var system = JsonDocument.Parse(item.SystemPropertiesJson);
            foreach (var property in system.RootElement.EnumerateObject().Where(property => !OwnNames.Contains(property.Name, StringComparer.Ordinal)))
            {
                property.WriteTo(writer);
            }
        }

        writer.WriteNumber("SequenceNumber", item.SequenceNumber);
        if (long.TryParse(item.Offset, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var offset))
        {
            writer.WriteNumber("Offset", offset);
        }

        writer.WriteString("OffsetString", item.Offset);
        writer.WriteString("PartitionKey", item.PartitionKey);
        writer.WriteString("EnqueuedTimeUtc", InvocationBody.NoZone(item.EnqueuedTimeUtc));
        writer.WriteEndObject();
    }

    // The host serialises its own exception here, stack included; a handler may look at RetryCount and MaxRetryCount only.
    private static void WriteRetry(Utf8JsonWriter writer, InvocationStamp stamp, RetryContext retry)
    {
        writer.WriteStartObject("RetryContext");
        writer.WriteNumber("RetryCount", retry.RetryCount);
        writer.WriteNumber("MaxRetryCount", retry.MaxRetryCount);
        if (retry.LastFailure is null)
        {
            writer.WriteNull("Exception");
        }
        else
        {
            writer.WriteStartObject("Exception");
            writer.WriteString("InstanceId", retry.InvocationId.ToString("D"));
            writer.WriteString("MethodName", "Host.Functions." + stamp.FunctionName);
            writer.WriteBoolean("Handled", false);
            writer.WriteString("ClassName", "Microsoft.Azure.WebJobs.Host.FunctionInvocationException");
            writer.WriteString("Message", "Exception while executing function: Functions." + stamp.FunctionName);
            writer.WriteStartObject("InnerException");
            writer.WriteNumber("StatusCode", retry.LastFailure.StatusCode);
            writer.WriteString("Message", retry.LastFailure.Reason);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteNull("Instance");
        writer.WriteStartObject("State");
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
