using ActionTrail.Segments;

namespace ActionTrail.Tests.Segments.Compact;

/// <summary>The frozen segments <c>tests/formats/v1/segment-l1-v1.aud</c> and, of a Logstore, <c>segment-l1-v1-logstore.aud</c>, of the events of <see cref="SegmentFixtureTests.Events"/> in two row groups. They are never edited.</summary>
public class CompactFixtureTests
{
    [Theory]
    [InlineData("segment-l1-v1")]
    [InlineData("segment-l1-v1-logstore")]
    public void The_frozen_segment_of_level_1_reads_as_it_was_written(string name)
    {
        var events = SegmentFixtureTests.EventsOf(name);
        var (content, headOffset) = SegmentFixtureTests.Read(name, () => CompactSamples.Build(events, groupRows: 64));
        var head = SampleEvents.Parse(content, headOffset);
        SegmentFormat.CheckHeader(content, head.Count, headOffset);
        var expected = CompactSamples.Sorted(events);
        Assert.Equal(1, head.Level);
        Assert.Equal(expected.Select(static e => e.AccountId).Distinct(), head.Accounts.Select(a => a.AccountId));
        CompactSamples.AssertRows(head, content, expected);
        foreach (var (attribute, hash) in expected.SelectMany(e => e.Values).Distinct())
        {
            var found = new List<int>();
            foreach (var rows in head.Accounts)
                head.Select(rows, long.MinValue, long.MaxValue, [new(attribute, hash)], found);
            Assert.Equal(Enumerable.Range(0, expected.Count).Where(row => expected[row].Values.Contains((attribute, hash))), found);
        }
    }
}
