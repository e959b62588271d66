using System.IO.Pipelines;
using System.Text.Json;

namespace ActionTrail.Functions.Rest;

/// <summary>One rule that a request breaks. <paramref name="Pointer"/>: a JSON pointer into the body, or <c>?name</c> for a query parameter, or a header's name.</summary>
internal sealed record Fault(string Pointer, string Rule);

/// <summary>A problem before it is written: its type, what is special about this occurrence, and every rule broken.</summary>
internal sealed record Problem(ProblemType Type, string? Detail = null)
{
    public IReadOnlyList<Fault> Errors { get; init; } = [];

    /// <summary>How long to wait before asking again; written for 429 and 503.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public static Problem Invalid(params IReadOnlyList<Fault> errors) => new(ProblemType.InvalidParameter) { Errors = errors };
}

/// <summary>A body that is not held in memory.</summary>
/// <param name="ContentType">Its media type.</param>
/// <param name="Name">What it is saved as, letters, digits, dots and hyphens only.</param>
/// <param name="WriteAsync">Writes it. When that fails, the connection is broken off, so that nobody takes the part for the whole.</param>
internal sealed record FileBody(string ContentType, string Name, Func<PipeWriter, Task> WriteAsync);

/// <summary>What an operation answers: a body written by hand, nothing, or a problem.</summary>
internal sealed record ApiResult
{
    public required int Status { get; init; }

    /// <summary>Writes the body; null: none.</summary>
    public Action<Utf8JsonWriter>? Body { get; init; }

    /// <summary>Instead of <see cref="Body"/>: what is streamed to be saved.</summary>
    public FileBody? File { get; init; }

    public string? ETag { get; init; }

    public string? Location { get; init; }

    /// <summary>Where to watch work that goes on after the answer, absolute.</summary>
    public string? OperationLocation { get; init; }

    /// <summary>What the answer cost, as the header <see cref="ApiPipeline.StatisticsHeader"/> says it; null: not said.</summary>
    public string? Statistics { get; init; }

    public Problem? Problem { get; init; }

    /// <summary>True when the operation's own audit event is already stored with its effect.</summary>
    public bool Audited { get; init; }

    public static ApiResult Ok(Action<Utf8JsonWriter> body) => new() { Status = StatusCodes.Status200OK, Body = body };

    public static ApiResult Created(string location, Action<Utf8JsonWriter> body) => new() { Status = StatusCodes.Status201Created, Body = body, Location = location };

    public static ApiResult NoContent { get; } = new() { Status = StatusCodes.Status204NoContent };

    public static implicit operator ApiResult(Problem problem) => new() { Status = problem.Type.Status, Problem = problem };

    public static implicit operator ApiResult(ProblemType type) => new Problem(type);
}
