using ActionTrail.Layout;
using ActionTrail.SavedQueries;
using ActionTrail.Storage;

namespace ActionTrail.Tests.SavedQueries;

public class SavedQueryStoreTests
{
    [Fact]
    public async Task Of_two_changes_at_the_same_moment_neither_is_lost()
    {
        var tables = new MemoryTableStore();
        await tables.CreateTableAsync(Tables.Queries, default);
        var store = new SavedQueryStore(tables, TimeProvider.System);
        await store.AddTemplateAsync("demo", new QueryTemplate("t1", "name", "statement", IsSimple: false), default);

        var raced = false;
        var changed = await store.UpdateTemplateAsync(
            "demo",
            "t1",
            before =>
            {
                if (!raced)
                {
                    raced = true;
                    store.UpdateTemplateAsync("demo", "t1", static other => other with { Name = "other" }, default).GetAwaiter().GetResult();
                }

                return before with { Statement = "mine" };
            },
            default);

        Assert.Equal(new QueryTemplate("t1", "other", "mine", IsSimple: false), changed! with { ETag = "" });
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("a/b", false)]
    [InlineData("a.b", false)]
    [InlineData("utpl-A_9", true)]
    public void An_id_holds_nothing_that_means_something_in_a_key(string id, bool valid) => Assert.Equal(valid, QueryKeys.IsId(id));

    [Fact]
    public void Newer_records_come_first_in_key_order()
    {
        var at = new DateTimeOffset(2026, 11, 22, 7, 0, 0, TimeSpan.Zero);
        Assert.True(string.CompareOrdinal(QueryKeys.Record(at.AddTicks(1), "z"), QueryKeys.Record(at, "a")) < 0);
        Assert.Equal(QueryKeys.Record(at, "").Length, QueryKeys.Record(DateTimeOffset.MaxValue, "").Length);
    }
}
