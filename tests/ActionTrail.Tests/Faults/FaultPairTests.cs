using System.Globalization;
using System.Security.Cryptography;
using ActionTrail.Proofs;
using ActionTrail.Storage.Decorators;
using Xunit.Abstractions;

namespace ActionTrail.Tests.Faults;

/// <summary>
/// Two faults in one life, at requests drawn over all operations: the second one meets what the first one left, the recovery from it, or something that has nothing to do with it. The sweeps of single faults stand
/// beside each operation. <c>ACTIONTRAIL_FAULT_PAIRS</c> makes the sample larger, <c>ACTIONTRAIL_SEED</c> draws the same one again.
/// </summary>
public sealed class FaultPairTests(ITestOutputHelper output)
{
    private const int UsualPairs = 200;

    /// <summary>As far as the recovery from a fault may reach.</summary>
    private const int Near = 40;

    private static readonly LocalCheckpointKey CheckpointKey = NewKey();

    [Fact]
    public async Task Two_faults_in_one_life_lose_and_double_nothing()
    {
        var (seed, pairs) = (Number("ACTIONTRAIL_SEED", Random.Shared.Next(1_000_000)), Number("ACTIONTRAIL_FAULT_PAIRS", UsualPairs));
        var requests = await WithoutFaultsAsync();
        var (struckBoth, together) = (0, 0);
        var struck = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var pair = 0; pair < pairs; pair++)
        {
            // Each pair from a seed of its own: one that failed is drawn again alone.
            var life = await WholeLife.BeginAsync(CheckpointKey);
            var drawn = Arm(life, new Random(seed + pair), requests);
            try
            {
                await life.LiveAsync();
                await life.SettleAsync();
                await life.ProveAsync();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException(
                    $"ACTIONTRAIL_SEED={seed + pair} ACTIONTRAIL_FAULT_PAIRS=1: {drawn}; struck {string.Join(", then ", life.Strikes)}", e);
            }

            struckBoth += life.Strikes.Count == 2 ? 1 : 0;
            together += life.Strikes.Count == 2 && DoingOf(life.Strikes[0]) == DoingOf(life.Strikes[1]) ? 1 : 0;
            foreach (var doing in life.Strikes.Select(DoingOf))
                struck[doing] = struck.GetValueOrDefault(doing) + 1;
        }

        output.WriteLine($"seed {seed}: of {pairs} pairs over {requests.Count} requests {struckBoth} struck both, {together} of them in the same operation; {string.Join(", ", struck.OrderBy(static s => s.Key, StringComparer.Ordinal).Select(static s => $"{s.Key} {s.Value}"))}");
        Assert.True(struckBoth >= pairs * 9 / 10, $"{struckBoth} of {pairs} pairs struck both.");
        if (pairs >= UsualPairs)
            Assert.Equal(requests.Distinct().Order(StringComparer.Ordinal), struck.Keys.Order(StringComparer.Ordinal));
    }

    /// <summary>
    /// The first at any request of an operation, each operation as likely as the other. The second, each as often: near behind it; in the next run of the same operation; the same way as the first
    /// anywhere behind it.
    /// </summary>
    private static string Arm(WholeLife life, Random random, IReadOnlyList<string> requests)
    {
        var (first, mode, secondMode) = (Any(from: 0), Mode(), Mode());
        switch (random.Next(3))
        {
            case 0:
                life.Faults.FailAt(first, mode);
                life.InRecovery = (random.Next(Near / 2), secondMode);
                return $"{mode} at request {first}, {secondMode} {life.InRecovery.Value.Later} requests into the next run";
            case 1:
                return Both(first + random.Next(1, Near));
            default:
                return Both(Any(first + 1));
        }

        string Both(int second)
        {
            life.Faults.FailAt([(first, mode), (second, secondMode)]);
            return $"{mode} at request {first}, {secondMode} at request {second}";
        }

        FaultMode Mode() => StorageFaults.Modes[random.Next(StorageFaults.Modes.Count)];

        // Not the very last, so that there is a second.
        int Any(int from)
        {
            var left = requests.Select(static (doing, at) => (doing, at)).Where(r => r.at >= from && (from > 0 || r.at < requests.Count - 1)).ToLookup(static r => r.doing, static r => r.at);
            var places = left.ElementAt(random.Next(left.Count)).ToList();
            return places[random.Next(places.Count)];
        }
    }

    /// <summary>What is done at each request when none fails.</summary>
    private static async Task<IReadOnlyList<string>> WithoutFaultsAsync()
    {
        var life = await WholeLife.BeginAsync(CheckpointKey);
        life.Faults.Reset();
        await life.LiveAsync();
        var requests = life.Doings.ToList();
        Assert.Equal(life.Faults.Requests, requests.Count);
        await life.SettleAsync();
        await life.ProveAsync();
        return requests;
    }

    private static string DoingOf(string strike) => strike[..strike.IndexOf(':', StringComparison.Ordinal)];

    private static LocalCheckpointKey NewKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return LocalCheckpointKey.Parse(key.ExportPkcs8PrivateKeyPem());
    }

    private static int Number(string variable, int fallback) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : fallback;
}
