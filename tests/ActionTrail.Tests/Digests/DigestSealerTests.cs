using ActionTrail.Digests;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Trails;

namespace ActionTrail.Tests.Digests;

public sealed class DigestSealerTests
{
    [Fact]
    public async Task Every_hour_gets_one_signed_digest_also_when_nothing_was_delivered_and_they_follow_without_a_gap()
    {
        var bench = await DigestBench.StartAsync(SigningAlgorithm.Rsa);
        await bench.Delivery.StartTrailAsync("acme", "trail-one", prefix: "audit/logs/");
        await bench.DeliverAsync();
        await bench.DeliverAsync();
        bench.NextHour();
        Assert.Equal(new SealReport(1, 1, 0, Complete: true), await bench.SealAsync());
        bench.NextHour();
        Assert.Equal(1, (await bench.SealAsync()).Digests);
        bench.NextHour();
        bench.NextHour();
        Assert.Equal(2, (await bench.SealAsync()).Digests);
        Assert.Equal(0, (await bench.SealAsync()).Digests);

        var digests = await bench.DigestsAsync();
        Assert.Equal([2, 0, 0, 0], digests.Select(static d => d.Files.Count));
        Assert.Null(digests[0].Previous);
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero), digests[0].StartTime);
        for (var i = 1; i < digests.Count; i++)
        {
            Assert.Equal(digests[i - 1].EndTime, digests[i].StartTime);
            Assert.Equal(digests[i - 1].Object, digests[i].Previous!.Object);
        }

        var mark = DigestObjectName.TrailMark(digests[0].TrailKey);
        Assert.Equal($"audit/logs/ActionTrail/ActionTrail-Digest/acme/local/2026/03/01/acme_ActionTrail-Digest_local_trail-one_{mark}_20260301T130000Z.json", digests[0].Object);
        var report = await bench.ProveAsync();
        Assert.Equal((4L, 2L, 4L), (report.Digests, report.Files, report.Events));
    }

    [Fact]
    public async Task A_file_is_named_with_its_hashes_its_count_and_the_times_of_its_events()
    {
        var bench = await DigestBench.StartAsync();
        await bench.Delivery.StartTrailAsync("acme", "trail-one");
        await bench.DeliverAsync(events: 3);
        bench.NextHour();
        await bench.SealAsync();

        var file = Assert.Single(Assert.Single(await bench.DigestsAsync()).Files);
        var stored = await bench.Delivery.Objects.FindAsync("audit-logs", file.Object, default);
        Assert.Equal((3, stored!.Length), (file.Events, file.StoredBytes));
        Assert.Contains(FormattableString.Invariant($"_3_{file.Bytes}_{file.Hash[..32]}."), file.Object, StringComparison.Ordinal);
        Assert.Equal(stored.Metadata["sha256"], file.Hash);
        Assert.Equal(TimeSpan.FromMilliseconds(2), file.NewestEventTime - file.OldestEventTime);
    }

    [Fact]
    public async Task A_delivery_that_comes_late_is_in_the_digest_of_the_hour_it_was_written_in()
    {
        var bench = await DigestBench.StartAsync();
        await bench.Delivery.StartTrailAsync("acme", "trail-one");
        await bench.DeliverAsync();
        bench.Delivery.Outages.Broken["audit-logs"] = StoreErrorKind.Denied;
        await bench.DeliverAsync();
        bench.Delivery.Outages.Broken.Clear();
        bench.NextHour();
        await bench.SealAsync();
        bench.NextHour();
        Assert.Equal(1, await bench.Delivery.Ledger().RedeliverAllAsync((await bench.Delivery.Trails.FindAsync("acme", "trail-one", default))!, null, default));
        await bench.Delivery.DrainAsync();
        bench.NextHour();
        await bench.SealAsync();

        Assert.Equal([1, 0, 1], (await bench.DigestsAsync()).Select(static d => d.Files.Count));
        await bench.ProveAsync();
    }

    [Fact]
    public async Task A_container_that_does_not_answer_in_time_holds_up_no_other_trail()
    {
        var bench = await DigestBench.StartAsync();
        var slow = await bench.Delivery.StartTrailAsync("acme", "trail-one");
        await bench.Delivery.StartTrailAsync("acme", "trail-two", "other-logs");
        await bench.DeliverAsync();
        bench.NextHour();
        bench.Options.WriteDeadline = TimeSpan.FromSeconds(3);
        bench.Delivery.Outages.BeforeCreate = static (container, token) => container == "audit-logs" ? Task.Delay(Timeout.Infinite, token) : Task.CompletedTask;
        Assert.Equal(1, (await bench.SealAsync()).Digests);
        Assert.Contains("took longer", (await new DigestLedger(bench.Delivery.Tables, bench.Keys).ReadStatusAsync(slow, default)).LatestError, StringComparison.Ordinal);
        await bench.ProveAsync("other-logs");
        bench.Options.WriteDeadline = TimeSpan.FromMinutes(2);
        bench.Delivery.Outages.BeforeCreate = static (_, _) => Task.CompletedTask;
        Assert.Equal(1, (await bench.SealAsync()).Digests);
        await bench.ProveAsync();
    }

    [Fact]
    public async Task An_object_that_is_written_again_stays_in_the_digest_that_has_it()
    {
        var bench = await DigestBench.StartAsync();
        await bench.Delivery.StartTrailAsync("acme", "trail-one");
        await bench.DeliverAsync();
        bench.NextHour();
        await bench.SealAsync();
        var file = Assert.Single((await bench.DigestsAsync())[0].Files);
        await bench.Delivery.Objects.DeleteAsync("audit-logs", file.Object, default);
        Assert.Equal(1, (await bench.Delivery.Ledger().RecheckAsync(DateTimeOffset.MinValue, default)).Reopened);
        await bench.Delivery.DrainAsync();
        bench.NextHour();
        await bench.SealAsync();

        Assert.Equal([1, 0], (await bench.DigestsAsync()).Select(static d => d.Files.Count));
        await bench.ProveAsync();
    }

    [Fact]
    public async Task A_delivery_recorded_after_its_hour_was_closed_is_in_the_next_digest_whatever_its_clock_says()
    {
        var bench = await DigestBench.StartAsync();
        await bench.Delivery.StartTrailAsync("acme", "trail-one");
        await bench.DeliverAsync();
        bench.NextHour();
        await bench.SealAsync();
        bench.Delivery.Clock.Advance(-1800);
        await bench.DeliverAsync();
        bench.NextHour();
        bench.NextHour();
        await bench.SealAsync();

        Assert.Equal([1, 1], (await bench.DigestsAsync()).Take(2).Select(static d => d.Files.Count));
        await bench.ProveAsync();
    }

    [Fact]
    public async Task A_stopped_trail_gets_a_last_digest_and_goes_on_in_the_same_chain_when_it_is_started_again()
    {
        var bench = await DigestBench.StartAsync();
        await bench.Delivery.StartTrailAsync("acme", "trail-one");
        await bench.DeliverAsync();
        await bench.Delivery.Trails.StopAsync("acme", "trail-one", default);
        for (var hour = 0; hour < 3; hour++)
        {
            bench.NextHour();
            await bench.SealAsync();
        }

        Assert.False(Assert.Single(await bench.DigestsAsync()).IsLogging);
        Assert.Empty((await bench.ValidateAsync()).Findings);
        await bench.Delivery.Trails.StartAsync("acme", "trail-one", default);
        await bench.DeliverAsync();
        bench.NextHour();
        await bench.SealAsync();

        var digests = await bench.DigestsAsync();
        Assert.Equal(2, digests.Count);
        Assert.Equal(digests[0].Object, digests[1].Previous!.Object);
        Assert.True(digests[1].StartTime > digests[0].EndTime);
        Assert.Single((await bench.ProveAsync()).Pauses);
    }

    [Fact]
    public async Task A_deleted_trail_has_all_that_it_delivered_sealed_and_is_then_forgotten()
    {
        var bench = await DigestBench.StartAsync();
        await bench.Delivery.StartTrailAsync("acme", "trail-one");
        await bench.DeliverAsync();
        await bench.Delivery.CommitAsync(bench.Delivery.Event());
        bench.Delivery.Clock.Advance(1);
        await bench.Delivery.Trails.DeleteAsync("acme", "trail-one", ifMatch: null, default);
        bench.NextHour();
        bench.NextHour();
        for (var round = 0; round < 40; round++)
        {
            bench.Delivery.Clock.Advance(600);
            await bench.Delivery.CommitAsync(bench.Delivery.Event("other"));
            await bench.Delivery.CloseWindowAsync();
            await bench.Delivery.DrainAsync();
        }

        bench.NextHour();
        await bench.SealAsync();
        await bench.SealAsync();

        Assert.Equal(2, (await bench.DigestsAsync()).Sum(static d => d.Files.Count));
        Assert.Equal(0, (await bench.SealAsync()).Trails);
        await bench.ProveAsync();
    }

    [Fact]
    public async Task A_trail_without_log_file_validation_gets_no_digests_and_begins_anew_when_it_is_switched_on()
    {
        var bench = await DigestBench.StartAsync();
        await bench.Delivery.StartTrailAsync("acme", "trail-one");
        await bench.Delivery.Trails.UpdateAsync("acme", "trail-one", new TrailChange { LogFileValidation = false }, ifMatch: null, default);
        await bench.DeliverAsync();
        bench.NextHour();
        await bench.SealAsync();
        Assert.Empty(await bench.DigestsAsync());

        bench.NextHour();
        await bench.Delivery.Trails.UpdateAsync("acme", "trail-one", new TrailChange { LogFileValidation = true }, ifMatch: null, default);
        await bench.DeliverAsync();
        bench.NextHour();
        await bench.SealAsync();
        Assert.Single(Assert.Single(await bench.DigestsAsync()).Files);
        var report = await bench.ValidateAsync();
        Assert.Equal((0L, 1L, 1L), (report.FindingCount, report.Files, report.Earlier));
    }

    [Fact]
    public async Task A_container_that_fails_delays_only_its_own_chain_which_catches_up()
    {
        var bench = await DigestBench.StartAsync();
        var broken = await bench.Delivery.StartTrailAsync("acme", "trail-one");
        await bench.Delivery.StartTrailAsync("acme", "trail-two", "other-logs");
        await bench.DeliverAsync();
        bench.Delivery.Outages.Broken["audit-logs"] = StoreErrorKind.NotFound;
        for (var hour = 0; hour < 3; hour++)
        {
            bench.NextHour();
            await bench.SealAsync();
        }

        var ledger = new DigestLedger(bench.Delivery.Tables, bench.Keys);
        Assert.Equal(3, (await bench.DigestsAsync("other-logs")).Count);
        Assert.Contains("audit-logs", (await ledger.ReadStatusAsync(broken, default)).LatestError, StringComparison.Ordinal);
        bench.Delivery.Outages.Broken.Clear();
        await bench.SealAsync();
        Assert.Equal(3, (await bench.DigestsAsync()).Count);
        Assert.Null((await ledger.ReadStatusAsync(broken, default)).LatestError);
        await bench.ProveAsync();
        await bench.ProveAsync("other-logs");
    }

    [Fact]
    public async Task Something_else_in_the_place_of_a_digest_blocks_the_chain_and_is_told()
    {
        var bench = await DigestBench.StartAsync();
        var trail = await bench.Delivery.StartTrailAsync("acme", "trail-one");
        await bench.DeliverAsync();
        bench.NextHour();
        var name = DigestObjectName.Of(trail.Prefix, "acme", "local", "trail-one", trail.Key, new(2026, 3, 1, 13, 0, 0, TimeSpan.Zero));
        await bench.Delivery.Objects.CreateAsync("audit-logs", name, "{}"u8.ToArray(), ObjectLabel.Binary, default);
        Assert.Equal(0, (await bench.SealAsync()).Digests);
        Assert.Contains("not the digest", (await new DigestLedger(bench.Delivery.Tables, bench.Keys).ReadStatusAsync(trail, default)).LatestError, StringComparison.Ordinal);
        await bench.Delivery.Objects.DeleteAsync("audit-logs", name, default);
        Assert.Equal(1, (await bench.SealAsync()).Digests);
        await bench.ProveAsync();
    }

    [Fact]
    public async Task A_new_key_signs_from_its_time_on_and_what_the_old_one_signed_stays_proved()
    {
        var bench = await DigestBench.StartAsync();
        await bench.Delivery.StartTrailAsync("acme", "trail-one");
        await bench.DeliverAsync();
        bench.NextHour();
        await bench.SealAsync();
        var old = Assert.Single(bench.Keys.Keys);
        var rotated = PemSigningKeys.Create(SigningAlgorithm.Rsa, bench.Delivery.Clock.Now);
        bench.Keys = new PemSigningKeys(PemSigningKeys.FormatPublic([old]) + rotated);
        await bench.DeliverAsync();
        bench.NextHour();
        await bench.SealAsync();

        var digests = await bench.DigestsAsync();
        Assert.Equal([SigningAlgorithm.Ecdsa, SigningAlgorithm.Rsa], digests.Select(static d => d.Algorithm));
        Assert.Equal(old.Fingerprint, digests[0].KeyFingerprint);
        await bench.ProveAsync();
    }

    [Fact]
    public async Task Ten_sealers_at_once_make_one_chain()
    {
        var bench = await DigestBench.StartAsync();
        await bench.Delivery.StartTrailAsync("acme", "trail-one");
        for (var hour = 0; hour < 3; hour++)
        {
            await bench.DeliverAsync();
            bench.NextHour();
        }

        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(() => bench.Rival().RunAsync(default))));
        await bench.SealAsync();
        Assert.Equal(3, (await bench.DigestsAsync()).Count);
        await bench.ProveAsync();
    }

    [Fact]
    public async Task A_delivery_of_many_objects_is_named_whole()
    {
        var bench = await DigestBench.StartAsync();
        await bench.Delivery.StartTrailAsync("acme", "trail-one");
        await bench.Delivery.CommitAsync([.. Enumerable.Range(0, 60).Select(i => bench.Delivery.Event() with { Region = $"r-{i:D3}" })]);
        await bench.Delivery.CloseWindowAsync();
        await bench.Delivery.DrainAsync();
        bench.NextHour();
        await bench.SealAsync();
        Assert.Equal(60, (await bench.ProveAsync()).Files);
    }
}
