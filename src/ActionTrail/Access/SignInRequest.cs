using Microsoft.Extensions.Primitives;

namespace ActionTrail.Access;

/// <summary>What a request shows of who sends it. Nothing in it is proven.</summary>
public sealed record SignInRequest
{
    /// <summary>HTTP method as sent.</summary>
    public required string Method { get; init; }

    /// <summary>Path as sent, escapes kept, from its first slash.</summary>
    public required string Path { get; init; }

    /// <summary>Query as sent, escapes kept, without the question mark; empty when there is none.</summary>
    public required string Query { get; init; }

    /// <summary>Headers; names compare case-insensitively.</summary>
    public required IDictionary<string, StringValues> Headers { get; init; }

    /// <summary>The names under which the client may know this host: <c>Host</c>, what front ends say it was, the configured address.</summary>
    public required IReadOnlyCollection<string> Hosts { get; init; }

    /// <summary>Where the request comes from, as text.</summary>
    public required string ClientAddress { get; init; }

    /// <summary>Decoded parameters of an RPC call, query and form together; null for any other call.</summary>
    public IReadOnlyList<KeyValuePair<string, string>>? Parameters { get; init; }

    /// <summary>
    /// SHA-256 of the body that was really read, which is the one that is used later; null when it is longer than the operation allows. Asked for
    /// only after a signature proved the rest: strangers shall not make us read bodies.
    /// </summary>
    public required Func<CancellationToken, Task<byte[]?>> HashBodyAsync { get; init; }

    /// <summary>The only value of a header; null when it is absent or repeated.</summary>
    public string? Header(string name) => Headers.TryGetValue(name, out var values) && values.Count == 1 ? values[0] : null;
}
