using ActionTrail.Query;

namespace ActionTrail.Tests.Query;

public class LookupRateLimiterTests
{
    [Fact]
    public void An_account_that_used_its_burst_waits_and_another_does_not()
    {
        var clock = new SteppedClock();
        var limiter = new LookupRateLimiter(clock, new LookupOptions { RatePerSecond = 2, Burst = 3 });
        for (var i = 0; i < 3; i++)
        {
            Assert.True(limiter.TryAcquire("a", out _));
        }

        Assert.False(limiter.TryAcquire("a", out var wait));
        Assert.Equal(TimeSpan.FromSeconds(0.5), wait);
        Assert.True(limiter.TryAcquire("b", out _));

        clock.Advance(wait);
        Assert.True(limiter.TryAcquire("a", out _));
        Assert.False(limiter.TryAcquire("a", out _));
    }

    [Fact]
    public void Idle_accounts_gain_no_more_than_the_burst()
    {
        var clock = new SteppedClock();
        var limiter = new LookupRateLimiter(clock, new LookupOptions { RatePerSecond = 2, Burst = 3 });
        Assert.True(limiter.TryAcquire("a", out _));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(3, Enumerable.Range(0, 10).Count(_ => limiter.TryAcquire("a", out var wait)));
    }

    private sealed class SteppedClock : TimeProvider
    {
        private long now = 1_000;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan step) => now += step.Ticks;

        public override long GetTimestamp() => now;
    }
}
