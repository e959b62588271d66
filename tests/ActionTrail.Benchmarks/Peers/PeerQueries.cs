namespace ActionTrail.Benchmarks.Peers;

/// <summary>One query: a value (none for counts) in [from, to).</summary>
internal sealed record PeerQuery(string? Value, long FromMs, long ToMs);

/// <summary>Queries of one kind. <paramref name="Of"/>: id, user, resource, name or count. A kind stops after <paramref name="Seconds"/>, at the earliest after 20 queries.</summary>
internal sealed record QueryKind(string Name, string Of, int Seconds, IReadOnlyList<PeerQuery> Queries);

/// <summary>A row of an answer: event id and time, or event name and count.</summary>
internal readonly record struct AnswerRow(string Key, long Number);

/// <summary>The queries that every store gets, drawn from events evenly over the corpus, and their true answers.</summary>
internal static class PeerQueries
{
    public const int PageSize = 50;
    private const long DayMs = 86_400_000;

    public static IReadOnlyList<QueryKind> Of(PeerCorpus corpus, int count, int seconds)
    {
        var samples = Enumerable.Range(0, count).Select(i => corpus.Facts[(int)((i + 0.5) * corpus.Count / count)]).ToArray();
        PeerQuery Whole(string? value) => new(value, corpus.FromMs, corpus.ToMs);
        PeerQuery Week(EventFact one, string? value) => new(value, one.TimeMs - (3 * DayMs), one.TimeMs + (4 * DayMs));
        return
        [
            new("id, hit", "id", seconds, [.. samples.Select(one => Whole(one.Id.ToString()))]),
            new("id, miss", "id", seconds, [.. samples.Select((one, i) => Whole(Absent(one.Id, i).ToString()))]),
            new("user, newest 50", "user", seconds, [.. samples.Select(one => Whole(corpus.Texts[one.User]))]),
            new("resource, newest 50", "resource", seconds, [.. samples.Select(one => Whole(corpus.Texts[one.Resource]))]),
            new("event name and 7 days, newest 50", "name", seconds, [.. samples.Select(one => Week(one, corpus.Texts[one.Name]))]),
            new("count by name, all", "count", seconds, [.. samples.Select(_ => Whole(null))]),
            new("count by name, 7 days", "count", seconds, [.. samples.Select(one => Week(one, null))]),
        ];
    }

    /// <summary>Says what is wrong with an answer, or null. Events of one second at the end of a page may be any of those: their order is each store's own.</summary>
    public static string? Fault(PeerCorpus corpus, string of, PeerQuery query, IReadOnlyList<AnswerRow> answer)
    {
        if (of == "count")
        {
            var counts = corpus.Facts.Where(one => one.TimeMs >= query.FromMs && one.TimeMs < query.ToMs).CountBy(one => one.Name).ToDictionary(one => corpus.Texts[one.Key], one => (long)one.Value, StringComparer.Ordinal);
            return answer.Count == counts.Count && answer.All(row => counts.GetValueOrDefault(row.Key) == row.Number) ? null : $"{answer.Count} counts of {answer.Sum(row => row.Number)} events, not {counts.Count} of {counts.Values.Sum()}";
        }

        var id = of == "id" ? Guid.Parse(query.Value!) : default;
        bool Matches(EventFact one) => one.TimeMs >= query.FromMs && one.TimeMs < query.ToMs && (of == "id" ? one.Id == id : query.Value == corpus.Texts[of switch
        {
            "user" => one.User,
            "resource" => one.Resource,
            _ => one.Name,
        }]);
        var matches = corpus.Facts.Where(Matches).OrderByDescending(one => one.TimeMs).ToArray();
        var members = matches.Select(one => new AnswerRow(one.Id.ToString(), one.TimeMs)).ToHashSet();
        return answer.Distinct().Count() != answer.Count ? "an event stands twice in it"
            : !answer.All(members.Contains) ? "an event does not match, or has another time"
            : !answer.Select(row => row.Number).SequenceEqual(matches.Take(PageSize).Select(one => one.TimeMs)) ? $"{answer.Count} events, not the newest of {matches.Length}"
            : null;
    }

    private static Guid Absent(Guid id, int i)
    {
        var bytes = id.ToByteArray();
        Array.Reverse(bytes);
        bytes[i % 16] ^= 0x5A;
        return new Guid(bytes);
    }
}
