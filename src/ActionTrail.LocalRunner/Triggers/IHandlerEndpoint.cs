namespace ActionTrail.LocalRunner.Triggers;

/// <summary>The running handler as its callers see it.</summary>
internal interface IHandlerEndpoint
{
    /// <summary>The address to call, without waiting; null while the handler starts.</summary>
    Uri? Address { get; }

    /// <summary>Waits until the handler answers; throws only when cancelled.</summary>
    Task<Uri> WaitReadyAsync(CancellationToken cancellationToken);

    /// <summary>Kills the handler with everything it is doing, as the host does when one invocation ran out of time.</summary>
    void KillAfterTimeout(string functionName);
}
