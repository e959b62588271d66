using System.Globalization;

namespace ActionTrail.EndToEnd.Tests.NothingLost;

/// <summary>Whom a kill hits, and how.</summary>
internal enum Victim
{
    Handler,
    EventHub,
    Runner,

    /// <summary>SIGKILL: it forgets its last seconds.</summary>
    AzuriteKilled,

    /// <summary>SIGTERM: it saves and ends, and is started again.</summary>
    AzuriteStopped,

    /// <summary>SIGSTOP, and SIGCONT a pause later: requests hang meanwhile.</summary>
    AzuritePaused,
}

/// <summary>
/// Who is hit and after which pause: all from one seed. Azurite in rounds, killed, stopped and paused in turn; at least one of each other, then by chance: handler 70 %,
/// runner 18 %, event hub 12 %. Whole numbers in the environment make a longer run, or the same one again: <c>ACTIONTRAIL_KILLS</c> all together (12), <c>ACTIONTRAIL_AZURITE</c>
/// the rounds of Azurite among them (3 at least), <c>ACTIONTRAIL_SEED</c>; <c>ACTIONTRAIL_PAUSE</c> is the longest pause in seconds, 6 by default: with more of it (or a quicker
/// machine) compaction is hit more often.
/// </summary>
internal sealed class KillPlan
{
    private const int UsualKills = 12;
    private const int UsualPause = 6;

    private static readonly Victim[] OfAzurite = [Victim.AzuriteKilled, Victim.AzuriteStopped, Victim.AzuritePaused];

    private readonly Random chance;

    private KillPlan(int seed, int kills, int rounds, int longestPause)
    {
        Seed = seed;
        chance = new Random(seed);
        List<Victim> victims = [Victim.Handler, Victim.EventHub, Victim.Runner, .. Enumerable.Range(0, rounds).Select(static round => OfAzurite[round % OfAzurite.Length])];
        while (victims.Count < kills)
        {
            victims.Add(chance.NextDouble() switch { < 0.7 => Victim.Handler, < 0.88 => Victim.Runner, _ => Victim.EventHub });
        }

        var order = victims.ToArray();
        chance.Shuffle(order);
        Kills = [.. order.Select(victim => (victim, TimeSpan.FromSeconds(2 + ((longestPause - 2) * chance.NextDouble()))))];
    }

    public int Seed { get; }

    /// <summary>In order, each with the pause before it.</summary>
    public IReadOnlyList<(Victim Victim, TimeSpan Pause)> Kills { get; }

    public static KillPlan FromEnvironment() => new(
        Number("ACTIONTRAIL_SEED", Random.Shared.Next()), Number("ACTIONTRAIL_KILLS", UsualKills), Math.Max(OfAzurite.Length, Number("ACTIONTRAIL_AZURITE", OfAzurite.Length)),
        Math.Max(2, Number("ACTIONTRAIL_PAUSE", UsualPause)));

    /// <summary>For example <c>seed 17: 12 kills (7 Handler, 1 EventHub, 1 Runner, 1 AzuriteKilled, 1 AzuriteStopped, 1 AzuritePaused)</c>.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"seed {Seed}: {Kills.Count} kills ({string.Join(", ", Kills.GroupBy(kill => kill.Victim).OrderBy(group => group.Key).Select(group => $"{group.Count()} {group.Key}"))})");

    private static int Number(string variable, int fallback) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : fallback;
}
