using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using ActionTrail.Compaction;
using ActionTrail.Functions.Telemetry;
using ActionTrail.Layout;
using ActionTrail.Proofs;
using ActionTrail.Retention;
using ActionTrail.Tests.Digests;
using ActionTrail.Tests.Functions;
using ActionTrail.Tests.Infrastructure;
using ActionTrail.Tests.Ingest;

namespace ActionTrail.Tests.Telemetry;

/// <summary>Every kind of work has its activity, under the name and with the attributes that the documents give it, and no others.</summary>
public class ActivityTests
{
    [Fact]
    public async Task The_table_of_activities_is_what_a_run_of_everything_shows()
    {
        var seen = new ConcurrentDictionary<string, ConcurrentDictionary<string, bool>>(StringComparer.Ordinal);
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == TelemetryExport.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                foreach (var tag in activity.TagObjects)
                    seen.GetOrAdd(activity.OperationName, static _ => new(StringComparer.Ordinal))[tag.Key] = true;
            },
        };
        ActivitySource.AddActivityListener(listener);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var clock = new SettableTime(DateTimeOffset.UtcNow);
        await using (var app = await TestApp.StartAsync(change: settings => settings["ActionTrail:Checkpoints:Key"] = Convert.ToBase64String(key.ExportPkcs8PrivateKey()), clock: clock))
        {
            await app.IssueAsync("traced");
            await app.SendAsync("GET", "/v1/events?eventName=None");
            clock.Advance(TimeSpan.FromMinutes(10));
            await app.Get<CommitSealer>().RunAsync(StoreName.History, default);
            Assert.NotEqual(0, (await app.Get<Compactor>().RunAsync(StoreName.History, default)).Plans);
            await app.Get<RetentionPurge>().RunAsync(dryRun: false, default);
        }

        var digests = await DigestBench.StartAsync();
        await digests.Delivery.StartTrailAsync("acme", "trail-one");
        await digests.DeliverAsync();
        digests.NextHour();
        await digests.SealAsync();

        var documented = Repository.Rows("docs/telemetry.md").Where(static cells => cells.Length == 3 && cells[2].StartsWith("actiontrail.", StringComparison.Ordinal)).ToDictionary(static cells => cells[0], static cells => cells[2].Split(", "), StringComparer.Ordinal);
        Assert.Equal(documented.Keys.Order(StringComparer.Ordinal), seen.Keys.Order(StringComparer.Ordinal));
        Assert.All(documented, one => Assert.Equal(one.Value.Order(StringComparer.Ordinal), seen[one.Key].Keys.Order(StringComparer.Ordinal)));
    }
}
