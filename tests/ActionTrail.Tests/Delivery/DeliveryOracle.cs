using System.Text;
using ActionTrail.Delivery;
using ActionTrail.Layout;
using ActionTrail.Trails;

namespace ActionTrail.Tests.Delivery;

/// <summary>Computes from the log and the logging times what must lie in the containers, and compares it with what does.</summary>
internal static class DeliveryOracle
{
    /// <summary>Proves windows and objects; returns how many events were due.</summary>
    /// <param name="bench">Settled: nothing pending, nothing undelivered.</param>
    /// <param name="trails">Every trail that ever was, with its logging times.</param>
    public static async Task<int> ProveAsync(DeliveryBench bench, IReadOnlyCollection<Trail> trails)
    {
        var lanes = new Dictionary<WindowLane, List<DeliveryWindow>>();
        foreach (var lane in trails.Select(static t => t.LaneOf(DestinationKind.Blob)).Append(WindowLane.Regular).Distinct())
        {
            lanes[lane] = await bench.WindowsAsync(lane);
            ProveWindows(bench, lanes[lane]);
        }

        var frozen = (await bench.RecordsAsync()).ToDictionary(static r => (r.Trail.TrailId, r.Window), static r => r.Trail);
        var objects = new List<ReadBack>();
        foreach (var container in (string[])["audit-logs", "other-logs", "third-logs"])
            objects.AddRange(await bench.ReadBackAsync(container));
        Assert.Equal(objects.Count, objects.Select(static o => (o.Container, o.Name)).Distinct().Count());
        var actual = objects.GroupBy(static o => (o.TrailId, o.Window)).ToDictionary(static g => g.Key, static g => g.ToList());

        var events = 0;
        foreach (var trail in trails)
        {
            foreach (var window in lanes[trail.LaneOf(DestinationKind.Blob)])
            {
                var due = Due(bench, window, trail, frozen.GetValueOrDefault((trail.TrailId, window.Boundary)) ?? trail);
                var found = actual.Remove((trail.TrailId, window.Boundary), out var some) ? some : [];
                events += due.Count;
                Assert.Equal(due.Order(StringComparer.Ordinal), found.SelectMany(static o => o.Events).Order(StringComparer.Ordinal));
                if (found.Count > 0)
                    Assert.All(found, o => Assert.Equal(frozen[(trail.TrailId, window.Boundary)].Container, o.Container));
            }
        }

        Assert.Empty(actual);
        return events;
    }

    /// <summary>Windows hold every commit before the last boundary once, each partition without gap or overlap.</summary>
    private static void ProveWindows(DeliveryBench bench, List<DeliveryWindow> windows)
    {
        foreach (var partition in bench.Committed.GroupBy(static c => c.Commit.Partition))
        {
            var ranges = windows.SelectMany(static w => w.Ranges).Where(r => r.Partition == partition.Key).ToList();
            var reached = -1L;
            foreach (var range in ranges)
            {
                Assert.Equal(reached, range.From);
                reached = range.To;
            }

            Assert.Equal(partition.Max(static c => c.Commit.Last), reached);
        }
    }

    private static List<string> Due(DeliveryBench bench, DeliveryWindow window, Trail logged, Trail frozen)
    {
        var due = new Dictionary<(string, long), string>();
        var selection = new EventSelection(frozen);
        foreach (var (commit, events) in bench.Committed)
        {
            var isIn = window.Ranges.Any(r => r.Partition == commit.Partition && r.From < commit.Last && commit.Last <= r.To);
            if (!isIn || !logged.LoggedAt(commit.CommittedAt))
                continue;
            foreach (var one in events.Where(e => e.Account == logged.Account))
            {
                if (selection.Takes(EventTraits.Read(one.ToBytes())))
                    due.TryAdd((one.EventId, one.TimeMs), Encoding.UTF8.GetString(one.ToBytes()));
            }
        }

        return [.. due.Values];
    }
}
