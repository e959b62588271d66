using System.Globalization;
using Azure.Core;
using Azure.Core.Pipeline;

namespace ActionTrail.Azure.Tables;

/// <summary>
/// Signs each attempt with the SharedKeyLite scheme for Tables: HMAC-SHA256 over
/// <c>date LF /account encoded-path [?comp=value]</c>, the date being the x-ms-date header (RFC 1123).
/// Source: Microsoft's REST reference, "Authorize with Shared Key".
/// </summary>
internal sealed class TableSharedKeyPolicy(TableSharedKeyCredential credential, TimeProvider time) : HttpPipelineSynchronousPolicy
{
    public override void OnSendingRequest(HttpMessage message)
    {
        var date = time.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
        message.Request.Headers.SetValue("x-ms-date", date);
        var signature = credential.Sign(StringToSign(date, credential.AccountName, message.Request.Uri.ToUri()));
        message.Request.Headers.SetValue("Authorization", $"SharedKeyLite {credential.AccountName}:{signature}");
    }

    internal static string StringToSign(string date, string accountName, Uri uri)
    {
        var comp = uri.Query.TrimStart('?').Split('&').FirstOrDefault(static part => part.StartsWith("comp=", StringComparison.Ordinal));
        return $"{date}\n/{accountName}{uri.AbsolutePath}{(comp is null ? "" : "?" + comp)}";
    }
}
