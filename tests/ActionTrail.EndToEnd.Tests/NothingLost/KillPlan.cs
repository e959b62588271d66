using System.Globalization;

namespace ActionTrail.EndToEnd.Tests.NothingLost;

/// <summary>Whom a kill hits.</summary>
internal enum Victim
{
    Handler,
    EventHub,
    Azurite,
    Runner,
}

/// <summary>
/// Who is killed and after which pause: all from one seed. At least one of each, the rest by chance: handler 60 %, Azurite 15 %, runner 15 %,
/// event hub 10 %. <c>ACTIONTRAIL_KILLS</c> and <c>ACTIONTRAIL_SEED</c> (whole numbers) make a longer run, or the same one again;
/// <c>ACTIONTRAIL_PAUSE</c> is the longest pause in seconds, 6 by default: with more of it (or a quicker machine) compaction is hit more often.
/// </summary>
internal sealed class KillPlan
{
    private const int UsualKills = 12;
    private const int UsualPause = 6;

    private readonly Random chance;

    private KillPlan(int seed, int kills, int longestPause)
    {
        Seed = seed;
        chance = new Random(seed);
        List<Victim> victims = [Victim.Handler, Victim.EventHub, Victim.Azurite, Victim.Runner];
        while (victims.Count < kills)
        {
            victims.Add(chance.NextDouble() switch { < 0.6 => Victim.Handler, < 0.75 => Victim.Azurite, < 0.9 => Victim.Runner, _ => Victim.EventHub });
        }

        var order = victims.ToArray();
        chance.Shuffle(order);
        Kills = [.. order.Select(victim => (victim, TimeSpan.FromSeconds(2 + ((longestPause - 2) * chance.NextDouble()))))];
    }

    public int Seed { get; }

    /// <summary>In order, each with the pause before it.</summary>
    public IReadOnlyList<(Victim Victim, TimeSpan Pause)> Kills { get; }

    public static KillPlan FromEnvironment() => new(Number("ACTIONTRAIL_SEED", Random.Shared.Next()), Math.Max(4, Number("ACTIONTRAIL_KILLS", UsualKills)), Math.Max(2, Number("ACTIONTRAIL_PAUSE", UsualPause)));

    /// <summary>For example <c>seed 17: 12 kills (7 Handler, 2 EventHub, 1 Azurite, 2 Runner)</c>.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"seed {Seed}: {Kills.Count} kills ({string.Join(", ", Kills.GroupBy(kill => kill.Victim).OrderBy(group => group.Key).Select(group => $"{group.Count()} {group.Key}"))})");

    private static int Number(string variable, int fallback) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : fallback;
}
