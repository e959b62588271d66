namespace ActionTrail.LocalRunner.Triggers;

/// <summary>
/// The <c>retry</c> block of a function.json. <paramref name="MaxRetryCount"/> leaves the first try out; -1 = without end.
/// Exponential delays follow the WebJobs SDK: the minimum first, then the minimum plus 2^(n-1) times the minimum, ± 20 %, never above the maximum.
/// </summary>
internal sealed record RetryPolicy(int MaxRetryCount, TimeSpan Minimum, TimeSpan Maximum)
{
    private const double Spread = 0.2;

    public static RetryPolicy Fixed(int maxRetryCount, TimeSpan delay) => new(maxRetryCount, delay, delay);

    public static RetryPolicy Exponential(int maxRetryCount, TimeSpan minimum, TimeSpan maximum) => new(maxRetryCount, minimum, maximum);

    /// <summary>True when retry number <paramref name="retry"/> (from 1) may be made.</summary>
    public bool Allows(int retry) => MaxRetryCount < 0 || retry <= MaxRetryCount;

    /// <summary>The pause before retry number <paramref name="retry"/> (from 1).</summary>
    public TimeSpan DelayBefore(int retry, Random chance)
    {
        if (retry <= 1 || Minimum >= Maximum)
        {
            return Minimum;
        }

        var factor = (1 - Spread + (chance.NextDouble() * 2 * Spread)) * Math.Pow(2, Math.Min(retry - 2, 40));
        var milliseconds = Minimum.TotalMilliseconds * (1 + factor);
        return milliseconds >= Maximum.TotalMilliseconds ? Maximum : TimeSpan.FromMilliseconds(milliseconds);
    }
}
