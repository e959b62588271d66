namespace ActionTrail.Events.Azure;

/// <summary>What was asked for and what was answered.</summary>
internal static class AzureBodies
{
    // Bodies of requests and responses above this size are not repeated outside originalRecord.
    private const int MaxRepeatedBytes = 64 << 10;

    public static void Write(AzureEvent read, MappedEvent output)
    {
        var request = Repeatable(read[AzureField.RequestBody]);
        if (!request.IsEmpty || read.Record.Opened(AzureField.Authorization))
        {
            output.Json.WriteStartObject("requestParameters"u8);
            output.Utf8("action"u8, read[AzureField.AuthorizedAction]);
            output.Utf8("scope"u8, read[AzureField.Scope]);
            WriteBody("requestBody"u8, request, output);
            output.Json.WriteEndObject();
        }

        var response = Repeatable(read[AzureField.ResponseBody]);
        if (!response.IsEmpty)
        {
            output.Json.WriteStartObject("responseElements"u8);
            WriteBody("responseBody"u8, response, output);
            output.Json.WriteEndObject();
        }
    }

    private static ReadOnlySpan<byte> Repeatable(ReadOnlySpan<byte> json) => json.Length <= MaxRepeatedBytes ? json : default;

    private static void WriteBody(ReadOnlySpan<byte> name, ReadOnlySpan<byte> json, MappedEvent output)
    {
        if (!json.IsEmpty)
        {
            output.Json.WritePropertyName(name);
            output.Json.WriteRawValue(json, skipInputValidation: true);
        }
    }
}
