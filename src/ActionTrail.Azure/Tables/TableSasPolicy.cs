using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace ActionTrail.Azure.Tables;

/// <summary>Appends a shared access signature to each attempt's query; reads the credential every time, since it may be renewed.</summary>
internal sealed class TableSasPolicy(AzureSasCredential credential) : HttpPipelineSynchronousPolicy
{
    public override void OnSendingRequest(HttpMessage message)
    {
        var signature = credential.Signature.TrimStart('?');
        var query = message.Request.Uri.Query;
        if (query.Contains(signature, StringComparison.Ordinal))
            return;
        message.Request.Uri.Query = query.Length > 1 ? $"{query}&{signature}" : "?" + signature;
    }
}
