using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ActionTrail.Benchmarks.Report;
using ActionTrail.Benchmarks.Store;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Query;

namespace ActionTrail.Benchmarks.Peers;

/// <summary>The product's engine among the peers: in the client's process, over files or Azurite.</summary>
internal static class OurPeer
{
    public const string Files = "ActionTrail, files";
    public const string Azurite = "ActionTrail, Azurite";
    private const int BatchSize = 500;

    /// <summary>Null when it is to run over Azurite and that is not installed.</summary>
    /// <exception cref="InvalidOperationException">An answer is wrong.</exception>
    public static async Task<PeerResult?> RunAsync(string name, PeerCorpus corpus, IReadOnlyList<QueryKind> asked, PeerTruth truth, string folder)
    {
        if (name == Azurite && !LocalAzurite.IsInstalled)
            return null;
        var load = Machine.Load();
        using var store = name == Azurite ? await BenchStore.OnAzuriteAsync() : await BenchStore.InFilesAsync(Path.Combine(folder, "store"));
        using var generator = corpus.Open();
        var ingest = await store.IngestAsync(generator, corpus.Count, BatchSize, static _ => { });
        var compact = await store.CompactAsync();
        var size = await store.MeasureAsync();
        var readers = store.OpenReaders();
        var kinds = new List<KindResult>();
        foreach (var kind in asked)
            kinds.Add(await AskAsync(name, readers, kind, truth));
        var notes = name == Azurite
            ? "in the client's process, 16 indexed attributes, commit per 500 events; Azurite saves late and is not Azure"
            : "in the client's process, 16 indexed attributes, commit per 500 events, files flushed to disk, table rows in memory";
        return new PeerResult(name, "", string.Create(CultureInfo.InvariantCulture, $"{notes}; {size.Segments} segments"), corpus.Count, ingest, ingest + compact, size.BytesPerEvent, load, kinds);
    }

    private static async Task<KindResult> AskAsync(string name, BenchReaders readers, QueryKind kind, PeerTruth truth)
    {
        await AnswerAsync(readers, kind.Of, kind.Queries[0]);
        var (ms, begun) = (new List<double>(), Stopwatch.GetTimestamp());
        foreach (var query in kind.Queries)
        {
            var started = Stopwatch.GetTimestamp();
            var answer = await AnswerAsync(readers, kind.Of, query);
            ms.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            truth.Check(name, kind, query, answer());
            if (ms.Count >= 20 && Stopwatch.GetElapsedTime(begun).TotalSeconds > kind.Seconds)
                break;
        }

        return PeerResult.Summary(kind.Name, [.. ms]);
    }

    /// <summary>The answer; taking it apart for the check, which the function does, is not part of giving it.</summary>
    private static async Task<Func<IReadOnlyList<AnswerRow>>> AnswerAsync(BenchReaders readers, string of, PeerQuery query)
    {
        var asked = new LookupQuery { AccountId = BenchStore.Account, FromMs = query.FromMs, ToMs = query.ToMs, PageSize = PeerQueries.PageSize };
        switch (of)
        {
            case "id":
                var one = await readers.Lookup.FindAsync(StoreName.History, BenchStore.Account, query.Value!, default);
                return () => one is null ? [] : [RowOf(one)];
            case "count":
                var top = await readers.Top.ReadAsync(StoreName.History, asked, EventAttribute.EventName, TopValues.MaxValues, default);
                return () => [.. top.Values.Select(static value => new AnswerRow(value.Value, value.Count))];
        }

        var attribute = of switch
        {
            "user" => EventAttribute.User,
            "resource" => EventAttribute.ResourceName,
            _ => EventAttribute.EventName,
        };
        var page = await readers.Lookup.LookupAsync(StoreName.History, asked with { Conditions = [new LookupCondition(attribute, query.Value!)] }, default);
        return () => [.. page.Events.Select(RowOf)];
    }

    private static AnswerRow RowOf(FoundEvent one) => new(IdOf(one), one.EventTime.ToUnixTimeMilliseconds());

    private static string IdOf(FoundEvent one)
    {
        using var body = JsonDocument.Parse(one.Body);
        return body.RootElement.GetProperty("eventId").GetString()!;
    }
}
