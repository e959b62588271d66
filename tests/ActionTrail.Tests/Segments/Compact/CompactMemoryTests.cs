using System.Globalization;
using System.Text;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Segments.Compact;

namespace ActionTrail.Tests.Segments.Compact;

/// <summary>What the builder holds besides the segment that grows, in bytes of its buffers.</summary>
public class CompactMemoryTests
{
    private const long GroupBytes = 1024 * 1024;

    /// <summary>Buffers grow by doubling, and the tables of the writer are about as large as the group that they describe.</summary>
    private const long MostBytes = (12 * GroupBytes) + (8 * 1024 * 1024);

    private static readonly CommitOrigin Origin = new(PartitionName.Api(0), 0, long.MaxValue, DateTimeOffset.UnixEpoch);

    [Theory]
    [InlineData("new texts")]
    [InlineData("long texts")]
    [InlineData("many leaves")]
    [InlineData("many paths")]
    [InlineData("new skeletons")]
    [InlineData("many values")]
    public void It_does_not_grow_with_the_rows(string kind)
    {
        using var builder = new CompactSegmentBuilder(1, 4096, GroupBytes);
        var (row, afterFew) = (0, 0L);
        for (var round = 0; round < 10 && !builder.IsFull; round++)
        {
            for (var end = row + (kind is "long texts" or "many leaves" or "many paths" ? 150 : 1200); row < end && !builder.IsFull; row++)
                Add(builder, kind, row);
            Assert.InRange(builder.HeldBytes, 1, MostBytes);
            afterFew = round == 4 ? builder.HeldBytes : afterFew;
        }

        // The first groups have shown what a group needs; the later ones find their buffers there, but for the steps of doubling.
        Assert.InRange(builder.HeldBytes, afterFew / 2, 2 * afterFew);
        using var image = builder.Build();
        Assert.Equal(row, image.Count);
        Assert.InRange(builder.HeldBytes, 1, MostBytes);
    }

    [Fact]
    public void It_does_not_grow_with_the_rows_of_a_merge()
    {
        var events = CompactSamples.Realistic(51, 3000);
        using var source = CompactSamples.Build(events, groupRows: 300);
        var head = SampleEvents.Parse(source);
        var blocks = SampleEvents.Blocks(source.Content, head);
        using var builder = new CompactSegmentBuilder(2, 400, GroupBytes);
        var facts = new EventFacts();
        for (var row = 0; row < head.Count; row++)
        {
            head.ReadFacts(row, facts);
            builder.Add(new CompactRow(blocks[head.BlockOf(row)], row, facts, head.At(row), head.OriginOf(row)!.Value));
            Assert.InRange(builder.HeldBytes, 1, MostBytes);
        }

        using var merged = builder.Build();
        Assert.Equal(3000, merged.Count);
    }

    private static void Add(CompactSegmentBuilder builder, string kind, int row)
    {
        var facts = new EventFacts { AccountId = "a", EventTimeMs = SampleEvents.Start + row };
        if (kind == "many values")
        {
            for (var i = 0; i < 40; i++)
                facts.Add(EventAttribute.ResourceName, Hash64.Of(string.Create(CultureInfo.InvariantCulture, $"{row}-{i}")));
        }

        builder.Add(new(Encoding.UTF8.GetBytes(Body(kind, row)), facts, new(row, 0, 0), Origin));
    }

    private static string Body(string kind, int row) => kind switch
    {
        "new texts" => "[" + Join(50, i => $"\"{row}-{i}\"") + "]",
        "long texts" => $"{{\"text\":\"{row}{new string('x', 20_000)}\"}}",
        "many leaves" => "[" + Join(4000, i => Digit(i + row)) + "]",
        "many paths" => "{" + Join(1000, i => $"\"k{i}\":\"{(row / 2) + i}\"") + "}",
        "new skeletons" => $"{{\"k{row}\":{{{Join(60, i => $"\"p{row}-{i}\":1")}}}}}",
        _ => $"{{\"n\":{row}}}",
    };

    private static string Join(int count, Func<int, string> make) => string.Join(',', Enumerable.Range(0, count).Select(make));

    private static string Digit(int number) => (number % 10).ToString(CultureInfo.InvariantCulture);
}
