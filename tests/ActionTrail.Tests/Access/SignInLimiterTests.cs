using ActionTrail.Access;
using ActionTrail.Storage.Decorators;

namespace ActionTrail.Tests.Access;

public class SignInLimiterTests
{
    private const string Attacker = "198.51.100.1";

    private readonly AccessBench bench = new();

    [Fact]
    public async Task Too_many_failures_from_an_address_are_refused_before_any_read_until_time_passes()
    {
        await FailAsync(Attacker, 120);
        bench.Faults.FailAlways(FaultMode.BeforeRequest);

        var refused = await bench.SignInAsync(AccessBench.Basic("ATAAAAAAAAAAAAAAAAAA", "x"), Attacker);

        Assert.InRange(refused.RetryAfter!.Value, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1));
        bench.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null((await bench.SignInAsync(AccessBench.Basic("operator", "x"), Attacker)).RetryAfter);
        Assert.NotNull((await bench.SignInAsync(AccessBench.Basic("operator", "x"), Attacker)).RetryAfter);
    }

    [Fact]
    public async Task A_flood_on_a_key_does_not_lock_its_owner_out_from_another_address()
    {
        var key = await bench.IssueAsync("demo");
        for (var i = 0; i < 500; i++)
            await bench.SignInAsync(AccessBench.Basic(key.Key.AccessKeyId, "wrong"), $"198.51.100.{i % 250}");

        Assert.NotNull((await bench.SignInAsync(AccessBench.Basic(key.Key.AccessKeyId, "wrong"), "192.0.2.1")).RetryAfter);
        Assert.NotNull((await bench.SignInAsync(AccessBench.Basic(key.Key.AccessKeyId, key.Secret), "192.0.2.1")).Caller);
    }

    [Fact]
    public async Task Who_signed_in_before_from_the_address_of_a_flood_still_does()
    {
        var key = await bench.IssueAsync("demo");
        var newcomer = await bench.IssueAsync("other");
        Assert.NotNull((await bench.SignInAsync(AccessBench.Basic(key.Key.AccessKeyId, key.Secret), Attacker)).Caller);
        await FailAsync(Attacker, 130);

        Assert.NotNull((await bench.SignInAsync(AccessBench.Basic(key.Key.AccessKeyId, key.Secret), Attacker)).Caller);
        Assert.NotNull((await bench.SignInAsync(AccessBench.Basic(newcomer.Key.AccessKeyId, newcomer.Secret), Attacker)).RetryAfter);
    }

    [Fact]
    public async Task Success_costs_nothing()
    {
        var key = await bench.IssueAsync("demo");
        for (var i = 0; i < 1000; i++)
            Assert.NotNull((await bench.SignInAsync(AccessBench.Basic(key.Key.AccessKeyId, key.Secret))).Caller);
    }

    [Fact]
    public async Task A_network_of_IPv6_is_one_address()
    {
        for (var i = 0; i < 120; i++)
            await bench.SignInAsync(authorization: null, $"2001:db8::{i:x}");

        Assert.NotNull((await bench.SignInAsync(authorization: null, "2001:db8::ffff")).RetryAfter);
        Assert.Null((await bench.SignInAsync(authorization: null, "2001:db8:0:1::1")).RetryAfter);
    }

    [Fact]
    public void The_memory_of_failures_is_bounded()
    {
        var buckets = new TokenBuckets(1, 2, bench.Time);
        for (var i = 0; i < 3 * TokenBuckets.MaxBuckets; i++)
            buckets.Take($"name{i}");

        Assert.InRange(buckets.Count, 1, TokenBuckets.MaxBuckets);
    }

    private async Task FailAsync(string address, int times)
    {
        for (var i = 0; i < times; i++)
            Assert.Null((await bench.SignInAsync(AccessBench.Basic("operator", "wrong"), address)).Caller);
    }
}
