namespace ActionTrail.LocalRunner.Triggers;

/// <summary>Calls a function of the handler. The real one waits for a handler that is starting; only cancellation throws.</summary>
internal interface IInvoker
{
    Task<InvocationOutcome> InvokeAsync(string functionName, Guid invocationId, ReadOnlyMemory<byte> body, CancellationToken cancellationToken);
}

/// <summary>Where triggers get time, ids and chance from.</summary>
internal sealed record TriggerSources(TimeProvider Clock, Func<Guid> NewId, Random Chance)
{
    public InvocationStamp Stamp(string functionName) => new(functionName, Clock.GetUtcNow(), NewId());
}
