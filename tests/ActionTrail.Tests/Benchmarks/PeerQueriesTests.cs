using System.Globalization;
using System.Text;
using System.Text.Json;
using ActionTrail.Benchmarks.Peers;

namespace ActionTrail.Tests.Benchmarks;

/// <summary>The judge of the side-by-side benchmark must notice a store that answers wrongly.</summary>
public sealed class PeerQueriesTests : IDisposable
{
    private readonly MemoryStream file = new();

    public void Dispose() => file.Dispose();

    [Fact]
    public async Task The_corpus_file_holds_the_events_and_the_facts_that_are_known_of_them()
    {
        var corpus = await MakeAsync();
        var lines = Encoding.UTF8.GetString(file.ToArray()).TrimEnd('\n').Split('\n');
        Assert.Equal(corpus.Count, lines.Length);
        Assert.All(lines.Zip(corpus.Facts), pair =>
        {
            var (fields, fact) = (Array.ConvertAll(pair.First.Split('\t'), static field => field.Replace(@"\\", @"\", StringComparison.Ordinal)), pair.Second);
            using var body = JsonDocument.Parse(fields[9]);
            Assert.Equal(body.RootElement.GetProperty("eventId").GetString(), fields[0]);
            Assert.Equal(fact.Id, Guid.Parse(fields[0]));
            Assert.Equal(body.RootElement.GetProperty("eventTime").GetDateTimeOffset().ToUnixTimeMilliseconds(), fact.TimeMs);
            Assert.Equal(fact.TimeMs.ToString(CultureInfo.InvariantCulture), fields[2]);
            Assert.Equal((corpus.Texts[fact.User], corpus.Texts[fact.Resource], corpus.Texts[fact.Name]), (fields[3], fields[4], fields[5]));
        });
    }

    [Fact]
    public async Task A_true_answer_passes_and_one_that_lacks_repeats_or_changes_a_row_does_not()
    {
        var corpus = await MakeAsync();
        foreach (var kind in PeerQueries.Of(corpus, count: 20, seconds: 1).Where(static kind => kind.Of != "count"))
        {
            foreach (var query in kind.Queries)
            {
                var answer = Answer(corpus, kind.Of, query);
                Assert.Null(PeerQueries.Fault(corpus, kind.Of, query, answer));
                Assert.Equal(kind.Name == "id, miss", answer.Length == 0);
                if (answer.Length == 0)
                    continue;
                Assert.NotNull(PeerQueries.Fault(corpus, kind.Of, query, answer[1..]));
                Assert.NotNull(PeerQueries.Fault(corpus, kind.Of, query, [.. answer, answer[0]]));
                Assert.NotNull(PeerQueries.Fault(corpus, kind.Of, query, [answer[0] with { Number = answer[0].Number + 1000 }, .. answer[1..]]));
                Assert.NotNull(PeerQueries.Fault(corpus, kind.Of, query, [answer[0] with { Key = Guid.Empty.ToString() }, .. answer[1..]]));
            }
        }
    }

    [Fact]
    public async Task A_count_passes_only_when_every_name_has_its_number()
    {
        var corpus = await MakeAsync();
        var query = PeerQueries.Of(corpus, count: 20, seconds: 1).Last(static kind => kind.Of == "count").Queries[3];
        AnswerRow[] answer = [.. corpus.Facts.Where(one => one.TimeMs >= query.FromMs && one.TimeMs < query.ToMs).GroupBy(one => corpus.Texts[one.Name]).Select(static group => new AnswerRow(group.Key, group.Count()))];
        Assert.NotEmpty(answer);
        Assert.Null(PeerQueries.Fault(corpus, "count", query, answer));
        Assert.NotNull(PeerQueries.Fault(corpus, "count", query, answer[1..]));
        Assert.NotNull(PeerQueries.Fault(corpus, "count", query, [answer[0] with { Number = answer[0].Number - 1 }, .. answer[1..]]));
    }

    private static AnswerRow[] Answer(PeerCorpus corpus, string of, PeerQuery query) =>
    [
        .. corpus.Facts
            .Where(one => one.TimeMs >= query.FromMs && one.TimeMs < query.ToMs)
            .Where(one => query.Value == of switch
            {
                "id" => one.Id.ToString(),
                "user" => corpus.Texts[one.User],
                "resource" => corpus.Texts[one.Resource],
                _ => corpus.Texts[one.Name],
            })
            .OrderByDescending(static one => one.TimeMs).Take(PeerQueries.PageSize).Select(static one => new AnswerRow(one.Id.ToString(), one.TimeMs)),
    ];

    private async Task<PeerCorpus> MakeAsync()
    {
        var corpus = new PeerCorpus(2_000, DateTimeOffset.FromUnixTimeSeconds(1_790_000_000));
        await corpus.WriteAsync(file);
        return corpus;
    }
}
