using System.Globalization;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Trails;

/// <summary>A time of commits that a trail may have delivered to a place: <paramref name="Name"/> is the container or the project of the Logstore.</summary>
public readonly record struct TrailPlace(DestinationKind Kind, string Name, TimeInterval Time);

/// <summary>
/// Where a trail delivered to before its destinations were changed, for history jobs: what it delivered elsewhere they deliver to where it delivers now. Windows around a change may have gone to either place;
/// their time counts for both, so that nothing comes twice to one.
/// </summary>
internal static class TrailPlaces
{
    /// <summary>Of more changes the oldest are joined to times in which the trail was everywhere.</summary>
    private const int Max = 100;

    /// <summary>The kinds of destination that are remembered.</summary>
    public static IReadOnlyList<DestinationKind> Kinds { get; } = [DestinationKind.Blob, DestinationKind.Logstore];

    /// <summary>The name of the trail's place of a kind, or null.</summary>
    public static string? NameOf(Trail trail, DestinationKind kind) => kind switch
    {
        DestinationKind.Blob => trail.Container,
        DestinationKind.Logstore => trail.Logstore?.Project,
        _ => null,
    };

    /// <summary>The trail as changed, with the places of the one before.</summary>
    /// <param name="before">Before the change.</param>
    /// <param name="after">After it.</param>
    /// <param name="handedOut">By kind: what was committed before is handed out, to the places of before.</param>
    /// <param name="now">The clock.</param>
    /// <param name="needed">What was committed before nobody asks for.</param>
    public static Trail Moved(Trail before, Trail after, IReadOnlyDictionary<DestinationKind, DateTimeOffset> handedOut, DateTimeOffset now, DateTimeOffset needed)
    {
        var places = before.Places.Where(p => !(p.Time.Stop < needed)).ToList();
        foreach (var kind in Kinds)
        {
            var (old, name) = (NameOf(before, kind), NameOf(after, kind));
            if (old == name)
                continue;
            var open = places.FindIndex(p => p.Kind == kind && p.Time.Stop is null);
            if (open >= 0)
                places[open] = places[open] with { Time = places[open].Time with { Stop = now } };
            else
                places.Add(new(kind, old ?? "", new(DateTimeOffset.MinValue, now)));
            if (name is not null)
                places.Add(new(kind, name, new(handedOut[kind] < now ? handedOut[kind] : now, null)));
        }

        if (places.Count > Max)
            places.RemoveRange(0, places.Count - Max);
        return after with { Places = places };
    }

    /// <summary>The times of commits that may lie in the trail's present place of the kind; it delivered those of them that it logged.</summary>
    /// <param name="trail">The trail.</param>
    /// <param name="kind">Kind of place.</param>
    /// <param name="madeAt">When the place came into being; what the trail delivered there in a time that ended before went with one of the same name.</param>
    public static IReadOnlyList<TimeInterval> Present(Trail trail, DestinationKind kind, DateTimeOffset madeAt)
    {
        var known = trail.Places.Where(p => p.Kind == kind).ToList();
        if (known.Count == 0)
            return TimeRanges.Union([new(DateTimeOffset.MinValue, null)]);
        var name = NameOf(trail, kind);

        // What is forgotten of the beginning may have been anywhere.
        var first = known.Min(static p => p.Time.Start);
        return TimeRanges.Union(known.Where(p => p.Name == name).Select(static p => p.Time).Append(new(DateTimeOffset.MinValue, first)).Where(time => !(time.Stop < madeAt)));
    }

    /// <summary>Lines <c>{kind} {start}:{stop} {name}</c>, times in UTC ticks; null when there are none.</summary>
    public static string? Format(IReadOnlyList<TrailPlace> places) => places.Count == 0 ? null : string.Join('\n', places.Select(static p =>
        string.Create(CultureInfo.InvariantCulture, $"{DestinationKinds.Text(p.Kind)} {TimeIntervals.Format([p.Time])} {p.Name}")));

    /// <exception cref="StoreException">Corrupt: the text is not one that <see cref="Format"/> makes.</exception>
    public static IReadOnlyList<TrailPlace> Parse(string? text) => string.IsNullOrEmpty(text) ? [] : [.. text.Split('\n').Select(static line =>
        line.Split(' ') is [var kind, var time, var name] && DestinationKinds.TryParse(kind, out var known) && TimeIntervals.Parse(time) is [var interval]
            ? new TrailPlace(known, name, interval)
            : throw new StoreException(StoreErrorKind.Corrupt, $"'{line}' is no place of a trail."))];
}
