using ActionTrail.Functions.Rest;

namespace ActionTrail.Functions.OpenApi;

/// <summary>A parameter in the path, when the pattern names it, else in the query.</summary>
internal sealed record Parameter(string Name, Shape Shape)
{
    public bool IsRequired { get; init; }
}

/// <summary>An answer that is no problem.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="About">What it says.</param>
/// <param name="Body">Its body; null: none.</param>
internal sealed record Reply(int Status, string About, Shape? Body = null)
{
    /// <summary>Whether it names the version of the resource in <c>ETag</c>; for some callers perhaps not.</summary>
    public bool HasETag { get; init; }

    /// <summary>Whether it says what it cost in <c>ActionTrail-Statistics</c>.</summary>
    public bool HasStatistics { get; init; }

    /// <summary>Media types instead of JSON, with what is in each.</summary>
    public IReadOnlyList<(string MediaType, Shape Body)> Files { get; init; } = [];

    public static Reply Ok(string about, Shape body) => new(StatusCodes.Status200OK, about, body);

    /// <summary>201 with <c>Location</c>.</summary>
    public static Reply Created(string about, Shape body) => new(StatusCodes.Status201Created, about, body);

    public static Reply NoContent(string about) => new(StatusCodes.Status204NoContent, about);
}

/// <summary>
/// What the OpenAPI document says of a route beyond what <see cref="ApiRoute"/> knows: method, address, operation, roles and the problems that any call may meet are
/// added by <see cref="OpenApiDocument"/>. The tests hold every request and answer of their runs against the document.
/// </summary>
/// <param name="Summary">One sentence, imperative.</param>
/// <param name="Replies">Every answer that is no problem.</param>
internal sealed record RouteDescription(string Summary, params IReadOnlyList<Reply> Replies)
{
    /// <summary>What else a caller must know; null: nothing.</summary>
    public string? Details { get; init; }

    /// <summary>All parameters of the path, in its order, then those of the query.</summary>
    public IReadOnlyList<Parameter> Parameters { get; init; } = [];

    /// <summary>The body, where the route reads one; with an example.</summary>
    public Shape? Takes { get; init; }

    /// <summary>Problems that not every call may meet.</summary>
    public IReadOnlyList<ProblemType> Problems { get; init; } = [];

    /// <summary>Whether <c>If-Match</c> is honoured; adds PreconditionFailed.</summary>
    public bool HonoursIfMatch { get; init; }
}
