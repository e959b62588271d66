using System.Collections.Concurrent;

namespace ActionTrail.Access;

/// <summary>
/// Token buckets by name, in bounded memory: when there are too many, full ones are dropped, as they remember nothing; when that frees little, all
/// are, which lets names try a burst again but never locks out a name that did nothing.
/// </summary>
internal sealed class TokenBuckets(double perSecond, double burst, TimeProvider time)
{
    public const int MaxBuckets = 20_000;

    private readonly ConcurrentDictionary<string, Bucket> buckets = new(StringComparer.Ordinal);

    public int Count => buckets.Count;

    /// <summary>How long the name must wait for its next token; null when it has one. Takes none.</summary>
    public TimeSpan? Wait(string name) => buckets.TryGetValue(name, out var bucket) ? bucket.Wait(perSecond, burst, time.GetUtcNow()) : null;

    /// <summary>Takes a token; how long to wait when there is none, else null.</summary>
    public TimeSpan? Take(string name)
    {
        var now = time.GetUtcNow();
        if (buckets.Count >= MaxBuckets && !buckets.ContainsKey(name))
            MakeRoom(now);
        return buckets.GetOrAdd(name, static (_, start) => new Bucket(start.burst, start.now), (burst, now)).Take(perSecond, burst, now);
    }

    private void MakeRoom(DateTimeOffset now)
    {
        foreach (var (name, bucket) in buckets)
        {
            if (bucket.IsFull(perSecond, burst, now))
                buckets.TryRemove(name, out _);
        }

        if (buckets.Count > MaxBuckets / 4 * 3)
            buckets.Clear();
    }

    private sealed class Bucket(double initial, DateTimeOffset start)
    {
        private readonly Lock gate = new();
        private double tokens = initial;
        private DateTimeOffset filledAt = start;

        public bool IsFull(double perSecond, double burst, DateTimeOffset now)
        {
            lock (gate)
            {
                Fill(perSecond, burst, now);
                return tokens >= burst;
            }
        }

        public TimeSpan? Wait(double perSecond, double burst, DateTimeOffset now)
        {
            lock (gate)
            {
                Fill(perSecond, burst, now);
                return tokens >= 1 ? null : TimeSpan.FromSeconds((1 - tokens) / perSecond);
            }
        }

        public TimeSpan? Take(double perSecond, double burst, DateTimeOffset now)
        {
            lock (gate)
            {
                Fill(perSecond, burst, now);
                if (tokens < 1)
                    return TimeSpan.FromSeconds((1 - tokens) / perSecond);
                tokens--;
                return null;
            }
        }

        /// <summary>A clock that was put back gives nothing and takes nothing.</summary>
        private void Fill(double perSecond, double burst, DateTimeOffset now)
        {
            tokens = Math.Min(burst, tokens + (Math.Max(0, (now - filledAt).TotalSeconds) * perSecond));
            filledAt = now;
        }
    }
}
