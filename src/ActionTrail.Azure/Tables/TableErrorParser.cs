using System.Text.Json;
using Azure;
using Azure.Core;

namespace ActionTrail.Azure.Tables;

/// <summary>Reads code and message from <c>{"odata.error":{"code":"…","message":{"lang":"…","value":"…"}}}</c>, else the x-ms-error-code header.</summary>
internal sealed class TableErrorParser : RequestFailedDetailsParser
{
    public override bool TryParse(Response response, out ResponseError? error, out IDictionary<string, string>? data)
    {
        data = null;
        error = Find(response);
        return error is not null;
    }

    internal static ResponseError? Find(Response response)
    {
        if (response.ContentStream is MemoryStream { Length: > 0 })
        {
            try
            {
                using var document = JsonDocument.Parse(response.Content.ToMemory());
                if (FromBody(document.RootElement) is { } error)
                    return error;
            }
            catch (JsonException)
            {
                // Not the service's own error: a proxy's page. The status and the header below still tell.
            }
        }

        return response.Headers.TryGetValue("x-ms-error-code", out var code) ? new ResponseError(code, response.ReasonPhrase) : null;
    }

    private static ResponseError? FromBody(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("odata.error", out var error) || error.ValueKind != JsonValueKind.Object)
            return null;
        var code = error.TryGetProperty("code", out var name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;
        var message = error.TryGetProperty("message", out var text) && text.ValueKind == JsonValueKind.Object
            && text.TryGetProperty("value", out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return new ResponseError(code, message);
    }
}
