using System.Text.Json;
using ActionTrail.Events;

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
internal static class CloudTrailRecord
{
    private static readonly (byte[] Ours, byte[] Theirs)[] Names =
    [
        ("eventId"u8.ToArray(), "eventID"u8.ToArray()),
        ("requestId"u8.ToArray(), "requestID"u8.ToArray()),
        ("sourceIpAddress"u8.ToArray(), "sourceIPAddress"u8.ToArray()),
        ("acsRegion"u8.ToArray(), "awsRegion"u8.ToArray()),
        ("sharedEventId"u8.ToArray(), "sharedEventID"u8.ToArray()),
    ];

    /// <exception cref="JsonException">The bytes are no JSON object.</exception>
    public static ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> stored)
    {
        var body = stored.Span;
        if (OriginalRecord.Find(body) is { } original && IsCloudTrail(original.Of(body)))
            return original.Of(body).ToArray();
        var members = Members.Read(body);
        var output = new MemoryStream(body.Length + 128);
        output.Write("{\"eventVersion\":\"1.11\""u8);
        foreach (var member in members.All)
        {
            if (member.Is(body, "eventVersion"u8))
                continue;
            output.Write(",\""u8);
            output.Write(NewName(members, body, member));
            output.Write("\":"u8);
            output.Write(member.Value(body));
        }

        WriteDerived(members, body, output);
        output.Write("}"u8);
        return output.GetBuffer().AsMemory(0, (int)output.Length);
    }

    private static void WriteDerived(Members members, ReadOnlySpan<byte> body, MemoryStream output)
    {
        if (members.Find(body, "eventSource"u8) is null && members.Find(body, "serviceName"u8) is { } service)
        {
            output.Write(",\"eventSource\":"u8);
            output.Write(service.Value(body));
        }

        if (members.Find(body, "readOnly"u8) is null && members.Find(body, "eventRW"u8) is { } rw && Truth(rw.Value(body), "\"Read\""u8, "\"Write\""u8) is { Length: > 0 } readOnly)
        {
            output.Write(",\"readOnly\":"u8);
            output.Write(readOnly);
        }

        if (members.Find(body, "managementEvent"u8) is null && members.Find(body, "eventCategory"u8) is { } category
            && Truth(category.Value(body), "\"Management\""u8, "\"Data\""u8) is { Length: > 0 } management)
        {
            output.Write(",\"managementEvent\":"u8);
            output.Write(management);
        }
    }

    private static ReadOnlySpan<byte> Truth(ReadOnlySpan<byte> value, ReadOnlySpan<byte> yes, ReadOnlySpan<byte> no) =>
        value.SequenceEqual(yes) ? "true"u8 : value.SequenceEqual(no) ? "false"u8 : default;

    private static ReadOnlySpan<byte> NewName(Members members, ReadOnlySpan<byte> body, Member member)
    {
        foreach (var (ours, theirs) in Names)
        {
            if (member.Is(body, ours))
                return members.Find(body, theirs) is null ? theirs : ours;
        }

        return member.Name(body);
    }

    /// <summary>Whether a record says what every CloudTrail record says.</summary>
    private static bool IsCloudTrail(ReadOnlySpan<byte> record)
    {
        var start = record.IndexOf((byte)'{');
        if (start != 0)
            return false;
        var members = Members.Read(record);
        return members.Find(record, "eventVersion"u8)?.Value(record).StartsWith("\"1."u8) == true
            && members.Find(record, "awsRegion"u8) is not null && members.Find(record, "eventSource"u8) is not null && members.Find(record, "userIdentity"u8) is not null;
    }

    /// <summary>Where one member of an object lies; the name without its quotes.</summary>
    private readonly record struct Member(int NameStart, int NameLength, int ValueStart, int ValueEnd)
    {
        public ReadOnlySpan<byte> Name(ReadOnlySpan<byte> body) => body.Slice(NameStart, NameLength);

        public ReadOnlySpan<byte> Value(ReadOnlySpan<byte> body) => body[ValueStart..ValueEnd];

        public bool Is(ReadOnlySpan<byte> body, ReadOnlySpan<byte> name) => Name(body).SequenceEqual(name);
    }

    /// <summary>The members of an object in their order. Names are compared as they are written: an escaped one is none of ours.</summary>
    private readonly record struct Members(List<Member> All)
    {
        public static Members Read(ReadOnlySpan<byte> body)
        {
            var all = new List<Member>(32);
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 1000 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw new JsonException("An event is a JSON object.");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (nameStart, nameLength) = ((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                all.Add(new(nameStart, nameLength, start, (int)reader.BytesConsumed));
            }

            return new(all);
        }

        public Member? Find(ReadOnlySpan<byte> body, ReadOnlySpan<byte> name)
        {
            foreach (var member in All)
            {
                if (member.Is(body, name))
                    return member;
            }

            return null;
        }
    }
}
