using ActionTrail.Delivery;
using ActionTrail.Digests;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Tests.Digests;

/// <summary>A container that is lost with its digests: they come back as they were or are named, and nothing of the past is made up.</summary>
public sealed class DigestRepairTests
{
    private const string Container = "audit-logs";

    [Fact]
    public async Task A_container_that_is_lost_whole_is_made_again_and_proves_itself_bit_for_bit()
    {
        var bench = await SealedAsync();
        var before = (await CopiedFiles.OfAsync(bench.Delivery.Objects, Container)).All;
        foreach (var name in before.Keys)
            await bench.Delivery.Objects.DeleteAsync(Container, name, default);

        var report = await Repair(bench).RunAsync(DateTimeOffset.MinValue, default);
        await RedeliverAsync(bench);

        Assert.Empty(report.Missing);
        Assert.Equal((4L, 4), (report.Checked, report.Restored.Count));
        Assert.Equal(before, (await CopiedFiles.OfAsync(bench.Delivery.Objects, Container)).All);
        await bench.ProveAsync();

        // The chain goes on behind them, and there is nothing left to do.
        await bench.DeliverAsync();
        bench.NextHour();
        await bench.SealAsync();
        await bench.ProveAsync();
        report = await Repair(bench).RunAsync(DateTimeOffset.MinValue, default);
        Assert.Equal((5L, 0, 0), (report.Checked, report.Restored.Count, report.Missing.Count));
    }

    [Fact]
    public async Task One_file_or_signature_is_written_again_and_none_of_before_the_time_asked_for()
    {
        var bench = await SealedAsync();
        var digests = await bench.DigestsAsync();
        await bench.Delivery.Objects.DeleteAsync(Container, digests[0].Object, default);
        await bench.Delivery.Objects.DeleteAsync(Container, digests[3].Object + DigestObjectName.SignatureSuffix, default);

        var young = await Repair(bench).RunAsync(bench.Delivery.Clock.Now.AddMinutes(-30), default);
        Assert.Equal([$"{Container}/{digests[3].Object}"], young.Restored);
        Assert.Equal([$"{Container}/{digests[0].Object}"], (await Repair(bench).RunAsync(DateTimeOffset.MinValue, default)).Restored);
        await bench.ProveAsync();
    }

    [Theory]
    [InlineData("no copy", "no copy")]
    [InlineData("a copy changed", "no copy")]
    [InlineData("hash and copy changed", "does not prove")]
    [InlineData("another signature", "does not prove")]
    [InlineData("key gone", "not listed")]
    [InlineData("another object in its place", "not the digest that belongs there")]
    [InlineData("container gone", "NotFound")]
    public async Task What_cannot_be_restored_is_named_and_nothing_is_written(string what, string why)
    {
        var bench = await SealedAsync();
        var digest = (await bench.DigestsAsync())[1];
        var (tables, objects) = (bench.Delivery.Tables, bench.Delivery.Objects);
        var row = (await tables.FindAsync(Tables.Digests, digest.TrailKey, DigestKeys.Digest(digest.EndTime), default))!;
        var copy = DigestKeys.Copy(digest.TrailKey, digest.EndTime, row.GetString("Hash"));
        await objects.DeleteAsync(Container, digest.Object, default);
        switch (what)
        {
            case "no copy":
                await objects.DeleteAsync(Containers.Proofs, copy, default);
                break;
            case "a copy changed":
                await ReplaceAsync(objects, copy, static bytes => [.. bytes[..^1], (byte)(bytes[^1] ^ 1)]);
                break;
            case "hash and copy changed":
                var content = await objects.ReadAsync(Containers.Proofs, copy, 0, (int)(await objects.FindAsync(Containers.Proofs, copy, default))!.Length, default);
                var forged = DigestJson.Format(digest with { Files = [.. digest.Files.Skip(1)] });
                Assert.NotEqual(content, forged);
                var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(forged));
                await objects.CreateAsync(Containers.Proofs, DigestKeys.Copy(digest.TrailKey, digest.EndTime, hash), forged, ObjectLabel.Binary, default);
                await tables.UpsertAsync(Tables.Digests, row.With("Hash", hash), default);
                break;
            case "another signature":
                await tables.UpsertAsync(Tables.Digests, row.With("Signature", "00" + row.GetString("Signature")[2..]), default);
                break;
            case "key gone":
                bench.Keys = new PemSigningKeys(PemSigningKeys.Create(SigningAlgorithm.Ecdsa, bench.Delivery.Clock.Now.AddDays(-1)));
                break;
            case "another object in its place":
                await objects.DeleteAsync(Container, digest.Object + DigestObjectName.SignatureSuffix, default);
                await objects.CreateAsync(Container, digest.Object, new byte[] { 1 }, ObjectLabel.Binary, default);
                break;
            default:
                bench.Delivery.Outages.Broken[Container] = StoreErrorKind.NotFound;
                break;
        }

        var before = (await CopiedFiles.OfAsync(objects, Container)).All;
        var report = await Repair(bench).RunAsync(DateTimeOffset.MinValue, default);

        Assert.Empty(report.Restored);
        Assert.Contains(report.Missing, one => (one.Container, one.Object) == (Container, digest.Object) && one.Reason.Contains(why, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(before, (await CopiedFiles.OfAsync(objects, Container)).All);
    }

    [Theory]
    [InlineData(StoreErrorKind.NotFound)]
    [InlineData(StoreErrorKind.Denied)]
    [InlineData(StoreErrorKind.Unavailable)]
    [InlineData(StoreErrorKind.Throttled)]
    public async Task A_container_that_cannot_be_listed_is_a_reason_and_nothing_of_it_counts_as_written_again(StoreErrorKind kind)
    {
        var bench = await SealedAsync();
        var before = (await CopiedFiles.OfAsync(bench.Delivery.Objects, Container)).All;

        var report = await new DigestRepair(bench.Delivery.Tables, new Unlisted(bench.Delivery.Objects, kind), bench.Keys, NullLogger<DigestRepair>.Instance).RunAsync(DateTimeOffset.MinValue, default);

        Assert.Equal((4L, 0), (report.Checked, report.Restored.Count));
        Assert.Equal(4, report.Missing.Count(one => one.Container == Container && one.Reason.Contains(kind.ToString(), StringComparison.Ordinal)));
        Assert.Equal(before, (await CopiedFiles.OfAsync(bench.Delivery.Objects, Container)).All);
    }

    [Fact]
    public async Task Every_fault_at_every_request_of_a_repair_is_made_good_by_the_next_one()
    {
        for (var request = 0; ; request++)
        {
            var isOver = true;
            foreach (var mode in StorageFaults.Modes)
            {
                var bench = await SealedAsync(hours: 2);
                var before = (await CopiedFiles.OfAsync(bench.Delivery.Objects, Container)).All;
                foreach (var digest in await bench.DigestsAsync())
                    await bench.Delivery.Objects.DeleteAsync(Container, digest.Object, default);
                bench.Delivery.Faults.FailAt(request, mode);
                try
                {
                    await Repair(bench).RunAsync(DateTimeOffset.MinValue, default);
                }
                catch (Exception error) when (error is StoreException or SimulatedCrashException)
                {
                    Assert.True(bench.Delivery.Faults.Fired);
                }

                isOver &= !bench.Delivery.Faults.Fired;
                bench.Delivery.Faults.Reset();
                await Repair(bench).RunAsync(DateTimeOffset.MinValue, default);
                Assert.Equal(before, (await CopiedFiles.OfAsync(bench.Delivery.Objects, Container)).All);
            }

            if (isOver)
            {
                Assert.InRange(request, 8, int.MaxValue);
                return;
            }
        }
    }

    private static DigestRepair Repair(DigestBench bench) => new(
        new FaultyTableStore(bench.Delivery.Tables, bench.Delivery.Faults), new FaultyObjectStore(bench.Delivery.Outages, bench.Delivery.Faults), bench.Keys, NullLogger<DigestRepair>.Instance);

    /// <summary>A trail with a file and a digest for each of some hours.</summary>
    private static async Task<DigestBench> SealedAsync(int hours = 4)
    {
        var bench = await DigestBench.StartAsync();
        await bench.Delivery.StartTrailAsync("acme", "trail-one");
        for (var hour = 0; hour < hours; hour++)
        {
            await bench.DeliverAsync();
            bench.NextHour();
            await bench.SealAsync();
        }

        await bench.ProveAsync();
        bench.Delivery.Faults.Reset();
        return bench;
    }

    private static async Task RedeliverAsync(DigestBench bench)
    {
        Assert.Equal(new RecheckReport(4, 4), await bench.Delivery.Ledger().RecheckAsync(default, default));
        await bench.Delivery.DrainAsync();
    }

    private static async Task ReplaceAsync(IObjectStore objects, string name, Func<byte[], byte[]> change)
    {
        var content = await objects.ReadAsync(Containers.Proofs, name, 0, (int)(await objects.FindAsync(Containers.Proofs, name, default))!.Length, default);
        await objects.DeleteAsync(Containers.Proofs, name, default);
        await objects.CreateAsync(Containers.Proofs, name, change(content), ObjectLabel.Binary, default);
    }

    /// <summary>Does everything but list the trail's container, as when that answers between two requests that it does not.</summary>
    private sealed class Unlisted(IObjectStore inner, StoreErrorKind kind) : IObjectStore
    {
        public Task CreateContainerAsync(string container, CancellationToken cancellationToken) => inner.CreateContainerAsync(container, cancellationToken);

        public Task<bool> ContainerExistsAsync(string container, CancellationToken cancellationToken) => inner.ContainerExistsAsync(container, cancellationToken);

        public Task CreateAsync(string container, string name, ReadOnlyMemory<byte> content, ObjectLabel label, CancellationToken cancellationToken) =>
            inner.CreateAsync(container, name, content, label, cancellationToken);

        public Task CreateAsync(string container, string name, Stream content, ObjectLabel label, CancellationToken cancellationToken) =>
            inner.CreateAsync(container, name, content, label, cancellationToken);

        public Task<ObjectInfo?> FindAsync(string container, string name, CancellationToken cancellationToken) => inner.FindAsync(container, name, cancellationToken);

        public Task<byte[]> ReadAsync(string container, string name, long offset, int length, CancellationToken cancellationToken) =>
            inner.ReadAsync(container, name, offset, length, cancellationToken);

        public Task<Stream> OpenReadAsync(string container, string name, CancellationToken cancellationToken) => inner.OpenReadAsync(container, name, cancellationToken);

        public IAsyncEnumerable<ObjectInfo> ListAsync(string container, string prefix, CancellationToken cancellationToken) =>
            container == Container ? throw new StoreException(kind, $"{container} answers {kind}.") : inner.ListAsync(container, prefix, cancellationToken);

        public Task<bool> DeleteAsync(string container, string name, CancellationToken cancellationToken) => inner.DeleteAsync(container, name, cancellationToken);
    }
}
