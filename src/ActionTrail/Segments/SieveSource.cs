using System.Collections.Concurrent;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Segments;

/// <summary>Asks sieves, a page per value; pages are kept within a budget. Safe for many threads.</summary>
internal sealed class SieveSource(IObjectStore objects, long budget)
{
    private const int OverheadBytes = 128;

    /// <summary>Questions to one sieve after which its segment's head is worth reading.</summary>
    private const int OftenAsked = 8;

    /// <summary>Sieves whose questions are counted; with more, counting begins anew.</summary>
    private const int MaxCounted = 10_000;

    private readonly ConcurrentDictionary<string, int> asked = new(StringComparer.Ordinal);

    private readonly ByteLru<(string Sieve, int Page), byte[]> pages = new(budget);

    /// <summary>Whether the sieve has been asked so often that the head would have been cheaper. If so, its questions are counted anew: a head that is displaced must be worth it again.</summary>
    public bool GivesWay(SieveReference sieve) => asked.GetValueOrDefault(sieve.Name) >= OftenAsked && asked.TryRemove(sieve.Name, out _);

    /// <summary>False when the sieve proves that no row of the segment meets all the conditions.</summary>
    /// <exception cref="StoreException">The page cannot be read; Corrupt when it is not that of the segment's sieve.</exception>
    public async Task<bool> MayHoldAsync(SegmentReference segment, SieveReference sieve, IReadOnlyList<AttributeFilter> filters, SegmentReads? reads, CancellationToken cancellationToken)
    {
        if (asked.Count >= MaxCounted)
            asked.Clear();
        asked.AddOrUpdate(sieve.Name, 1, static (_, times) => Math.Min(times + 1, OftenAsked));
        foreach (var filter in filters)
        {
            // 0 stands for "no value" in heads.
            var prefix = (uint)(filter.Hash >> 32);
            if (prefix == 0)
                continue;
            var key = SieveFormat.KeyOf(filter.Attribute, prefix);
            if (!SieveFormat.MayHold(await ReadAsync(segment, sieve, SieveFormat.PageOf(key, sieve.Pages), reads, cancellationToken), key))
                return false;
        }

        return true;
    }

    private async Task<byte[]> ReadAsync(SegmentReference segment, SieveReference sieve, int number, SegmentReads? reads, CancellationToken cancellationToken)
    {
        if (pages.TryGet((sieve.Name, number), out var known))
            return known;
        reads?.Add(SieveReference.PageBytes);
        var page = await objects.ReadAsync(Containers.Events, sieve.Name, SieveReference.OffsetOf(number), SieveReference.PageBytes, cancellationToken);
        try
        {
            SieveFormat.CheckPage(page, number, sieve.Pages, segment.Sha256);
        }
        catch (SegmentFormatException error)
        {
            throw new StoreException(StoreErrorKind.Corrupt, $"Sieve {sieve.Name} cannot be read: {error.Message}", error);
        }

        pages.Add((sieve.Name, number), page, page.Length + OverheadBytes);
        return page;
    }
}
