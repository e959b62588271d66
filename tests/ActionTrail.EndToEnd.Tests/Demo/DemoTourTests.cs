using ActionTrail.LocalRunner.Demo;
using Microsoft.AspNetCore.Builder;

namespace ActionTrail.EndToEnd.Tests.Demo;

public sealed class DemoTourTests
{
    [Fact]
    public async Task A_tour_that_goes_well_ends_with_zero_and_one_exact_last_line()
    {
        var (code, lines, _) = await RunAsync(PretendWorld.Fine);
        Assert.True(code == 0, string.Join('\n', lines));
        // 3 requests probed by id, 2 pages, the first lookup, the posted event.
        Assert.Matches("^demo: 1200 events, 7 lookups, 1 objects, [0-9]+ s$", lines[^1]);
        Assert.Contains(lines, line => line.Contains("ActionTrail/one.json.gz", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("curl", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_there_from_an_earlier_run_what_is_throttled_and_what_takes_time_is_no_failure()
    {
        var (code, lines, calls) = await RunAsync(PretendWorld.With(throttle: 3, hide: 2, allThere: true));
        Assert.True(code == 0, string.Join('\n', lines));
        Assert.Equal(4, calls.Count(call => call == "POST /v1/accounts"));
        Assert.Equal(["DELETE /v1/accounts/demo/access-keys/K9", "DELETE /v1/accounts/demo/access-keys/K8"], calls.Where(call => call.StartsWith("DELETE", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(true, false, "each of 1200 published events once, but 1199")]
    [InlineData(false, true, "each of 1200 published events once, but 1200 of them were shown, 1 repeatedly")]
    public async Task An_event_lost_or_shown_twice_fails_the_tour(bool lose, bool repeat, string told)
    {
        var (code, lines, _) = await RunAsync(PretendWorld.With(lose: lose, repeat: repeat));
        Assert.Equal(1, code);
        Assert.Contains(told, lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hub_that_refuses_fails_the_tour_with_what_it_said()
    {
        var (code, lines, _) = await RunAsync(PretendWorld.With(refuseHub: true));
        Assert.Equal(1, code);
        Assert.Contains("publish events", lines[^1], StringComparison.Ordinal);
        Assert.Contains("InvalidSignature", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_delivery_that_never_comes_fails_the_tour_at_its_deadline()
    {
        var (code, lines, _) = await RunAsync(PretendWorld.With(neverDeliver: true), new HastyClock());
        Assert.Equal(1, code);
        Assert.Matches("wait for the first delivered object: expected it to end, but the tour was not done after 170 s", lines[^1]);
    }

    [Fact]
    public async Task Without_exit_events_go_on_until_it_is_cancelled()
    {
        using var stop = new CancellationTokenSource();
        await using var world = await PretendWorld.StartAsync(PretendWorld.Fine);
        var output = new StringWriter();
        var tour = DemoTour.RunAsync(Context(world, output, TimeProvider.System) with { Exit = false }, stop.Token);
        var sends = 0;
        while (sends < 5 && !tour.IsCompleted)
        {
            await Task.Delay(100);
            sends = world.Calls.Count(call => call == "POST /audit-events/messages");
        }
        await stop.CancelAsync();
        Assert.Equal(0, await tour);
        Assert.True(sends >= 5, output.ToString());
        Assert.Contains("curl -u AT1:s3cret", output.ToString(), StringComparison.Ordinal);
        Assert.Matches("curl -s \"http://[^ ]*/ActionTrail/one.json.gz\\?[^ ]*&sig=[^ ]*\" \\| gunzip", output.ToString());
        Assert.Contains("demo: 1200 events", output.ToString(), StringComparison.Ordinal);
    }

    private static async Task<(int Code, string[] Lines, string[] Calls)> RunAsync(Func<WebApplication, PretendWorld> make, TimeProvider? clock = null)
    {
        await using var world = await PretendWorld.StartAsync(make);
        var output = new StringWriter();
        var code = await DemoTour.RunAsync(Context(world, output, clock ?? TimeProvider.System), CancellationToken.None);
        return (code, output.ToString().TrimEnd().Split('\n'), [.. world.Calls]);
    }

    private static DemoContext Context(PretendWorld world, TextWriter output, TimeProvider clock) => new()
    {
        BaseAddress = world.Address,
        EventHubAddress = world.Address,
        EventHubName = "audit-events",
        EventHubKeyName = "RootManageSharedAccessKey",
        EventHubKey = "SAS_KEY_VALUE",
        OperatorKey = "operator-key",
        StorageConnectionString = world.StorageConnection,
        Events = 1_200,
        Exit = true,
        Verbose = false,
        Output = output,
        Clock = clock,
    };

    /// <summary>A clock on which long waits pass thirty times faster; the order of what it wakes is kept.</summary>
    private sealed class HastyClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? dueTime / 30 : dueTime, period);
    }
}
