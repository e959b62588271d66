using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ActionTrail.Access.Signatures;

/// <summary>
/// Remembers the nonces of proven requests while their time is accepted, by access key and second. The memory is bounded: when it is full, the key
/// with most nonces forgets its oldest second, and from then on no request of that key with such an old time is accepted. So a forgotten nonce
/// cannot be used again; a key that signs more than fits just has less leeway with its clock. Only proven requests are remembered, so nobody
/// fills another's memory. Each process has its own: a request that was caught can be sent once more to each other instance and after a restart.
/// </summary>
internal sealed class NonceMemory(TimeProvider time, int capacity = NonceMemory.DefaultCapacity)
{
    /// <summary>Nonces of all keys together, about 40 bytes each.</summary>
    public const int DefaultCapacity = 200_000;

    /// <summary>How far the time of a request may lie from ours, either way.</summary>
    public static readonly TimeSpan Leeway = TimeSpan.FromMinutes(15);

    private readonly Dictionary<string, KeyNonces> byKey = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private int count;

    public int Count
    {
        get
        {
            lock (gate)
                return count;
        }
    }

    /// <summary>False when the key used the nonce at this time already, or that can no longer be told.</summary>
    public bool TryRemember(string accessKeyId, string nonce, DateTimeOffset signedAt)
    {
        var hash = BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(nonce)));
        var second = signedAt.ToUnixTimeSeconds();
        var oldest = (time.GetUtcNow() - Leeway).ToUnixTimeSeconds();
        lock (gate)
        {
            if (!byKey.TryGetValue(accessKeyId, out var nonces))
                byKey[accessKeyId] = nonces = new KeyNonces();
            count -= nonces.ForgetBefore(oldest);
            if (second <= nonces.Forgotten || !nonces.Add(second, hash))
                return false;
            count++;
            if (count > capacity)
                Shrink(oldest);
            return true;
        }
    }

    private void Shrink(long oldest)
    {
        foreach (var (key, nonces) in byKey)
        {
            count -= nonces.ForgetBefore(oldest);
            if (nonces.Count == 0 && nonces.Forgotten < oldest)
                byKey.Remove(key);
        }

        // A quarter is freed at once, so that this is rare.
        while (count > capacity / 4 * 3)
            count -= byKey.Values.MaxBy(static nonces => nonces.Count)!.ForgetOldest();
    }

    private sealed class KeyNonces
    {
        private readonly SortedDictionary<long, HashSet<UInt128>> seconds = [];

        public int Count { get; private set; }

        /// <summary>Nonces of this second and before are no longer known although their time was still acceptable.</summary>
        public long Forgotten { get; private set; } = long.MinValue;

        public bool Add(long second, UInt128 hash)
        {
            if (!seconds.TryGetValue(second, out var hashes))
                seconds[second] = hashes = [];
            if (!hashes.Add(hash))
                return false;
            Count++;
            return true;
        }

        public int ForgetBefore(long second)
        {
            var freed = 0;
            while (Count > 0 && First() is var first && first < second)
                freed += Remove(first);
            return freed;
        }

        public int ForgetOldest()
        {
            Forgotten = First();
            return Remove(Forgotten);
        }

        private long First()
        {
            using var all = seconds.GetEnumerator();
            all.MoveNext();
            return all.Current.Key;
        }

        private int Remove(long second)
        {
            seconds.Remove(second, out var hashes);
            Count -= hashes!.Count;
            return hashes.Count;
        }
    }
}
