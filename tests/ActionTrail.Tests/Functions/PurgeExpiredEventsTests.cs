using System.Collections.Concurrent;
using ActionTrail.Functions.Triggers;
using ActionTrail.Layout;
using ActionTrail.Logstores;
using ActionTrail.Storage;
using ActionTrail.Tests.Ingest;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Tests.Functions;

/// <summary>A clock that is not trusted needs a person: it is told, and a hold, which somebody wanted, is not.</summary>
public sealed class PurgeExpiredEventsTests
{
    private const int ClockDoubted = 9120;

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-2, 1)]
    [InlineData(30, 1)]
    public async Task A_clock_that_jumped_is_told(int days, int told)
    {
        var clock = new SettableTime(DateTimeOffset.UtcNow);
        await using var app = await TestApp.StartAsync(clock: clock);
        await app.IssueAsync("demo");
        await RunAsync(app);
        clock.Advance(TimeSpan.FromDays(days));

        Assert.Equal(told, (await RunAsync(app)).Count(static id => id == ClockDoubted));
    }

    [Fact]
    public async Task A_hold_is_not()
    {
        await using var app = await TestApp.StartAsync();
        await app.SendAsync("POST", "/v1/retention/hold", """{"reason":"A case."}""");

        Assert.DoesNotContain(ClockDoubted, await RunAsync(app));
    }

    [Fact]
    public async Task A_store_that_is_damaged_keeps_no_other_from_being_purged_or_erased()
    {
        var clock = new SettableTime(DateTimeOffset.UtcNow);
        await using var app = await TestApp.StartAsync(clock: clock);
        var (tables, registry) = (app.Get<ITableStore>(), app.Get<LogstoreRegistry>());
        var stores = new Dictionary<string, StoreName>(StringComparer.Ordinal);
        foreach (var (account, name) in new[] { ("aaa", "kept-one"), ("bbb", "kept-one"), ("aaa", "gone-one"), ("bbb", "gone-one") })
        {
            var logstore = (await registry.EnsureAsync(account, new("audit", name), LogstoreSchema.Audit, default))!;
            stores[account + name] = logstore.Store;
            if (account == "aaa")
                await tables.InsertAsync(Tables.Progress, new TableRow(logstore.Store.ToString(), CompactionKeys.Head).With("Version", 99), default);
            if (name == "gone-one")
                Assert.Equal(LogstoreOutcome.Changed, await registry.DeleteAsync(logstore, default));
        }

        clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal(StoreErrorKind.Corrupt, (await Assert.ThrowsAsync<StoreException>(() => RunAsync(app))).Kind);

        Assert.NotNull(await tables.FindAsync(Tables.Progress, stores["bbbkept-one"].ToString(), Keys.Retention, default));
        var left = new List<StoreName>();
        await foreach (var one in registry.ScanDeletedAsync(default))
            left.Add(one.Store);
        Assert.Equal([stores["aaagone-one"]], left);
    }

    /// <summary>One run of the timer, and the numbers of the messages it logged.</summary>
    private static async Task<List<int>> RunAsync(TestApp app)
    {
        using var messages = new Messages();
        app.Get<ILoggerFactory>().AddProvider(messages);
        await app.Get<IEnumerable<ITrigger>>().Single(static one => one.Function == "PurgeExpiredEvents").RunAsync("{}"u8.ToArray(), default);
        return [.. messages.Ids];
    }

    private sealed class Messages : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<int> Ids { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, Microsoft.Extensions.Logging.EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Ids.Enqueue(eventId.Id);

        public void Dispose()
        {
        }
    }
}
