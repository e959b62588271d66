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

    public static async Task<PeerResult> RunAsync(string name, PeerCorpus corpus, IReadOnlyList<QueryKind> asked, PeerTruth truth, string folder)
    {
        var load = Machine.Load();
        using var store = name == Azurite ? await BenchStore.OnAzuriteAsync() : await BenchStore.InFilesAsync(Path.Combine(folder, "store"));
        using var generator = corpus.Open();
        var ingest = await store.IngestAsync(generator, corpus.Count, BatchSize, static _ => { });
        var compact = await store.CompactAsync();
        var size = await store.MeasureAsync();
        var lookup = store.OpenLookup();
        var kinds = new List<KindResult>();
        foreach (var kind in asked.Where(static kind => kind.Of != "count"))
            kinds.Add(await AskAsync(name, lookup, kind, truth));
        var notes = name == Azurite
            ? "in the client's process, 16 indexed attributes, commit per 500 events; Azurite saves late and is not Azure"
            : "in the client's process, 16 indexed attributes, commit per 500 events, files flushed to disk, table rows in memory";
        return new PeerResult(name, "", string.Create(CultureInfo.InvariantCulture, $"{notes}; {size.Segments} segments"), corpus.Count, ingest, ingest + compact, size.BytesPerEvent, load, kinds);
    }

    private static async Task<KindResult> AskAsync(string name, EventLookup lookup, QueryKind kind, PeerTruth truth)
    {
        await AnswerAsync(lookup, kind.Of, kind.Queries[0]);
        var (ms, begun) = (new List<double>(), Stopwatch.GetTimestamp());
        foreach (var query in kind.Queries)
        {
            var started = Stopwatch.GetTimestamp();
            var events = await AnswerAsync(lookup, kind.Of, query);
            ms.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            truth.Check(name, kind, query, [.. events.Select(static one => new AnswerRow(IdOf(one), one.EventTime.ToUnixTimeMilliseconds()))]);
            if (ms.Count >= 20 && Stopwatch.GetElapsedTime(begun).TotalSeconds > kind.Seconds)
                break;
        }

        return PeerResult.Summary(kind.Name, [.. ms]);
    }

    private static async Task<IReadOnlyList<FoundEvent>> AnswerAsync(EventLookup lookup, string of, PeerQuery query)
    {
        if (of == "id")
            return await lookup.FindAsync(StoreName.History, BenchStore.Account, query.Value!, default) is { } one ? [one] : [];
        var attribute = of switch
        {
            "user" => EventAttribute.User,
            "resource" => EventAttribute.ResourceName,
            _ => EventAttribute.EventName,
        };
        var page = await lookup.LookupAsync(StoreName.History, new LookupQuery
        {
            AccountId = BenchStore.Account,
            FromMs = query.FromMs,
            ToMs = query.ToMs,
            PageSize = PeerQueries.PageSize,
            Conditions = [new LookupCondition(attribute, query.Value!)],
        }, default);
        return page.Events;
    }

    private static string IdOf(FoundEvent one)
    {
        using var body = JsonDocument.Parse(one.Body);
        return body.RootElement.GetProperty("eventId").GetString()!;
    }
}
