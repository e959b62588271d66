using ActionTrail.Events;
using ActionTrail.Events.CloudEvents;

namespace ActionTrail.Ingest;

/// <summary>Events that somebody posts over HTTP: stored all or none.</summary>
public sealed record ApiSubmission
{
    /// <summary>The caller's account, to which every event must belong; null for the operator, who may name any account that exists.</summary>
    public required string? AccountId { get; init; }

    /// <summary>A JSON array, one object, or newline-delimited JSON, UTF-8; or gzip of these, recognised by content. At most 16 MiB, inflated 64 MiB.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    public string? ContentType { get; init; }

    /// <summary>The attributes of a CloudEvent in binary mode, whose data are the body, which may then be empty; null otherwise.</summary>
    public CloudEventAttributes? CloudEvent { get; init; }

    /// <summary>Our own events that are stored in the same commit, such as the audit event of the call; their ids are not in the answer.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> ExtraEvents { get; init; } = [];
}

/// <summary>What is wrong with one posted event.</summary>
/// <param name="Pointer">JSON pointer into the body, such as <c>/3/eventTime</c>; for newline-delimited JSON the number is the line's, from 0; empty for the body as a whole.</param>
/// <param name="Code">The kind of fault.</param>
/// <param name="Rule">One sentence that names the rule.</param>
public sealed record ApiError(string Pointer, RejectCode Code, string Rule);

/// <summary>Outcome of a submission: either all events are stored durably or none is.</summary>
public sealed record ApiIngestResult
{
    /// <summary>Ids of the stored events in the order of the body; empty when refused.</summary>
    public IReadOnlyList<string> EventIds { get; init; } = [];

    /// <summary>The first 100 faults; empty when stored.</summary>
    public IReadOnlyList<ApiError> Errors { get; init; } = [];

    public bool IsStored => Errors.Count == 0;
}
