using System.Runtime.InteropServices;
using System.Text;
using ActionTrail.Functions.Rest;
using Microsoft.AspNetCore.WebUtilities;

namespace ActionTrail.Functions.Rpc;

/// <summary>
/// A call of the RPC API as it came: <c>GET</c> or <c>POST</c> at <c>/</c>, parameters in the query, a form, or both. Older official clients
/// name action and version in parameters (<c>Action</c>, <c>Version</c>) and headers, newer ones in headers alone (<c>x-acs-action</c>, <c>x-acs-version</c>).
/// </summary>
internal sealed record RpcRequest
{
    /// <summary>Most bytes of a form.</summary>
    public const int MaxFormBytes = 256 * 1024;

    private const string ActionHeader = "x-acs-action";
    private const string VersionHeader = "x-acs-version";

    /// <summary>Every parameter of query and form, decoded, in the order they came, those of the protocol and of signatures included.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Parameters { get; init; }

    public required string? Action { get; init; }

    public required string? Version { get; init; }

    /// <summary>Whether the answer is to be XML: <c>Format</c> says so, or the client accepts nothing else.</summary>
    public required bool IsXml { get; init; }

    /// <summary>Why the request cannot be read; null when it can.</summary>
    public required Problem? Problem { get; init; }

    /// <summary>Whether a request at <c>/</c> is a call at all, or somebody who asks what this is.</summary>
    public static bool IsCall(HttpRequest request) => HttpMethods.IsPost(request.Method) || (HttpMethods.IsGet(request.Method) && (request.Headers.ContainsKey(ActionHeader)
        || request.Query.ContainsKey("Action") || request.Query.ContainsKey("Version")));

    public static async Task<RpcRequest> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var parameters = new List<KeyValuePair<string, string>>();
        Decode(request.QueryString.Value ?? "", parameters);
        var (body, problem) = await RequestBody.ReadFormAsync(request, MaxFormBytes, cancellationToken);
        Decode(Encoding.UTF8.GetString(body.Span), parameters);

        // A signature covers the form: it is there to be read again.
        MemoryMarshal.TryGetArray(body, out var bytes);
        request.Body = new MemoryStream(bytes.Array ?? [], bytes.Offset, bytes.Count, writable: false);

        // Who says both must mean one thing.
        var action = Named(request, parameters, "Action", ActionHeader, ref problem);
        var version = Named(request, parameters, "Version", VersionHeader, ref problem);
        var isXml = AsksForXml(request, parameters, ref problem);
        return new RpcRequest { Parameters = parameters, Action = action, Version = version, IsXml = isXml, Problem = problem };
    }

    private static void Decode(string text, List<KeyValuePair<string, string>> parameters)
    {
        foreach (var pair in new QueryStringEnumerable(text))
            parameters.Add(new(pair.DecodeName().ToString(), pair.DecodeValue().ToString()));
    }

    private static string? Named(HttpRequest request, List<KeyValuePair<string, string>> parameters, string name, string header, ref Problem? problem)
    {
        string[] values = [.. parameters.Where(p => p.Key == name).Select(static p => p.Value), .. request.Headers[header].OfType<string>()];
        if (values.Distinct(StringComparer.Ordinal).Skip(1).Any())
            problem ??= RpcErrors.Invalid(name, "Given more than once, with different values.");
        return values.FirstOrDefault(static value => value.Length > 0);
    }

    private static bool AsksForXml(HttpRequest request, List<KeyValuePair<string, string>> parameters, ref Problem? problem)
    {
        var format = parameters.FirstOrDefault(static p => p.Key == "Format").Value;
        if (string.IsNullOrEmpty(format))
        {
            var accept = request.GetTypedHeaders().Accept;
            return accept is { Count: > 0 } && accept.All(static range => range.MediaType.EndsWith("/xml", StringComparison.OrdinalIgnoreCase));
        }

        var isXml = format.Equals("XML", StringComparison.OrdinalIgnoreCase);
        if (!isXml && !format.Equals("JSON", StringComparison.OrdinalIgnoreCase))
            problem ??= RpcErrors.Invalid("Format", "JSON or XML.");
        return isXml;
    }
}
