using System.Text;
using System.Text.Json;

namespace ActionTrail.Events.Azure;

/// <summary>
/// One record of Azure Monitor, with all its spellings behind one reading: one pass over its bytes that keeps where each known value is.
/// One instance is read into again and again. Names compare without case; at the top each may appear once, elsewhere the last one counts.
/// </summary>
internal sealed class AzureRecord
{
    // Longer JSON text in a string is left as text, and so is what nests deeper.
    private const int MaxNestedText = 256 << 10;
    private const int MaxNestedDepth = 64;

    private readonly TextSlice[] values = new TextSlice[(int)AzureField.Count];
    private readonly bool[] seen = new bool[(int)AzureField.Count];
    private readonly bool[] opened = new bool[(int)AzureField.Count];

    public TextPages Pages { get; } = new();

    /// <summary>A known name at the top that appears twice; null when there is none.</summary>
    public string? Repeated { get; private set; }

    /// <summary>Text of a value; for those that are JSON, the JSON. Empty when it is absent, null, blank or of another type.</summary>
    public ReadOnlySpan<byte> this[AzureField field] => Pages[values[(int)field]];

    public bool Has(AzureField field) => !values[(int)field].IsEmpty;

    /// <summary>Whether the value was an object whose members were read, even without known ones.</summary>
    public bool Opened(AzureField field) => opened[(int)field];

    public bool Is(AzureField field, ReadOnlySpan<byte> text) => Ascii.EqualsIgnoreCase(this[field], text);

    /// <summary>The first of the fields that has a text.</summary>
    public ReadOnlySpan<byte> First(params ReadOnlySpan<AzureField> fields)
    {
        foreach (var field in fields)
        {
            if (Has(field))
            {
                return this[field];
            }
        }

        return default;
    }

    /// <summary>Reads a record. It is valid JSON in UTF-8 without half surrogate pairs.</summary>
    public void Read(ReadOnlySpan<byte> json)
    {
        Pages.Clear();
        Array.Clear(values);
        Array.Clear(seen);
        Array.Clear(opened);
        Repeated = null;
        ReadSection(Pages.Add(json), AzureSection.Root, maxDepth: 1000);
    }

    private void ReadSection(TextSlice json, AzureSection section, int maxDepth)
    {
        var reader = new Utf8JsonReader(Pages[json], new JsonReaderOptions { MaxDepth = maxDepth });
        reader.Read();
        ReadMembers(ref reader, json, section);
    }

    private void ReadMembers(ref Utf8JsonReader reader, TextSlice json, AzureSection section)
    {
        var table = AzureSections.Of(section);
        Span<byte> unescaped = stackalloc byte[128];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            scoped var name = reader.ValueSpan;
            if (reader.ValueIsEscaped)
            {
                name = name.Length <= unescaped.Length ? unescaped[..reader.CopyString(unescaped)] : default;
            }

            if (!table.TryFind(name, out var member))
            {
                reader.Read();
                reader.Skip();
                continue;
            }

            if (section == AzureSection.Root && seen[(int)member.Field] && member.Field != AzureField.None)
            {
                Repeated ??= Encoding.UTF8.GetString(name);
            }

            seen[(int)member.Field] |= section == AzureSection.Root;
            reader.Read();
            ReadValue(ref reader, json, member);
        }
    }

    private void ReadValue(ref Utf8JsonReader reader, TextSlice json, AzureMember member)
    {
        if (member.IsJson)
        {
            if (reader.TokenType != JsonTokenType.Null)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                values[(int)member.Field] = json.Part(start, (int)reader.BytesConsumed - start);
            }

            return;
        }

        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject when member.Opens != AzureSection.None:
                opened[(int)member.Field] = true;
                ReadMembers(ref reader, json, member.Opens);
                break;
            case JsonTokenType.StartObject:
                ReadNamedValue(ref reader, json, member.Field);
                break;
            case JsonTokenType.String:
                var text = TextOf(ref reader, json);
                if (member.Opens == AzureSection.None || !TryReadText(text, member.Opens))
                {
                    Set(member.Field, text);
                }

                break;
            case JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False:
                Set(member.Field, json.Part((int)reader.TokenStartIndex, reader.ValueSpan.Length));
                break;
            default:
                reader.Skip();
                break;
        }
    }

    // {"value": ..., "localizedValue": ...} of the REST form.
    private void ReadNamedValue(ref Utf8JsonReader reader, TextSlice json, AzureField field)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var isValue = reader.ValueTextEquals("value"u8);
            reader.Read();
            if (isValue && reader.TokenType == JsonTokenType.String)
            {
                Set(field, TextOf(ref reader, json));
            }
            else if (isValue && reader.TokenType == JsonTokenType.Number)
            {
                Set(field, json.Part((int)reader.TokenStartIndex, reader.ValueSpan.Length));
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private TextSlice TextOf(ref Utf8JsonReader reader, TextSlice json) =>
        reader.ValueIsEscaped ? Pages.AddString(ref reader) : json.Part((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);

    private void Set(AzureField field, TextSlice text)
    {
        if (field != AzureField.None && Pages[text] is var bytes && !bytes.Trim(" \t\r\n"u8).IsEmpty && !bytes.SequenceEqual("<null>"u8))
        {
            values[(int)field] = text;
        }
    }

    // An object as JSON text, or as text that is nearly JSON.
    private bool TryReadText(TextSlice text, AzureSection section)
    {
        var bytes = Pages[text];
        var start = bytes.IndexOfAnyExcept(" \t\r\n"u8);
        if (start < 0 || bytes[start] != '{' || bytes.Length > MaxNestedText)
        {
            return false;
        }

        bytes = bytes[start..];
        var json = text.Part(start, bytes.Length);
        if (PseudoJson.LooksLike(bytes))
        {
            if (!PseudoJson.TryConvert(bytes, Pages.Room(bytes.Length * PseudoJson.Growth), out var written))
            {
                return false;
            }

            json = Pages.Take(written);
        }

        if (!IsObject(Pages[json]))
        {
            return false;
        }

        ReadSection(json, section, MaxNestedDepth);
        return true;
    }

    private static bool IsObject(ReadOnlySpan<byte> json)
    {
        if (JsonText.HasLoneSurrogate(json))
        {
            return false;
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxNestedDepth });
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            // Not JSON after all: it stays the text that it is.
            return false;
        }
    }
}
