using System.Collections.Concurrent;
using ActionTrail.Functions.Triggers;
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

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Ids.Enqueue(eventId.Id);

        public void Dispose()
        {
        }
    }
}
