using ActionTrail.Access;

namespace ActionTrail.Functions.Rest;

/// <summary>One call of an operation by a proven caller, and what its audit event will say of it.</summary>
internal sealed class ApiCall
{
    /// <summary>Most characters of a value in an audit event.</summary>
    private const int MaxNoted = 256;

    public required HttpContext Context { get; init; }

    public required Operation Operation { get; init; }

    public required Caller Caller { get; init; }

    /// <summary>The account the call acts for: the caller's own, or the one the operator named.</summary>
    public required string AccountId { get; init; }

    public required string RequestId { get; init; }

    /// <summary>The body, at most the operation's limit; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Body { get; set; }

    /// <summary>Ends the work when the client went away or the deadline passed.</summary>
    public required CancellationToken Cancellation { get; init; }

    public required QueryReader Query { get; init; }

    public HttpRequest Request => Context.Request;

    /// <summary>What the audit event shows as <c>requestParameters</c>. Never secrets.</summary>
    public IDictionary<string, string> Parameters { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What the audit event shows as <c>resourceName</c>, cut to 256 characters: callers name things as they like. Its type follows from the operation.</summary>
    public string? ResourceName
    {
        get;
        set => field = value is null ? null : Cut(value);
    }

    /// <summary>A value of the route; empty when the route has none of this name.</summary>
    public string Route(string name) => Request.RouteValues[name] as string ?? "";

    /// <summary>Notes a parameter for the audit event, cut to 256 characters, unless it is null.</summary>
    public T? Note<T>(string name, T? value)
    {
        if (value?.ToString() is { } text)
            Parameters[name] = Cut(text);
        return value;
    }

    private static string Cut(string text) => text.Length <= MaxNoted ? text : text[..MaxNoted];
}
