using ActionTrail.Layout;

namespace ActionTrail.Tests.LayoutTests;

public class KeysTests
{
    [Fact]
    public void Row_keys_sort_as_their_sequence_numbers()
    {
        var random = new Random(3);
        long[] numbers = [0, 1, 9, 10, 99, 100, long.MaxValue, .. Enumerable.Range(0, 500).Select(_ => random.NextInt64() >> random.Next(63))];
        Assert.Equal(
            numbers.Order().Select(Keys.Commit),
            numbers.Select(Keys.Commit).Order(StringComparer.Ordinal));
        Assert.All(numbers, number => Assert.True(string.CompareOrdinal(Keys.Commit(number), Keys.AfterCommits) < 0));
        Assert.All(numbers, number => Assert.True(string.CompareOrdinal(Keys.Quarantine(number), Keys.AfterQuarantine) < 0));
        Assert.True(string.CompareOrdinal(Keys.AfterCommits, Keys.Head) < 0 && string.CompareOrdinal(Keys.Head, Keys.FirstQuarantine) < 0);
    }

    [Fact]
    public void Object_names_give_back_their_range()
    {
        var random = new Random(4);
        var hash = new byte[32];
        for (var i = 0; i < 500; i++)
        {
            random.NextBytes(hash);
            var (first, last) = (random.NextInt64(), random.NextInt64());
            Assert.True(Keys.TryParseRange(Keys.FreshSegment(StoreName.History, PartitionName.Api(3), first, last, hash), out var f, out var l));
            Assert.Equal((first, last), (f, l));
            Assert.StartsWith(Keys.FreshPrefix(StoreName.History, PartitionName.Api(3)), Keys.FreshSegment(StoreName.History, PartitionName.Api(3), first, last, hash), StringComparison.Ordinal);
        }

        Assert.False(Keys.TryParseRange("history/fresh/api-00/other", out _, out _));
        Assert.False(Keys.TryParseRange("", out _, out _));
    }

    [Theory]
    [InlineData("hub-0123abcd-0007", true)]
    [InlineData("api-03", true)]
    [InlineData("api-3", false)]
    [InlineData("hub-0123ABCD-0007", false)]
    [InlineData("hub-0123abcd-0007\n", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Partition_names_have_one_grammar(string? text, bool valid) => Assert.Equal(valid, PartitionName.TryParse(text, out _));

    [Fact]
    public void The_same_hub_under_another_namespace_is_another_partition()
    {
        var one = PartitionName.Hub("one.servicebus.windows.net", "audit-events", "3");
        Assert.Equal(one, PartitionName.Hub("ONE.servicebus.windows.net", "Audit-Events", "3"));
        Assert.NotEqual(one, PartitionName.Hub("two.servicebus.windows.net", "audit-events", "3"));
        Assert.True(one.IsHub);
        Assert.Equal(one, PartitionName.Parse(one.ToString()));
    }

    [Fact]
    public void An_account_summary_never_denies_an_account_it_was_made_of()
    {
        foreach (var count in new[] { 0, 1, 1_000, AccountSummary.MaxListed, AccountSummary.MaxListed + 1 })
        {
            var accounts = Enumerable.Range(0, count).Select(i => $"account-{i}").ToArray();
            var summary = AccountSummary.FromBytes(AccountSummary.Of(accounts).ToBytes());
            Assert.All(accounts, account => Assert.True(summary.MayHold(Hash64.Of(account))));
            Assert.Equal(count > AccountSummary.MaxListed, summary.MayHold(Hash64.Of("somebody else")));
        }
    }
}
