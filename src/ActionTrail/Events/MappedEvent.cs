using System.Text.Encodings.Web;
using System.Text.Json;

namespace ActionTrail.Events;

/// <summary>Writes one mapped event after the other into one pooled buffer. Absent values leave no member.</summary>
internal sealed class MappedEvent
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly RecordBuffer buffer = new();
    private int originalLength;

    public MappedEvent() => Json = new Utf8JsonWriter(buffer, Plain);

    /// <summary>The writer, for what the methods here do not cover. It owns nothing that would have to be disposed of.</summary>
    public Utf8JsonWriter Json { get; }

    /// <summary>The event, from <see cref="End"/> until the next <see cref="Begin"/>.</summary>
    public ReadOnlySpan<byte> Written => buffer.Written;

    /// <summary>
    /// The event without its original and what follows: open JSON, ended by a comma, for a reader that expects more. The whole event when it has no original.
    /// </summary>
    public ReadOnlySpan<byte> Own => HasOriginal ? buffer.Written[..^(originalLength + "\"originalRecord\":}".Length)] : buffer.Written;

    public bool HasOriginal => originalLength > 0;

    /// <summary>Drops what was written before and opens the event.</summary>
    public void Begin()
    {
        originalLength = 0;
        buffer.Clear();
        Json.Reset(buffer);
        Json.WriteStartObject();
    }

    /// <summary>A member, unless its value is null.</summary>
    public void Text(ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            Json.WriteString(name, value);
        }
    }

    /// <summary>A member with text in unescaped UTF-8, unless it is empty.</summary>
    public void Utf8(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty)
        {
            Json.WriteString(name, value);
        }
    }

    /// <summary>A member with the value as it stands, unless there is none or it is null.</summary>
    public void Value(ReadOnlySpan<byte> name, JsonElement value)
    {
        if (value.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null))
        {
            Json.WritePropertyName(name);
            value.WriteTo(Json);
        }
    }

    /// <summary>A member with the value byte for byte, unless there is none or it is null.</summary>
    public void Copy(ReadOnlySpan<byte> name, JsonSlice value)
    {
        if (!value.IsAbsent)
        {
            Json.WritePropertyName(name);
            Json.WriteRawValue(value.Raw, skipInputValidation: true);
        }
    }

    /// <summary>A member with the text of the value: a string as it stands, a number or flag in quotes, else no member.</summary>
    public void CopyText(ReadOnlySpan<byte> name, JsonSlice value)
    {
        if (value.IsString && value.HasText)
        {
            Copy(name, value);
        }
        else if (value.HasText)
        {
            Json.WriteString(name, value.Raw);
        }
    }

    /// <summary>A member with the value byte for byte when it is an object, else no member.</summary>
    public void CopyObject(ReadOnlySpan<byte> name, JsonSlice value)
    {
        if (value.IsObject)
        {
            Copy(name, value);
        }
    }

    /// <summary>Puts the original record behind all other members, byte for byte, and closes the event.</summary>
    public void End(ReadOnlySpan<byte> originalRecord)
    {
        Json.WritePropertyName("originalRecord"u8);
        Json.WriteRawValue(originalRecord, skipInputValidation: true);
        Json.WriteEndObject();
        Json.Flush();
        originalLength = originalRecord.Length;
    }

    /// <summary>Drops what was written before; the event is then made of <see cref="Part"/>s, and neither begun nor ended.</summary>
    public void BeginParts()
    {
        originalLength = 0;
        buffer.Clear();
    }

    /// <summary>Adds bytes as they stand.</summary>
    public void Part(ReadOnlySpan<byte> bytes) => buffer.Append(bytes);

    /// <summary>After <see cref="End"/>: keeps <paramref name="originalRecord"/> in place of the original that was given there.</summary>
    public void ReplaceOriginal(ReadOnlySpan<byte> originalRecord)
    {
        buffer.TakeBack(originalLength + 1);
        buffer.Append(originalRecord);
        buffer.Append("}"u8);
        originalLength = originalRecord.Length;
    }

    /// <summary>Gives the buffer back when it has grown beyond what common events need.</summary>
    public void Shrink() => buffer.Shrink();
}
