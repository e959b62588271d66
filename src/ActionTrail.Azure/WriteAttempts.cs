using Azure.Core;
using Azure.Core.Pipeline;

namespace ActionTrail.Azure;

/// <summary>
/// What became of the attempts that the SDK made for one write. The pipelines note them through <see cref="AttemptPolicy"/>;
/// the record travels with the messages of the async flow that opened it.
/// </summary>
internal sealed class WriteAttempts : IDisposable
{
    internal const string PropertyName = "ActionTrail.WriteAttempts";

    private IDisposable? scope;

    /// <summary>An attempt ended without an answer that tells: it may have been carried out.</summary>
    public bool MayHaveHappened { get; private set; }

    public static WriteAttempts Begin()
    {
        var attempts = new WriteAttempts();
        attempts.scope = HttpPipeline.CreateHttpMessagePropertiesScope(new Dictionary<string, object?>(StringComparer.Ordinal) { [PropertyName] = attempts });
        return attempts;
    }

    public void NoteUnanswered() => MayHaveHappened = true;

    public void Dispose() => scope?.Dispose();
}

/// <summary>Runs once per attempt and notes those that may have been carried out: broken ones, time-outs and server errors but not "busy" and "no room".</summary>
internal sealed class AttemptPolicy : HttpPipelinePolicy
{
    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        var answered = false;
        try
        {
            await ProcessNextAsync(message, pipeline);
            answered = message.Response.Status is not 408 and (< 500 or 501 or 503 or 507);
        }
        finally
        {
            if (!answered && message.TryGetProperty(WriteAttempts.PropertyName, out var attempts))
                (attempts as WriteAttempts)?.NoteUnanswered();
        }
    }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
        throw new NotSupportedException("Storage is only used asynchronously.");
}
