using ActionTrail.LocalRunner.Triggers;

namespace ActionTrail.EndToEnd.Tests.HostContract;

public class RetryPolicyTests
{
    [Fact]
    public void The_first_try_does_not_count_and_minus_one_is_without_end()
    {
        Assert.True(RetryPolicy.Fixed(2, TimeSpan.Zero).Allows(2));
        Assert.False(RetryPolicy.Fixed(2, TimeSpan.Zero).Allows(3));
        Assert.True(RetryPolicy.Fixed(-1, TimeSpan.Zero).Allows(int.MaxValue));
    }

    [Fact]
    public void Exponential_delays_grow_from_the_minimum_and_never_pass_the_maximum()
    {
        var policy = RetryPolicy.Exponential(-1, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        var delays = Enumerable.Range(1, 100).Select(retry => policy.DelayBefore(retry, new Random(retry)).TotalSeconds).ToArray();
        Assert.Equal(1, delays[0]);
        Assert.InRange(delays[1], 1.8, 2.2);
        Assert.InRange(delays[2], 2.6, 3.4);
        Assert.InRange(delays[4], 7.4, 10.6);
        Assert.All(delays[8..], delay => Assert.Equal(60, delay));
    }
}
