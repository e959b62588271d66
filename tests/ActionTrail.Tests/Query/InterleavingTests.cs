using System.Globalization;
using Xunit.Abstractions;

namespace ActionTrail.Tests.Query;

/// <summary>Lookups while everything else that the product does to a store goes on, in orders that a seed chooses.</summary>
public sealed class InterleavingTests(ITestOutputHelper output)
{
    private const int UsualSeeds = 8;

    /// <summary><c>ACTIONTRAIL_INTERLEAVINGS</c> says how many seeds are run, <c>ACTIONTRAIL_SEED</c> which is the first.</summary>
    [Fact]
    public async Task Pages_are_exact_in_whatever_order_ingestion_compaction_purge_and_lookups_take_their_steps()
    {
        var (first, count) = (Number("ACTIONTRAIL_SEED", 1), Number("ACTIONTRAIL_INTERLEAVINGS", UsualSeeds));
        var counts = new InterleavedCounts();
        for (var seed = first; seed < first + count; seed++)
            await Task.Run(() => RunAsync(seed, counts));

        output.WriteLine($"{count} seeds from {first}: {counts}");
        if (count < UsualSeeds)
            return;
        Assert.True(counts.Generations > 10 * count, counts.ToString());
        Assert.All([counts.Swept, counts.Retired + counts.Purged, counts.Chains, counts.Finds, counts.Copies, counts.Cancelled, counts.Stopped], number => Assert.True(number > 0, counts.ToString()));
    }

    private async Task RunAsync(int seed, InterleavedCounts counts)
    {
        var turns = new Interleaving(seed);
        try
        {
            await new InterleavedWorld(seed, turns, counts).RunAsync();
        }
        catch
        {
            output.WriteLine($"Seed {seed}, its last turns:\n{turns.Journal}");
            throw;
        }
    }

    private static int Number(string name, int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : usual;
}
