using System.Buffers;
using System.Text.Json;
using ActionTrail.Events;
using ActionTrail.Storage;

namespace ActionTrail.Ingest;

/// <summary>
/// The quarantined records of one commit as an object: lines of JSON, each ended by LF, in the order of sequence number and index:
/// <c>{"seq":17,"index":0,"enqueuedTimeMs":1763800000000,"code":"Missing","field":"/eventTime","rule":"…","raw":"base64"}</c>,
/// <c>field</c> only when the fault is in one field. The bytes are a function of the records.
/// </summary>
public static class QuarantineFormat
{
    public static byte[] Write(IEnumerable<QuarantineRecord> records)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        foreach (var record in records)
        {
            writer.Reset(buffer);
            writer.WriteStartObject();
            writer.WriteNumber("seq"u8, record.SequenceNumber);
            writer.WriteNumber("index"u8, record.Index);
            writer.WriteNumber("enqueuedTimeMs"u8, record.EnqueuedTimeMs);
            writer.WriteString("code"u8, record.Reason.Code.ToString());
            if (record.Reason.Field is not null)
                writer.WriteString("field"u8, record.Reason.Field);
            writer.WriteString("rule"u8, record.Reason.Rule);
            writer.WriteBase64String("raw"u8, record.Raw.Span);
            writer.WriteEndObject();
            writer.Flush();
            buffer.Write("\n"u8);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="StoreException">Corrupt: the bytes are not what <see cref="Write"/> makes.</exception>
    public static IReadOnlyList<QuarantineRecord> Read(ReadOnlyMemory<byte> content)
    {
        var records = new List<QuarantineRecord>();
        try
        {
            for (var rest = content; !rest.IsEmpty;)
            {
                var end = rest.Span.IndexOf((byte)'\n');
                if (end < 0)
                    throw new StoreException(StoreErrorKind.Corrupt, "A quarantine object ends within a line.");
                records.Add(ReadLine(rest[..end]));
                rest = rest[(end + 1)..];
            }
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new StoreException(StoreErrorKind.Corrupt, "A line of a quarantine object cannot be read.", error);
        }

        return records;
    }

    private static QuarantineRecord ReadLine(ReadOnlyMemory<byte> line)
    {
        using var json = JsonDocument.Parse(line);
        var root = json.RootElement;
        var reason = new Rejection(
            Enum.Parse<RejectCode>(root.GetProperty("code").GetString()!),
            root.TryGetProperty("field", out var field) ? field.GetString() : null,
            root.GetProperty("rule").GetString()!);
        return new QuarantineRecord(
            root.GetProperty("seq").GetInt64(),
            root.GetProperty("index").GetInt32(),
            root.GetProperty("enqueuedTimeMs").GetInt64(),
            reason,
            root.GetProperty("raw").GetBytesFromBase64());
    }
}
