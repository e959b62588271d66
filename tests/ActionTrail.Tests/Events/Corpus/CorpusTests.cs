using System.Text;
using System.Text.Json;
using ActionTrail.Events;

namespace ActionTrail.Tests.Events.Corpus;

public class CorpusTests
{
    private static readonly byte[] Before = Encoding.UTF8.GetBytes(Samples.Minimal.Replace("e-1", "before", StringComparison.Ordinal));
    private static readonly byte[] After = Encoding.UTF8.GetBytes(CloudTrailRows.Good.Replace("\"e\"", "\"after\"", StringComparison.Ordinal));
    private static readonly string[] Neighbours = [.. new[] { Before, After }.Select(static n => Assert.Single(RecordingSink.Of(n).Accepted).Body)];

    internal static IReadOnlyDictionary<string, OddRecord> Rows { get; } = new[]
    {
        NativeRows.All, AzureRows.All, CloudTrailRows.All, GoogleRows.All, CloudEventRows.All, PlatformRows.All, MessageRows.All,
    }.SelectMany(static rows => rows).ToDictionary(static row => row.Name, StringComparer.Ordinal);

    public static TheoryData<string> Names => new(Rows.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_record_becomes_what_it_must_and_the_same_again(string name)
    {
        var row = Rows[name];
        var normalizer = new MessageNormalizer(new NormalizerOptions());

        var first = Outcomes.Of(normalizer, row.Message, row);
        var second = Outcomes.Of(normalizer, row.Message, row);

        Assert.Equal(row.Expected, Words(first.InOrder(row.Expected)));
        Assert.Equal(first.InOrder(row.Expected), second.InOrder(row.Expected));
        Assert.Equal(first.Rejected, second.Rejected);
        Outcomes.Check(first);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Its_neighbours_are_stored_untouched(string name)
    {
        var row = Rows[name];
        var normalizer = new MessageNormalizer(new NormalizerOptions());
        if (row.IsMessage)
        {
            // Neighbours of a message are the messages before and after.
            Assert.Equal(Neighbours[0], Assert.Single(Outcomes.Of(normalizer, Before).Accepted).Body);
            Outcomes.Of(normalizer, row.Message, row);
            Assert.Equal(Neighbours[1], Assert.Single(Outcomes.Of(normalizer, After).Accepted).Body);
            return;
        }

        AssertBetween([.. Before, .. "\n"u8, .. row.Message, .. "\n"u8, .. After], row, normalizer);
        if (IsJson(row.Message))
            AssertBetween([.. "[ "u8, .. Before, .. ","u8, .. row.Message, .. " ,"u8, .. After, .. "]"u8], row, normalizer);
    }

    [Fact]
    public void There_are_more_than_three_hundred_and_all_codes_are_among_them()
    {
        Assert.InRange(Rows.Count, 300, 2000);
        foreach (var code in Enum.GetNames<RejectCode>().Except([nameof(RejectCode.UnknownAccount)]))
            Assert.Contains(Rows.Values, row => row.Expected.Contains(code, StringComparison.Ordinal));
    }

    private static void AssertBetween(byte[] message, OddRecord row, MessageNormalizer normalizer)
    {
        var outcomes = Outcomes.Of(normalizer, message).InOrder(row.Expected);
        var before = outcomes.FindIndex(static o => o.Body == Neighbours[0]);
        var after = outcomes.FindLastIndex(static o => o.Body == Neighbours[1]);
        Assert.Equal(0, before);
        Assert.True(after > 0, "What stood behind it was lost.");
        outcomes.RemoveAt(after);
        outcomes.RemoveAt(before);
        Assert.Equal(row.Expected, Words(outcomes));
    }

    private static string Words(IEnumerable<(string Words, string? Body)> outcomes) => string.Join("; ", outcomes.Select(static o => o.Words));

    private static bool IsJson(byte[] record)
    {
        try
        {
            JsonDocument.Parse(record, new JsonDocumentOptions { MaxDepth = 10_000 }).Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
