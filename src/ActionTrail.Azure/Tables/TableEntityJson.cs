using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ActionTrail.Azure.Tables;

/// <summary>
/// Entities as OData JSON, minimal metadata. A type that JSON does not tell stands beside its value as <c>name@odata.type</c>:
/// Edm.Int64 (a string), Edm.DateTime (UTC, seven digits), Edm.Guid, Edm.Binary (Base64), Edm.Double (a number; NaN, Infinity and
/// -Infinity as strings). Bare numbers are Edm.Int32, or Edm.Double when they hold a point or exponent.
/// </summary>
internal static class TableEntityJson
{
    private const string TypeSuffix = "@odata.type";
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    // Bodies are ASCII: Azurite decodes a body chunk by chunk, and breaks a character that lies across two of them.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.Default };

    public static byte[] Write(TableEntity entity)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in entity)
            {
                if (value is not null && name is not (TableEntity.ETagName or nameof(TableEntity.Timestamp)))
                    WriteProperty(writer, name, value);
            }

            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    /// <summary>One entity.</summary>
    /// <exception cref="JsonException">The body is not an entity.</exception>
    public static void ReadOne(ReadOnlySpan<byte> body, TableEntity entity)
    {
        var reader = new Utf8JsonReader(body);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("An entity is a JSON object.");
        ReadEntity(ref reader, entity);
    }

    /// <summary>The entities of <c>{"value":[…]}</c>.</summary>
    /// <exception cref="JsonException">The body is not a page of entities.</exception>
    public static List<T> ReadPage<T>(ReadOnlySpan<byte> body)
        where T : TableEntity, new()
    {
        List<T>? page = null;
        var reader = new Utf8JsonReader(body);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("A page is a JSON object.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isValue = reader.ValueTextEquals("value"u8);
            reader.Read();
            if (!isValue)
            {
                reader.Skip();
                continue;
            }

            page = [];
            if (reader.TokenType != JsonTokenType.StartArray)
                throw new JsonException("The value of a page is an array.");
            while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                var entity = new T();
                ReadEntity(ref reader, entity);
                page.Add(entity);
            }
        }

        return page ?? throw new JsonException("A page has a value.");
    }

    private static void ReadEntity(ref Utf8JsonReader reader, TableEntity entity)
    {
        Dictionary<string, string>? types = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (name.EndsWith(TypeSuffix, StringComparison.Ordinal))
            {
                var property = name[..^TypeSuffix.Length];
                (types ??= new(StringComparer.Ordinal))[property] = reader.GetString() ?? "";

                // The type may also follow its value, which then was read as what JSON tells.
                if (entity.ContainsKey(property))
                    entity[property] = Convert(types[property], entity[property]);
            }
            else if (name == TableEntity.ETagName || !name.StartsWith("odata.", StringComparison.Ordinal))
            {
                var value = ReadValue(ref reader, name);
                if (value is not null)
                    entity[name] = types is not null && types.TryGetValue(name, out var type) ? Convert(type, value) : value;
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static object? ReadValue(ref Utf8JsonReader reader, string name)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return null;
            case JsonTokenType.String:
                return reader.GetString();
            case JsonTokenType.True or JsonTokenType.False:
                return reader.GetBoolean();
            case JsonTokenType.Number:
                if (reader.ValueSpan.IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0 && reader.TryGetInt32(out var number))
                    return number;
                return reader.GetDouble();
            default:
                throw new JsonException($"Property {name} is neither text, number nor boolean.");
        }
    }

    private static object Convert(string type, object? value)
    {
        try
        {
            return (type, value) switch
            {
                ("Edm.Int64", string text) => long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture),
                ("Edm.Int64", int number) => (long)number,
                ("Edm.Double", int number) => (double)number,
                ("Edm.Double", double number) => number,
                ("Edm.Double", string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
                ("Edm.DateTime", string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal),
                ("Edm.Guid", string text) => Guid.Parse(text),
                ("Edm.Binary", string text) => System.Convert.FromBase64String(text),
                ("Edm.Int32", int) or ("Edm.String", string) or ("Edm.Boolean", bool) => value,
                _ => throw new JsonException($"A value does not have the type {type}."),
            };
        }
        catch (FormatException malformed)
        {
            throw new JsonException($"A value does not have the type {type}.", malformed);
        }
    }

    private static void WriteProperty(Utf8JsonWriter writer, string name, object value)
    {
        switch (value)
        {
            case string text:
                writer.WriteString(name, text);
                break;
            case bool flag:
                writer.WriteBoolean(name, flag);
                break;
            case int number:
                writer.WriteNumber(name, number);
                break;
            case long number:
                WriteTyped(writer, name, "Edm.Int64", number.ToString(CultureInfo.InvariantCulture));
                break;
            case double number when double.IsFinite(number):
                writer.WriteString(name + TypeSuffix, "Edm.Double");
                WriteFinite(writer, name, number);
                break;
            case double number:
                WriteTyped(writer, name, "Edm.Double", double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
                break;
            case DateTimeOffset time:
                WriteTyped(writer, name, "Edm.DateTime", time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));
                break;
            case DateTime time:
                WriteTyped(writer, name, "Edm.DateTime", time.ToUniversalTime().ToString(TimeFormat, CultureInfo.InvariantCulture));
                break;
            case Guid id:
                WriteTyped(writer, name, "Edm.Guid", id.ToString("D"));
                break;
            case byte[] binary:
                WriteTyped(writer, name, "Edm.Binary", System.Convert.ToBase64String(binary));
                break;
            case BinaryData binary:
                WriteTyped(writer, name, "Edm.Binary", System.Convert.ToBase64String(binary.ToMemory().Span));
                break;
            default:
                throw new NotSupportedException($"Property {name} is a {value.GetType().Name}, which tables do not hold.");
        }
    }

    private static void WriteTyped(Utf8JsonWriter writer, string name, string type, string value)
    {
        writer.WriteString(name + TypeSuffix, type);
        writer.WriteString(name, value);
    }

    /// <summary>A whole double keeps its point, so that a reader without metadata does not take it for an integer.</summary>
    private static void WriteFinite(Utf8JsonWriter writer, string name, double number)
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        writer.WritePropertyName(name);
        writer.WriteRawValue(text.AsSpan().IndexOfAny('.', 'E') < 0 ? text + ".0" : text);
    }
}
