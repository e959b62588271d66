using System.Runtime.CompilerServices;
using ActionTrail.Digests.Validation;

namespace ActionTrail.Tests.Digests;

/// <summary>A container is proved while the service goes on with it.</summary>
public sealed class SealedMeanwhileTests
{
    [Fact]
    public async Task A_digest_that_is_sealed_while_files_are_proved_is_not_missed()
    {
        var (bench, growing) = await GrowAsync();
        var report = await new LogValidator(growing, bench.Keys.Keys, new ValidationOptions(), bench.Delivery.Clock).RunAsync(default);
        Assert.Equal(2, growing.Listed);
        Assert.Equal([], report.Findings);
    }

    [Fact]
    public async Task A_signature_whose_digest_is_gone_is_told_all_the_same()
    {
        var (bench, growing) = await GrowAsync();
        var digest = growing.Later.All.Keys.Last(static name => name.EndsWith(".json", StringComparison.Ordinal));
        growing.Later.All.Remove(digest);
        var report = await new LogValidator(growing, bench.Keys.Keys, new ValidationOptions(), bench.Delivery.Clock).RunAsync(default);
        var finding = Assert.Single(report.Findings);
        Assert.Equal((FindingKind.NotFound, digest), (finding.Kind, finding.Object));
    }

    /// <summary>An hour with its digest, and from the second listing on another one.</summary>
    private static async Task<(DigestBench Bench, GrowingFiles Files)> GrowAsync()
    {
        var bench = await DigestBench.StartAsync();
        await bench.Delivery.StartTrailAsync("acme", "trail-one");
        await HourAsync(bench);
        var first = await CopiedFiles.OfAsync(bench.Delivery.Objects, "audit-logs");
        await HourAsync(bench);
        return (bench, new GrowingFiles(first, await CopiedFiles.OfAsync(bench.Delivery.Objects, "audit-logs")));
    }

    private static async Task HourAsync(DigestBench bench)
    {
        await bench.DeliverAsync();
        bench.NextHour();
        await bench.SealAsync();
    }

    /// <summary>Other files from the second listing on.</summary>
    private sealed class GrowingFiles(CopiedFiles first, CopiedFiles later) : IDeliveredFiles
    {
        public CopiedFiles Later => later;

        public int Listed { get; private set; }

        public string? Container => later.Container;

        public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var name in (Listed++ == 0 ? first : later).ListAsync(cancellationToken))
                yield return name;
        }

        public Task<Stream?> OpenAsync(string name, CancellationToken cancellationToken) => (Listed < 2 ? first : later).OpenAsync(name, cancellationToken);
    }
}
