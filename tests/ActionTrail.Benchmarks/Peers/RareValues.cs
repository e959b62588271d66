using System.Runtime.InteropServices;
using ActionTrail.Layout;

namespace ActionTrail.Benchmarks.Peers;

/// <summary>
/// Values that occur once in a stream of any length: each is counted by 32 bits of its hash, and only of some is the text kept. Two values that
/// share those bits count as one that occurs twice, so that what is said to be rare is.
/// </summary>
/// <param name="keptEvery">Of how many new values the text of one is kept.</param>
internal sealed class RareValues(int keptEvery)
{
    private readonly Dictionary<uint, bool> isSeenAgain = [];
    private readonly List<(uint Prefix, string Text)> kept = [];

    public void Add(string value)
    {
        var prefix = (uint)(Hash64.Of(value) >> 32);
        ref var again = ref CollectionsMarshal.GetValueRefOrAddDefault(isSeenAgain, prefix, out var isKnown);
        again = isKnown;
        if (!isKnown && isSeenAgain.Count % keptEvery == 0)
            kept.Add((prefix, value));
    }

    /// <summary>The kept ones that occurred once, in the order of the stream.</summary>
    public string[] Once() => [.. kept.Where(one => !isSeenAgain[one.Prefix]).Select(static one => one.Text)];
}
