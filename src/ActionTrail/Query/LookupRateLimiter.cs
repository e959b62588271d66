using System.Collections.Concurrent;

namespace ActionTrail.Query;

/// <summary>
/// A token bucket per account. It lives in one process: an app of several instances allows that many times the rate, which
/// protects each instance all the same.
/// </summary>
public sealed class LookupRateLimiter(TimeProvider clock, LookupOptions options)
{
    private const int MaxBuckets = 10_000;

    private readonly ConcurrentDictionary<string, Bucket> buckets = new(StringComparer.Ordinal);

    /// <summary>Takes one lookup; false when the account must wait <paramref name="retryAfter"/> (more than zero) first.</summary>
    public bool TryAcquire(string accountId, out TimeSpan retryAfter)
    {
        if (buckets.Count >= MaxBuckets)
        {
            // Full buckets carry no memory of use, so nobody gains by being forgotten.
            foreach (var (account, bucket) in buckets)
            {
                if (bucket.IsFull(clock, options))
                {
                    buckets.TryRemove(account, out _);
                }
            }
        }

        return buckets.GetOrAdd(accountId, _ => new Bucket(clock, options)).TryTake(clock, options, out retryAfter);
    }

    private sealed class Bucket(TimeProvider clock, LookupOptions options)
    {
        private readonly Lock gate = new();
        private double tokens = options.Burst;
        private long stamp = clock.GetTimestamp();

        public bool IsFull(TimeProvider now, LookupOptions limits)
        {
            lock (gate)
            {
                Refill(now, limits);
                return tokens >= limits.Burst;
            }
        }

        public bool TryTake(TimeProvider now, LookupOptions limits, out TimeSpan retryAfter)
        {
            lock (gate)
            {
                Refill(now, limits);
                if (tokens >= 1)
                {
                    tokens--;
                    retryAfter = TimeSpan.Zero;
                    return true;
                }

                retryAfter = TimeSpan.FromSeconds((1 - tokens) / limits.RatePerSecond);
                return false;
            }
        }

        private void Refill(TimeProvider now, LookupOptions limits)
        {
            var current = now.GetTimestamp();
            tokens = Math.Min(limits.Burst, tokens + (now.GetElapsedTime(stamp, current).TotalSeconds * limits.RatePerSecond));
            stamp = current;
        }
    }
}
