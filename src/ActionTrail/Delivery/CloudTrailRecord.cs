using System.Text.Json;
using ActionTrail.Events;
using ActionTrail.Segments;

namespace ActionTrail.Delivery;

/// <summary>
/// A stored event with its members named as in a CloudTrail record. An event that was made from one is that record again, byte for byte.
/// Of any other the values stay as they were stored and every member stays, in its place:
/// <code>
/// eventId → eventID    requestId → requestID    sourceIpAddress → sourceIPAddress    acsRegion → awsRegion    sharedEventId → sharedEventID
/// eventVersion is "1.11"; readOnly is added from eventRW, managementEvent from eventCategory, eventSource from serviceName when there is none
/// </code>
/// A member that has the CloudTrail name already, whoever wrote it, is kept, and the one of ours keeps its own name.
/// </summary>
internal sealed class CloudTrailRecord : IDisposable
{
    private static readonly (byte[] Ours, byte[] Theirs)[] Names =
    [
        ("eventId"u8.ToArray(), "eventID"u8.ToArray()),
        ("requestId"u8.ToArray(), "requestID"u8.ToArray()),
        ("sourceIpAddress"u8.ToArray(), "sourceIPAddress"u8.ToArray()),
        ("acsRegion"u8.ToArray(), "awsRegion"u8.ToArray()),
        ("sharedEventId"u8.ToArray(), "sharedEventID"u8.ToArray()),
    ];

    private readonly EventMembers members = new();
    private readonly PooledBytes output = new();

    /// <param name="event">The event as it is stored.</param>
    /// <returns>The record; gone with the next event.</returns>
    /// <exception cref="JsonException">The bytes are no JSON object.</exception>
    public ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> @event)
    {
        var stored = @event.Span;
        if (OriginalRecord.Find(stored) is { } original && IsCloudTrail(original.Of(stored)))
            return original.Of(@event);
        members.Read(stored);
        output.Reset();
        output.Write("{\"eventVersion\":\"1.11\""u8);
        var all = members.All;
        for (var i = 0; i < all.Length; i++)
        {
            if (all[i].Is(stored, "eventVersion"u8))
                continue;
            output.Write(",\""u8);
            var name = NewName(stored, all[i]);
            if (name.IsEmpty && IsTight(all[i]))
            {
                // Neighbours that stay as they are are copied as one piece.
                var start = all[i].NameStart;
                while (i + 1 < all.Length && Continues(stored, all[i], all[i + 1]))
                    i++;
                output.Write(stored[start..all[i].ValueEnd]);
                continue;
            }

            output.Write(name.IsEmpty ? all[i].Name(stored) : name);
            output.Write("\":"u8);
            output.Write(all[i].Value(stored));
        }

        WriteDerived(stored);
        output.Write("}"u8);
        return output.WrittenMemory;
    }

    public void Dispose() => output.Dispose();

    private void WriteDerived(ReadOnlySpan<byte> stored)
    {
        if (members.Find(stored, "eventSource"u8) is null && members.Find(stored, "serviceName"u8) is { } service)
        {
            output.Write(",\"eventSource\":"u8);
            output.Write(service.Value(stored));
        }

        if (members.Find(stored, "readOnly"u8) is null && members.Find(stored, "eventRW"u8) is { } rw && Truth(rw.Value(stored), "\"Read\""u8, "\"Write\""u8) is { Length: > 0 } readOnly)
        {
            output.Write(",\"readOnly\":"u8);
            output.Write(readOnly);
        }

        if (members.Find(stored, "managementEvent"u8) is null && members.Find(stored, "eventCategory"u8) is { } category
            && Truth(category.Value(stored), "\"Management\""u8, "\"Data\""u8) is { Length: > 0 } management)
        {
            output.Write(",\"managementEvent\":"u8);
            output.Write(management);
        }
    }

    private static ReadOnlySpan<byte> Truth(ReadOnlySpan<byte> value, ReadOnlySpan<byte> yes, ReadOnlySpan<byte> no) =>
        value.SequenceEqual(yes) ? "true"u8 : value.SequenceEqual(no) ? "false"u8 : default;

    /// <summary>Empty for a member that keeps its name.</summary>
    private ReadOnlySpan<byte> NewName(ReadOnlySpan<byte> stored, in EventMember member)
    {
        foreach (var (ours, theirs) in Names)
        {
            if (member.NameLength == ours.Length && member.Is(stored, ours))
                return members.Find(stored, theirs) is null ? theirs : default;
        }

        return default;
    }

    /// <summary>Whether the member is written as it will be, from its name to its value.</summary>
    private static bool IsTight(in EventMember member) => member.ValueStart == member.NameStart + member.NameLength + 2;

    /// <summary>Whether the next member stays as it is too, and nothing but a comma lies between.</summary>
    private bool Continues(ReadOnlySpan<byte> stored, in EventMember member, in EventMember next) =>
        next.NameStart == member.ValueEnd + 2 && IsTight(next) && !next.Is(stored, "eventVersion"u8) && NewName(stored, next).IsEmpty;

    /// <summary>Whether a record says what every CloudTrail record says.</summary>
    private bool IsCloudTrail(ReadOnlySpan<byte> record)
    {
        if (record.IndexOf((byte)'{') != 0)
            return false;
        members.Read(record);
        return members.Find(record, "eventVersion"u8)?.Value(record).StartsWith("\"1."u8) == true
            && members.Find(record, "awsRegion"u8) is not null && members.Find(record, "eventSource"u8) is not null && members.Find(record, "userIdentity"u8) is not null;
    }
}
