using ActionTrail.Delivery;
using ActionTrail.Layout;
using ActionTrail.Storage;
using FsCheck;
using FsCheck.Fluent;

namespace ActionTrail.Tests.Delivery;

public sealed class TrailMetricsTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task What_was_delivered_and_what_failed_counts_in_its_minute()
    {
        var bench = await DeliveryBench.StartAsync();
        var trail = await bench.StartTrailAsync("acme", "trail-one");
        var metrics = new TrailMetrics(bench.Tables);
        var start = bench.Clock.Now;
        await bench.CommitAsync(bench.Event(), bench.Event());
        await bench.CloseWindowAsync();
        bench.Outages.Broken["audit-logs"] = StoreErrorKind.Throttled;
        await bench.DrainAsync();
        var failedAt = bench.Clock.Now;
        bench.Outages.Broken.Clear();
        bench.Clock.Advance(seconds: 3 * 3600);
        await bench.Scheduler().RunAsync(default);
        await bench.DrainAsync();
        var doneAt = bench.Clock.Now;

        var all = await metrics.ReadAsync(trail, DestinationKind.Blob, start, doneAt + Minute, Minute, default);
        Assert.Equal(new MinuteCounts(0, 2, 0, 0, 1), all[(int)((failedAt - start) / Minute)].Counts);
        var delivered = all[(int)((doneAt - start) / Minute)];
        Assert.Equal((2L, 1L, 0L), (delivered.Counts.Delivered, delivered.Counts.Deliveries, delivered.Counts.Failed));
        Assert.Equal(Assert.Single(await bench.ReadBackAsync("audit-logs")).Content.Length, delivered.Counts.Bytes);
        Assert.Equal(2, all.Count(static one => !one.Counts.IsEmpty));

        // In one period, over all destinations, and not of another.
        Assert.Equal(new MinuteCounts(2, 2, delivered.Counts.Bytes, 1, 1), Assert.Single(await metrics.ReadAsync(trail, kind: null, start, start.AddHours(4), TimeSpan.FromHours(4), default)).Counts);
        Assert.True(Assert.Single(await metrics.ReadAsync(trail, DestinationKind.Logstore, start, start.AddHours(4), TimeSpan.FromHours(4), default)).Counts.IsEmpty);
        Assert.Empty(await metrics.ReadAsync(trail, DestinationKind.Blob, start, start, Minute, default));
        await Assert.ThrowsAsync<ArgumentException>(() => metrics.ReadAsync(trail, DestinationKind.Blob, start, start.AddDays(1) + Minute, Minute, default));
    }

    [Fact]
    public void An_hour_reads_back_as_it_was_written() => Prop.ForAll<(byte Minute, long Delivered, long Bytes)[]>(static ones =>
    {
        var hour = new HourCounts(1772366400000);
        foreach (var (minute, delivered, bytes) in ones)
            hour = hour.With(DateTimeOffset.FromUnixTimeMilliseconds(hour.Hour).AddMinutes(minute % 60), new(Math.Abs(delivered % 1_000_000), 1, Math.Abs(bytes % long.MaxValue) / 1000, 0, 2));
        var read = HourCounts.Parse(hour.Hour, hour.ToBytes());
        return Enumerable.Range(0, 60).All(minute => read.At(minute) == hour.At(minute)) && hour.ToBytes().Length <= 60 * 30;
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(new byte[] { 60, 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0 })]
    public void Damaged_counts_are_refused(byte[] bytes) => Assert.Equal(StoreErrorKind.Corrupt, Assert.Throws<StoreException>(() => HourCounts.Parse(0, bytes)).Kind);

    [Fact]
    public void A_clock_that_lags_does_not_take_an_hour_back()
    {
        var late = new TrailDeliveries("k", null).Counted(DateTimeOffset.FromUnixTimeMilliseconds(7_200_000), new(1, 0, 0, 1, 0));
        var early = late.Counted(DateTimeOffset.FromUnixTimeMilliseconds(7_199_000), new(2, 0, 0, 1, 0));
        Assert.Equal((7_200_000, new MinuteCounts(3, 0, 0, 2, 0)), (early.Counts!.Hour, early.Counts.At(0)));
    }
}
