using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace ActionTrail.Ingest;

/// <summary>The message bodies of a batch, decoded one behind the other into one pooled array.</summary>
internal sealed class HubBodies : IDisposable
{
    private byte[] bytes = [];
    private int used;
    private HubMessage[] messages = [];

    public int Count { get; private set; }

    public ReadOnlyMemory<HubMessage> Messages => messages.AsMemory(0, Count);

    /// <summary>Reads the value of <c>Data.events</c>, in whichever of its forms.</summary>
    /// <exception cref="HubPayloadException">It is neither text nor an array.</exception>
    /// <exception cref="JsonException">The JSON inside is broken.</exception>
    public void ReadEvents(ReadOnlySpan<byte> body, Range? events, HubScratch scratch)
    {
        var raw = body[events!.Value];
        bytes = ArrayPool<byte>.Shared.Rent(Math.Max(raw.Length, 1));
        if (TryReadEscaped(raw))
            return;
        Clear();
        var inner = scratch.Inner(raw);
        switch (inner.IsEmpty ? (byte)0 : inner[0])
        {
            case (byte)'[':
                ReadArray(inner);
                break;
            case (byte)'"':
                ReadOne(inner);
                break;
            default:
                if (raw[0] is not (byte)'"')
                    throw new HubPayloadException("Data.events is neither text nor an array.");
                AddText(inner);
                break;
        }
    }

    /// <summary>Gives every message its coordinates; there must be as many.</summary>
    public void Locate(HubCoordinates coordinates)
    {
        for (var i = 0; i < Count; i++)
        {
            var (number, time) = coordinates[i];
            messages[i] = messages[i] with { SequenceNumber = number, EnqueuedTimeMs = time };
        }
    }

    /// <summary>Fills in content types, which most publishers do not send: the properties are parsed only when the word occurs.</summary>
    public void ReadContentTypes(ReadOnlySpan<byte> body, HubPayloadMap map, HubScratch scratch)
    {
        Span<Range?> places = [map.SystemProperties, map.Properties];
        foreach (var place in places)
        {
            if (place is { } range && (body[range].IndexOf("ontent-"u8) >= 0 || body[range].IndexOf("ontentT"u8) >= 0))
                ReadContentTypes(scratch.Inner(body[range]));
        }
    }

    /// <summary>Fills in the attributes of CloudEvents in binary mode.</summary>
    public void ReadCloudEvents(ReadOnlySpan<byte> body, HubPayloadMap map, HubScratch scratch)
    {
        if (map.Properties is { } range && HubCloudEvents.MayBeIn(body[range]))
            HubCloudEvents.Read(scratch.Inner(body[range]), messages.AsSpan(0, Count));
    }

    public void Clear() => (Count, used) = (0, 0);

    public void Dispose()
    {
        if (bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(bytes);
        if (messages.Length > 0)
            ArrayPool<HubMessage>.Shared.Return(messages, clearArray: true);
        (bytes, messages) = ([], []);
        Clear();
    }

    /// <summary>The form that the host sends: base64 between <c>\"</c>, decoded where it lies. False for anything else.</summary>
    private bool TryReadEscaped(ReadOnlySpan<byte> raw)
    {
        if (raw is not [(byte)'"', (byte)'[', .., (byte)']', (byte)'"'])
            return false;
        var rest = raw[2..^2];
        while (!rest.IsEmpty)
        {
            if (rest is not [(byte)'\\', (byte)'"', ..])
                return false;
            rest = rest[2..];
            var length = rest.IndexOf((byte)'\\');
            if (length < 0 || rest.Length < length + 2 || rest[length + 1] != (byte)'"' || !TryAddBase64(rest[..length]))
                return false;
            rest = rest[(length + 2)..];
            if (rest is [(byte)',', _, ..])
                rest = rest[1..];
            else if (!rest.IsEmpty)
                return false;
        }

        return true;
    }

    private void ReadArray(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String)
                AddString(ref reader);
            else
                AddJson(ref reader, json);
        }

        if (reader.Read())
            throw new HubPayloadException("Data.events goes on behind its array.");
    }

    private void ReadOne(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        AddString(ref reader);
    }

    private void AddString(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            AddText(reader.ValueSpan);
            return;
        }

        var copy = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        AddText(copy.AsSpan(0, reader.CopyString(copy)));
        ArrayPool<byte>.Shared.Return(copy);
    }

    /// <summary>An element that the host passed on as JSON: its own bytes are the body; null is an empty one.</summary>
    private void AddJson(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        var isNull = reader.TokenType == JsonTokenType.Null;
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        AddBytes(isNull ? default : json[start..(int)reader.BytesConsumed]);
    }

    private void AddText(ReadOnlySpan<byte> text)
    {
        if (!TryAddBase64(text))
            AddBytes(text);
    }

    private bool TryAddBase64(ReadOnlySpan<byte> text)
    {
        if (Base64.DecodeFromUtf8(text, bytes.AsSpan(used), out var read, out var written) != OperationStatus.Done || read != text.Length)
            return false;
        Take(written);
        return true;
    }

    private void AddBytes(ReadOnlySpan<byte> body)
    {
        body.CopyTo(bytes.AsSpan(used));
        Take(body.Length);
    }

    private void Take(int length)
    {
        if (Count == messages.Length)
        {
            var larger = ArrayPool<HubMessage>.Shared.Rent(Math.Max(256, Count * 2));
            messages.AsSpan(0, Count).CopyTo(larger);
            if (messages.Length > 0)
                ArrayPool<HubMessage>.Shared.Return(messages, clearArray: true);
            messages = larger;
        }

        messages[Count++] = new HubMessage(SequenceNumber: -1, EnqueuedTimeMs: 0, bytes.AsMemory(used, length), ContentType: null);
        used += length;
    }

    private void ReadContentTypes(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var index = 0;
        string? last = null;
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartArray)
            reader.Read();
        for (; reader.TokenType == JsonTokenType.StartObject && index < Count; index++, reader.Read())
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isType = reader.ValueTextEquals("content-type"u8) || reader.ValueTextEquals("Content-Type"u8)
                    || reader.ValueTextEquals("contentType"u8) || reader.ValueTextEquals("ContentType"u8);
                reader.Read();
                if (isType && reader.TokenType == JsonTokenType.String)
                {
                    last = last is not null && reader.ValueTextEquals(last) ? last : reader.GetString();
                    messages[index] = messages[index] with { ContentType = last };
                }

                reader.Skip();
            }
        }
    }
}
