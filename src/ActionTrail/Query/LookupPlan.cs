using System.Text;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Segments;

namespace ActionTrail.Query;

/// <summary>A query made ready: its conditions hashed, its segments in the order in which they are opened.</summary>
internal sealed class LookupPlan
{
    private readonly byte[][] values;

    public LookupPlan(LookupQuery query, long fromMs, long toMs, CatalogView view)
    {
        Query = query;
        FromMs = fromMs;
        ToMs = toMs;
        Sources = [.. view.Sources];
        Generation = view.Generation;
        values = [.. query.Conditions.Select(condition => Encoding.UTF8.GetBytes(condition.Value))];
        Filters = [.. query.Conditions.Select((condition, i) => new AttributeFilter(condition.Attribute, Hash64.Of(values[i])))];
        Sources.Sort(Backward
            ? (a, b) => b.Segment.MaxEventTimeMs.CompareTo(a.Segment.MaxEventTimeMs)
            : (a, b) => a.Segment.MinEventTimeMs.CompareTo(b.Segment.MinEventTimeMs));
    }

    public LookupQuery Query { get; }

    public bool Backward => Query.Direction == LookupDirection.Backward;

    public long FromMs { get; }

    public long ToMs { get; }

    public List<LookupSource> Sources { get; }

    /// <summary>The generation of compaction that the sources are of.</summary>
    public long Generation { get; }

    public AttributeFilter[] Filters { get; }

    /// <summary>True when every condition holds on the event itself: hashes only propose.</summary>
    public bool Holds(ReadOnlySpan<byte> body)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (!EventMatcher.Has(body, Query.Conditions[i].Attribute, values[i]))
            {
                return false;
            }
        }

        return true;
    }
}
