using System.Runtime.InteropServices;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Segments;

namespace ActionTrail.Query;

/// <summary>A value by its hash: how many events have it, when the newest of them was, and a row that spells it.</summary>
internal readonly record struct CountedValue(uint Prefix, long Count, long NewestMs, LookupSource Source, int Row);

/// <summary>
/// Counts events by value, within bounds: when there are more distinct values than are held, the rarer half is forgotten. A value that was
/// forgotten and comes again is counted from then on, so that counts may be short by no more than <see cref="MaxError"/>.
/// </summary>
internal sealed class TallyTable(int maxValues)
{
    private readonly Dictionary<uint, CountedValue> values = [];
    private readonly Dictionary<uint, ValueTally> scratch = [];

    /// <summary>Events that were counted.</summary>
    public long Events { get; private set; }

    /// <summary>Of these the ones with any value.</summary>
    public long EventsWithValue { get; private set; }

    /// <summary>Counts of all values together; an event of two values counts twice.</summary>
    public long Occurrences { get; private set; }

    /// <summary>Distinct values; when truncated, as many as were held at once.</summary>
    public int Distinct { get; private set; }

    public bool IsTruncated => MaxError > 0;

    public long MaxError { get; private set; }

    public void Add(MatchedRows rows, EventAttribute attribute)
    {
        scratch.Clear();
        Events += rows.Count;
        EventsWithValue += rows.CountValues(attribute, scratch);
        foreach (var (prefix, tally) in scratch)
        {
            Occurrences += tally.Count;
            var newest = rows.Head.EventTimeMs(tally.LastRow);
            ref var value = ref CollectionsMarshal.GetValueRefOrAddDefault(values, prefix, out var isKnown);
            value = isKnown && value.NewestMs >= newest
                ? value with { Count = value.Count + tally.Count }
                : new(prefix, value.Count + tally.Count, newest, rows.Source, tally.LastRow);
        }

        Distinct = Math.Max(Distinct, values.Count);
        if (values.Count > maxValues)
            Forget();
    }

    /// <summary>The most frequent; of equally frequent ones that which an event had last, then that of the lower hash.</summary>
    public List<CountedValue> Top(int count) =>
        [.. values.Values.OrderByDescending(static one => one.Count).ThenByDescending(static one => one.NewestMs).ThenBy(static one => one.Prefix).Take(count)];

    /// <summary>The values as text, one event decoded for each.</summary>
    /// <exception cref="ViewOutdatedException">A segment with such an event is gone.</exception>
    /// <exception cref="SegmentFormatException">An event does not have the value that its segment's head says.</exception>
    public static async Task<List<string>> SpellAsync(RowBodies bodies, EventAttribute attribute, IReadOnlyList<CountedValue> wanted, CancellationToken cancellationToken)
    {
        var texts = new string[wanted.Count];
        var bySource = wanted.Select(static (one, i) => (one.Source, one.Row, one.Prefix, i)).GroupBy(static one => one.Source);
        foreach (var wave in bySource.Chunk(16))
        {
            await Task.WhenAll(wave.Select(async ofOne =>
            {
                var rows = ofOne.Select(static one => one.Row).ToArray();
                var head = await bodies.OpenAsync(ofOne.Key, cancellationToken);
                var read = head is null ? null : await bodies.ReadAsync(ofOne.Key, head, rows, cancellationToken);
                if (read is null)
                    throw new ViewOutdatedException(bodies.Generation, $"Segment {ofOne.Key.Segment.Name} went while its values were read.");
                foreach (var ((_, _, prefix, place), body) in ofOne.Zip(read))
                {
                    texts[place] = EventMatcher.Values(body.Span, attribute).FirstOrDefault(value => (uint)(Hash64.Of(value) >> 32) == prefix)
                        ?? throw new SegmentFormatException($"An event of segment {ofOne.Key.Segment.Name} does not have the value that the head says.");
                }
            }));
        }

        return [.. texts];
    }

    private void Forget()
    {
        var counts = values.Values.Select(static one => one.Count).Order().ToArray();
        var least = counts[(counts.Length - 1) / 2];
        foreach (var (prefix, value) in values)
        {
            if (value.Count <= least)
                values.Remove(prefix);
        }

        MaxError += least;
    }
}
