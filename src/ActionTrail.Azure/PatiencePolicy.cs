using Azure.Core;
using Azure.Core.Pipeline;

namespace ActionTrail.Azure;

/// <summary>
/// Gives a request with a body the time that a slow line takes to carry it, beside the time that every request has: otherwise an object of some size
/// would be sent again and again to a slow place, each time cut off by the same time-out.
/// </summary>
/// <param name="perRequest">What a request without body has.</param>
internal sealed class PatiencePolicy(TimeSpan perRequest) : HttpPipelinePolicy
{
    /// <summary>The slowest line that is waited for: 32 MiB, the largest body, in some four minutes.</summary>
    private const int BytesPerSecond = 128 * 1024;

    public override ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        if (message.Request.Content is { } content && content.TryComputeLength(out var length))
            message.NetworkTimeout = perRequest + TimeSpan.FromSeconds((double)length / BytesPerSecond);
        return ProcessNextAsync(message, pipeline);
    }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
        throw new NotSupportedException("Storage is only used asynchronously.");
}
