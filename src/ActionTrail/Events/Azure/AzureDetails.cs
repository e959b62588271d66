using System.Text;
using System.Text.Json;

namespace ActionTrail.Events.Azure;

/// <summary>The pairs <c>{"key": ..., "value": ...}</c> that Entra ID adds to its audit records.</summary>
internal static class AzureDetails
{
    /// <summary>The text of the first pair with that key; empty when there is none.</summary>
    public static ReadOnlySpan<byte> Find(AzureRecord record, ReadOnlySpan<byte> key)
    {
        var json = record[AzureField.AdditionalDetails];
        if (json is not [(byte)'[', ..])
        {
            return default;
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 1000 });
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            var (isKey, value) = (false, default(TextSlice));
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                var (namesKey, namesValue) = (reader.ValueTextEquals("key"u8), reader.ValueTextEquals("value"u8));
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                {
                    isKey |= namesKey && Ascii.EqualsIgnoreCase(reader.ValueSpan, key);
                    value = namesValue ? record.Pages.AddString(ref reader) : value;
                }

                reader.Skip();
            }

            if (isKey)
            {
                return record.Pages[value];
            }
        }

        return default;
    }
}
