using System.Diagnostics.Metrics;
using ActionTrail.Storage;

namespace ActionTrail.Tests.Digests;

/// <summary>A digest that is missing shows, and only one that is missing.</summary>
public sealed class DigestMetricsTests
{
    [Fact]
    public async Task The_gauges_show_how_old_the_newest_digest_is_and_how_late_the_oldest_missing_one()
    {
        var bench = await DigestBench.StartAsync();
        await bench.Delivery.StartTrailAsync("acme", "trail-one");
        await bench.Delivery.StartTrailAsync("acme", "trail-two");
        await bench.SealAsync();
        bench.NextHour();

        // 13:03, both sealed up to 13:00.
        Assert.Equal((180d, 0d), await SealAsync(bench));

        // 14:03 and the container is away: the digests of 14:00 were due at 14:02.
        bench.Delivery.Outages.Broken["audit-logs"] = StoreErrorKind.Unavailable;
        bench.NextHour();
        Assert.Equal((3780d, 60d), await SealAsync(bench));
        bench.NextHour();
        Assert.Equal((7380d, 3660d), await SealAsync(bench));

        bench.Delivery.Outages.Broken.Clear();
        Assert.Equal((180d, 0d), await SealAsync(bench));
    }

    [Fact]
    public async Task A_trail_that_does_not_log_is_not_behind()
    {
        var bench = await DigestBench.StartAsync();
        var trail = await bench.Delivery.StartTrailAsync("acme", "trail-one");
        await bench.SealAsync();
        bench.NextHour();
        await bench.SealAsync();
        await bench.Delivery.Trails.StopAsync("acme", trail.Name, default);
        bench.NextHour();
        await bench.SealAsync();
        bench.NextHour();
        bench.NextHour();

        Assert.Equal((0d, 0d), await SealAsync(bench));
    }

    /// <summary>One run, and what it recorded: age and overdue, in seconds. Only what this run records counts, since other tests record as well.</summary>
    private static async Task<(double Age, double Overdue)> SealAsync(DigestBench bench)
    {
        var here = new AsyncLocal<Dictionary<string, double>?>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name.StartsWith("actiontrail.digest.", StringComparison.Ordinal))
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) =>
        {
            if (here.Value is { } own)
                own[instrument.Name] = value;
        });
        listener.Start();
        var recorded = here.Value = new Dictionary<string, double>(StringComparer.Ordinal);
        await bench.SealAsync();
        return (recorded["actiontrail.digest.age"], recorded["actiontrail.digest.overdue"]);
    }
}
