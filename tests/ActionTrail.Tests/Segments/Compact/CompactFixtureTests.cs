using System.Security.Cryptography;
using System.Text.Json;
using ActionTrail.Segments;

namespace ActionTrail.Tests.Segments.Compact;

/// <summary>The frozen segment <c>tests/formats/v1/segment-l1-v1.aud</c>, of the events of <see cref="SegmentFixtureTests.Events"/> in two row groups. It is never edited.</summary>
public class CompactFixtureTests
{
    [Fact]
    public void The_frozen_segment_of_level_1_reads_as_it_was_written()
    {
        var folder = SegmentFixtureTests.Formats();
        var content = File.ReadAllBytes(Path.Combine(folder, "segment-l1-v1.aud"));
        using var facts = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "segment-l1-v1.json")));
        var headOffset = facts.RootElement.GetProperty("headOffset").GetInt32();
        Assert.Equal(facts.RootElement.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(content)));
        var head = SampleEvents.Parse(content, headOffset);
        SegmentFormat.CheckHeader(content, head.Count, headOffset);
        var expected = CompactSamples.Sorted(SegmentFixtureTests.Events());
        Assert.Equal(1, head.Level);
        Assert.Equal(["1000000000000001", "contoso", "tenant-b"], head.Accounts.Select(a => a.AccountId));
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
