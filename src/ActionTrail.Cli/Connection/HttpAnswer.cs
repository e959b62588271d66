using System.Net;

namespace ActionTrail.Cli.Connection;

/// <summary>An answer that is whole in memory; the server bounds its pages (docs/limits.md).</summary>
/// <param name="Status">Any status that does not pass with time.</param>
/// <param name="Body">All bytes.</param>
/// <param name="RequestId">The header <c>ActionTrail-Request-Id</c>: the request id of the call's own audit event.</param>
internal sealed record HttpAnswer(HttpStatusCode Status, byte[] Body, string? RequestId)
{
    /// <summary>A 200 answer that is not read yet, where the caller wanted to read it himself, who then disposes of it; <see cref="Body"/> is empty.</summary>
    public HttpResponseMessage? Unread { get; init; }
}
