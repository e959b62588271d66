using ActionTrail.Layout;

namespace ActionTrail.Tests.LayoutTests;

public sealed class CompactionRowsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly PartitionName One = PartitionName.Api(1);
    private static readonly PartitionName Hub = PartitionName.Hub("n", "h", "7");

    [Fact]
    public void A_plan_comes_back_from_its_row_with_the_same_chain_link()
    {
        var plan = Planned() with { Built = Built() };
        plan = plan with { Built = plan.Built! with { Hash = CompactionPlan.ComputeHash(plan) } };
        var read = CompactionPlan.FromRow(plan.Store, plan.ToRow());
        Assert.Equal(plan.Built!.Hash, CompactionPlan.ComputeHash(read));
        Assert.Equal(plan.Built.Hash, read.Built!.Hash);
        Assert.Equal([0, 3], read.Built.Touched);
        Assert.Equal(plan.Built.Passed, read.Built.Passed);
        Assert.Null(CompactionPlan.FromRow(plan.Store, Planned().ToRow()).Built);
    }

    [Fact]
    public void A_changed_input_changes_the_chain_link()
    {
        var plan = Planned() with { Built = Built() };
        var other = plan with { Commits = [new(One, -1, 10)] };
        Assert.NotEqual(CompactionPlan.ComputeHash(plan), CompactionPlan.ComputeHash(other));
    }

    [Fact]
    public void The_head_after_a_plan_holds_its_commits_but_not_those_it_passed_over()
    {
        var before = new CompactionHead { Passed = new HashSet<(PartitionName, long)> { (One, 2), (One, 3), (One, 4) }, Positions = new Dictionary<PartitionName, long> { [One] = 4 } };
        var plan = Planned() with { Built = Built(), Returned = [(One, 2)], Forgotten = [(One, 3)] };
        var head = CompactionHead.FromRow(before.After(plan, Now).ToRow(plan.Store));
        Assert.Equal(1, head.Generation);
        Assert.True(head.Holds(One, 2));
        Assert.False(head.Holds(One, 4));
        Assert.True(head.Holds(One, 9));
        Assert.False(head.Holds(One, 10));
        Assert.False(head.Holds(Hub, 6));
        Assert.True(head.Holds(Hub, 100));
        Assert.False(head.Holds(Hub, 101));
        Assert.False(head.Holds(PartitionName.Api(2), 0));
    }

    [Fact]
    public void A_plan_that_does_not_follow_or_is_not_built_makes_no_head()
    {
        Assert.Throws<ArgumentException>(() => new CompactionHead().After(Planned(), Now));
        Assert.Throws<ArgumentException>(() => new CompactionHead { Generation = 1 }.After(Planned() with { Built = Built() }, Now));
    }

    [Theory]
    [InlineData(4, false)]
    [InlineData(5, true)]
    [InlineData(8, true)]
    [InlineData(9, false)]
    public void A_segment_is_in_force_from_its_generation_until_the_one_that_retires_it(long generation, bool inForce)
    {
        var segment = CompactedSegment.FromRow(StoreName.History, 3, Segment().ToRow());
        Assert.Equal(inForce, segment.IsInForce(generation));
        Assert.Equal(Segment().Ranges, segment.Ranges);
        Assert.True(segment.MayHold(Hub, 12, 15));
        Assert.False(segment.MayHold(Hub, 13, 15));
        Assert.False(segment.MayHold(One, 5, 12));
    }

    [Fact]
    public void Texts_longer_than_a_property_come_back_whole()
    {
        var passed = Enumerable.Range(0, 9_000).Select(n => (One, (long)n)).ToHashSet();
        var head = new CompactionHead { Passed = passed };
        Assert.Equal(passed.Count, CompactionHead.FromRow(head.ToRow(StoreName.History)).Passed.Count);
    }

    private static CompactionPlan Planned() => new()
    {
        Store = StoreName.History,
        Generation = 1,
        Kind = CompactionKind.Fresh,
        PlannedAt = Now,
        Shards = 4,
        PreviousHash = new byte[32],
        Commits = [new(One, -1, 9), new(Hub, 4, 100)],
        Segments = [new(2, CompactionKeys.SegmentId(1, 0))],
    };

    private static BuiltPlan Built() => new()
    {
        At = Now,
        Outputs = "x",
        OutputsSha256 = [1, 2],
        Touched = [0, 3],
        RowsIn = 7,
        RowsOut = 6,
        Copies = 1,
        Passed = [(Hub, 6)],
        Hash = new byte[32],
    };

    private static CompactedSegment Segment() => new()
    {
        Store = StoreName.History,
        Shard = 3,
        Id = CompactionKeys.SegmentId(5, 0),
        Level = 1,
        Since = 5,
        Until = 9,
        Segment = new("name", 10, 5, new byte[32], 0, 1, AccountSummary.Of(["1"])),
        Count = 2,
        Ranges = [new(Hub, 5, 12)],
    };
}
