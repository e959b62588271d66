namespace ActionTrail.Functions.Triggers;

/// <summary>
/// Tells the Functions host's own invocations from requests that the public route <c>{*path}</c> forwards to the same port. See
/// docs/adr/0007-trigger-endpoints.md for what this relies on.
/// </summary>
internal static class HostRequest
{
    /// <summary>Of the host's own headers; a later host may send more of them.</summary>
    private const string HostPrefix = "X-Azure-Functions-";

    private const string InvocationId = HostPrefix + "InvocationId";

    /// <summary>What the host sends with an invocation, and what its HTTP client adds for tracing. Whatever else is there was forwarded.</summary>
    private static readonly HashSet<string> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host", "User-Agent", "Content-Type", "Content-Length", "Transfer-Encoding",
        "traceparent", "tracestate", "baggage", "Request-Id", "Correlation-Context", "Request-Context",
    };

    /// <summary>Whether the request has exactly the form of an invocation of <paramref name="function"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="rawTarget">The request target as it stood on the wire, before any decoding.</param>
    /// <param name="function">The function's name, with its case.</param>
    /// <param name="port">The port that the host gave us.</param>
    public static bool IsInvocation(HttpRequest request, string rawTarget, string function, int port) =>
        request.Method == HttpMethods.Post
        && rawTarget.Length == function.Length + 1 && rawTarget[0] == '/' && rawTarget.EndsWith(function, StringComparison.Ordinal)
        && request.Headers.Host.Count == 1 && request.Headers.Host == FormattableString.Invariant($"127.0.0.1:{port}")
        && request.Headers[InvocationId] is { Count: 1 } id && Guid.TryParseExact(id, "D", out _)
        && request.Headers.UserAgent.ToString().StartsWith("Azure-Functions-Host/", StringComparison.Ordinal)
        && request.Headers.ContentType == "application/json; charset=utf-8"
        && !Foreign(request).Any();

    /// <summary>Names of the headers that no host sends with an invocation.</summary>
    public static IEnumerable<string> Foreign(HttpRequest request) =>
        request.Headers.Keys.Where(name => !Known.Contains(name) && !name.StartsWith(HostPrefix, StringComparison.OrdinalIgnoreCase));
}
