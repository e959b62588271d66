using System.Globalization;
using ActionTrail.Generator.Formats;
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
    public async Task Events_of_other_formats_are_counted_and_shown_and_one_that_is_missing_fails_the_tour()
    {
        var (code, lines, calls) = await RunAsync(PretendWorld.Fine, formats: [TrafficFormat.DataEvents, TrafficFormat.CloudEvents]);
        Assert.True(code == 0, string.Join('\n', lines));
        Assert.Contains(lines, line => line.Contains("data-events", StringComparison.Ordinal) && line.EndsWith(" demo", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.TrimStart().StartsWith("cloudevents ", StringComparison.Ordinal));
        var more = int.Parse(Assert.Single(lines, line => line.StartsWith("Published ", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);
        // Of 1,200 native events: 12 messages of each; CloudEvents hold one event.
        Assert.InRange(more, 24, 12 + (12 * 6));
        Assert.StartsWith($"demo: {1_200 + more} events,", lines[^1], StringComparison.Ordinal);
        Assert.Contains("GET /v1/events", calls);

        (code, lines, _) = await RunAsync(PretendWorld.With(dropFormats: true), new HastyClock { Longest = TimeSpan.FromSeconds(1) }, [TrafficFormat.DataEvents], events: 50);
        Assert.Equal(1, code);
        Assert.Contains("find the events of other formats: expected each of", lines[^1], StringComparison.Ordinal);
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

    private static async Task<(int Code, string[] Lines, string[] Calls)> RunAsync(Func<WebApplication, PretendWorld> make, TimeProvider? clock = null, TrafficFormat[]? formats = null, int events = 1_200)
    {
        await using var world = await PretendWorld.StartAsync(make);
        var output = new StringWriter();
        var code = await DemoTour.RunAsync(Context(world, output, clock ?? TimeProvider.System) with { Formats = formats ?? [], Quirks = 0, Events = events }, CancellationToken.None);
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

    /// <summary>A clock on which waits pass thirty times faster; the order of what it wakes is kept.</summary>
    private sealed class HastyClock : TimeProvider
    {
        /// <summary>Longer waits take as long as they are.</summary>
        public TimeSpan Longest { get; init; } = TimeSpan.MaxValue;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime > TimeSpan.Zero && dueTime <= Longest ? dueTime / 30 : dueTime, period);
    }
}
