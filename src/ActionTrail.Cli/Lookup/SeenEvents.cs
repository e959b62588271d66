using System.Security.Cryptography;
using System.Text;

namespace ActionTrail.Cli.Lookup;

/// <summary>
/// Which events were shown, by id and time as the service tells events apart. Sixteen bytes of a hash stand for each, so that a busy
/// hour fits into memory.
/// </summary>
internal sealed class SeenEvents
{
    private readonly Dictionary<UInt128, DateTimeOffset> seen = [];

    public int Count => seen.Count;

    /// <summary>True when the event is new.</summary>
    public bool Add(string eventId, string timeText, DateTimeOffset time) => seen.TryAdd(Key($"{eventId}\n{timeText}"), time);

    /// <summary>Forgets what lies before the time: no later question reaches back to it.</summary>
    public void Forget(DateTimeOffset before)
    {
        foreach (var (key, time) in seen)
        {
            if (time < before)
                seen.Remove(key);
        }
    }

    private static UInt128 Key(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        return new UInt128(BitConverter.ToUInt64(hash), BitConverter.ToUInt64(hash[8..]));
    }
}
