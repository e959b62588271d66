namespace ActionTrail.Access;

/// <summary>
/// How often an account may call: a token bucket per account and process. An app of several instances allows that many times the rate, which protects each
/// instance all the same. The operator is not limited: somebody must be able to help.
/// </summary>
public sealed class CallRateLimiter(AccessOptions options, TimeProvider time)
{
    private readonly TokenBuckets buckets = new(options.CallsPerSecond, options.CallBurst, time);

    /// <summary>Takes one call of the caller's account; how long it must wait when there is none, else null.</summary>
    public TimeSpan? Take(Caller caller) => caller.Role == Role.Operator ? null : buckets.Take(caller.HomeAccountId);
}
