using ActionTrail.Delivery;
using ActionTrail.Layout;

namespace ActionTrail.Tests.Delivery;

public sealed class DeliveredCountsTests
{
    [Fact]
    public async Task Events_count_in_the_period_of_their_window_once_they_are_delivered()
    {
        var bench = await DeliveryBench.StartAsync();
        var trail = await bench.StartTrailAsync("acme", "trail-one");
        await bench.CommitAsync(bench.Event(), bench.Event());
        await bench.CloseWindowAsync();
        await bench.CommitAsync(bench.Event());
        await bench.CloseWindowAsync();
        var windows = (await bench.RecordsAsync()).ConvertAll(static record => DateTimeOffset.FromUnixTimeMilliseconds(record.Window));
        var counts = new DeliveredCounts(bench.Tables);
        var minute = TimeSpan.FromMinutes(1);
        Task<IReadOnlyList<DeliveredCount>> ReadAsync(DateTimeOffset from, DateTimeOffset to) => counts.ReadAsync(trail, DestinationKind.Blob, from, to, minute, default);

        var (first, last) = (windows.Min(), windows.Max());
        Assert.Equal(0, (await ReadAsync(first, last + minute)).Sum(static one => one.Events));

        await bench.DrainAsync();

        var all = await ReadAsync(first, last + minute);
        Assert.Equal(3, all.Sum(static one => one.Events));
        Assert.Equal(new DeliveredCount(first, 2), (await ReadAsync(first, first + TimeSpan.FromMilliseconds(1))).Single());

        // The end is not in the range, the boundary is.
        Assert.Equal(2, (await ReadAsync(first, last)).Sum(static one => one.Events));
        Assert.Empty(await ReadAsync(first, first));
        await Assert.ThrowsAsync<ArgumentException>(() => ReadAsync(first, first + TimeSpan.FromDays(1) + minute));
    }
}
