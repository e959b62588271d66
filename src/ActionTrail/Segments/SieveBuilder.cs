using ActionTrail.Events;
using ActionTrail.Layout;

namespace ActionTrail.Segments;

/// <summary>Makes the sieve of a compacted segment from its head alone: the same head gives the same bytes, so that a lost one can be made again.</summary>
internal static class SieveBuilder
{
    /// <param name="head">The segment's head.</param>
    /// <param name="segmentSha256">SHA-256 of the whole segment.</param>
    public static byte[] Build(SegmentHead head, ReadOnlySpan<byte> segmentSha256)
    {
        // 1. Event ids are counted as rows, the other attributes by the distinct values of the segment.
        var values = new Dictionary<uint, ValueTally>[EventAttributes.Count];
        long keys = head.Count;
        foreach (var attribute in Others())
        {
            var distinct = values[(int)attribute] = [];
            head.CountValues(attribute, 0, head.Count, distinct);
            keys += distinct.Count;
        }

        // 2. Each key into its page.
        var pages = SieveFormat.PagesFor(keys);
        var sieve = new byte[SieveReference.OffsetOf(pages)];
        SieveFormat.WriteHeader(sieve, pages, head.Count, segmentSha256);
        for (var row = 0; row < head.Count; row++)
            Add(sieve, pages, EventAttribute.EventId, head.EventIdPrefix(row));
        foreach (var attribute in Others())
        {
            foreach (var prefix in values[(int)attribute].Keys)
                Add(sieve, pages, attribute, prefix);
        }

        // 3. Checksums.
        for (var page = 0; page < pages; page++)
            SieveFormat.Seal(Page(sieve, page), page, pages, segmentSha256);
        return sieve;
    }

    /// <summary>The catalog's reference to a sieve that is stored under <paramref name="name"/>.</summary>
    public static SieveReference Reference(string name, byte[] sieve) => new(name, (sieve.Length - SieveReference.HeaderBytes) / SieveReference.PageBytes);

    private static IEnumerable<EventAttribute> Others() =>
        Enumerable.Range(0, EventAttributes.Count).Select(static n => (EventAttribute)n).Where(static attribute => attribute != EventAttribute.EventId);

    private static void Add(byte[] sieve, int pages, EventAttribute attribute, uint prefix)
    {
        var key = SieveFormat.KeyOf(attribute, prefix);
        SieveFormat.Add(Page(sieve, SieveFormat.PageOf(key, pages)), key);
    }

    private static Span<byte> Page(byte[] sieve, int page) => sieve.AsSpan((int)SieveReference.OffsetOf(page), SieveReference.PageBytes);
}
