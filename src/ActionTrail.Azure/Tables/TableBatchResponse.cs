using System.Diagnostics.CodeAnalysis;
using Azure;
using Azure.Core;

namespace ActionTrail.Azure.Tables;

/// <summary>The response to one action inside the answer to a transaction.</summary>
internal sealed class TableBatchResponse : Response
{
    private readonly List<(string Name, string Value)> headers;

    public TableBatchResponse(int status, string reason, List<(string Name, string Value)> headers, byte[] content, string clientRequestId)
    {
        this.headers = headers;
        Status = status;
        ReasonPhrase = reason;
        ContentStream = new MemoryStream(content, 0, content.Length, writable: false, publiclyVisible: true);
        ClientRequestId = clientRequestId;
    }

    public override int Status { get; }

    public override string ReasonPhrase { get; }

    public override Stream? ContentStream { get; set; }

    public override string ClientRequestId { get; set; }

    public override void Dispose() => ContentStream?.Dispose();

    protected override bool TryGetHeader(string name, [NotNullWhen(true)] out string? value)
    {
        value = headers.Find(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
        return value is not null;
    }

    protected override bool TryGetHeaderValues(string name, [NotNullWhen(true)] out IEnumerable<string>? values)
    {
        values = TryGetHeader(name, out var value) ? [value] : null;
        return values is not null;
    }

    protected override bool ContainsHeader(string name) => TryGetHeader(name, out _);

    protected override IEnumerable<HttpHeader> EnumerateHeaders() => headers.Select(static h => new HttpHeader(h.Name, h.Value));
}
