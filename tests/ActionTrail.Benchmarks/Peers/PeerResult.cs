using System.Text.Json;
using ActionTrail.Benchmarks.Report;

namespace ActionTrail.Benchmarks.Peers;

/// <summary>How one kind of query went.</summary>
internal sealed record KindResult(string Kind, double P50, double P99, int Queries);

/// <summary>
/// How one store did. <paramref name="IngestSeconds"/>: until the last event can be found; <paramref name="SettledSeconds"/>: until the store is as it is measured (compacted,
/// vacuumed, merged). Answers were checked.
/// </summary>
internal sealed record PeerResult(string Name, string Version, string Notes, int Events, double IngestSeconds, double SettledSeconds, double BytesPerEvent, string Load, IReadOnlyList<KindResult> Kinds)
{
    /// <summary>Takes a client's result file apart, and checks every answer in it.</summary>
    /// <exception cref="InvalidOperationException">An answer is wrong.</exception>
    public static PeerResult Read(string name, string path, string load, PeerCorpus corpus, IReadOnlyList<QueryKind> asked, PeerTruth truth)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var root = document.RootElement;
        var rows = root.GetProperty("rows").GetInt32();
        if (rows != corpus.Count)
            throw new InvalidOperationException($"{name} holds {rows} events, not {corpus.Count}.");
        var kinds = root.GetProperty("kinds").EnumerateArray().Zip(asked, (kind, query) =>
        {
            var answers = kind.GetProperty("answers").EnumerateArray()
                .Select(answer => answer.EnumerateArray().Select(row => new AnswerRow(row[0].GetString()!, row[1].GetInt64())).ToArray());
            foreach (var (one, answer) in query.Queries.Zip(answers))
                truth.Check(name, query, one, answer);
            return Summary(query.Name, [.. kind.GetProperty("ms").EnumerateArray().Select(ms => ms.GetDouble())]);
        }).ToArray();
        return new PeerResult(
            name, root.GetProperty("version").GetString()!, root.GetProperty("notes").GetString()!, rows, root.GetProperty("ingestSeconds").GetDouble(), root.GetProperty("settledSeconds").GetDouble(),
            root.GetProperty("bytes").GetInt64() / (double)rows, load, kinds);
    }

    public static KindResult Summary(string kind, double[] ms)
    {
        Array.Sort(ms);
        return new KindResult(kind, Percentile.Of(ms, 50), Percentile.Of(ms, 99), ms.Length);
    }
}

/// <summary>Checks answers against the corpus; what was found right for one store is remembered for the next.</summary>
internal sealed class PeerTruth(PeerCorpus corpus)
{
    private readonly Dictionary<(string Of, PeerQuery Query), string> right = [];

    /// <exception cref="InvalidOperationException">The answer is wrong.</exception>
    public void Check(string store, QueryKind kind, PeerQuery query, IReadOnlyList<AnswerRow> answer)
    {
        var text = string.Join('\n', kind.Of == "count" ? answer.OrderBy(row => row.Key, StringComparer.Ordinal) : answer);
        if (right.GetValueOrDefault((kind.Of, query)) == text)
            return;
        if (PeerQueries.Fault(corpus, kind.Of, query, answer) is { } fault)
            throw new InvalidOperationException($"{store} answers {kind.Name} of {query} wrongly: {fault}.");
        right.TryAdd((kind.Of, query), text);
    }
}
