using System.Globalization;

namespace ActionTrail.EndToEnd.Tests.NothingLost;

/// <summary>What was sent, sorted by what is owed: the oracle of the test.</summary>
internal sealed class Ledger
{
    /// <summary>Azurite saves every 5 s, and saving takes its time: what it acknowledged this long before it was killed is its own to lose.</summary>
    public static readonly TimeSpan Forgotten = TimeSpan.FromSeconds(10);

    /// <summary>The answer to what a dead Azurite acknowledged may still come through the handler; a new Azurite takes longer to start.</summary>
    private static readonly TimeSpan OnItsWay = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, SentBatch> batches = new(StringComparer.Ordinal);

    public Ledger(IReadOnlyCollection<SentBatch> sent, IReadOnlyCollection<DateTimeOffset> azuriteKills)
    {
        foreach (var batch in sent)
        {
            foreach (var id in batch.EventIds)
            {
                batches[id] = batch;
            }

            var acknowledged = batch.AcknowledgedAt is not null;
            var forgivable = !batch.OverHub && batch.AcknowledgedAt is { } at && azuriteKills.Any(kill => MayBeForgotten(at, kill));
            (acknowledged ? forgivable ? Forgivable : Owed : Unknown).UnionWith(batch.EventIds);
        }
    }

    /// <summary>Acknowledged: exactly once.</summary>
    public HashSet<string> Owed { get; } = new(StringComparer.Ordinal);

    /// <summary>Acknowledged over HTTP by an Azurite that was killed right after: at most once.</summary>
    public HashSet<string> Forgivable { get; } = new(StringComparer.Ordinal);

    /// <summary>Sent without an answer: at most once.</summary>
    public HashSet<string> Unknown { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether an Azurite that was killed may have forgotten what it answered at a time.</summary>
    public static bool MayBeForgotten(DateTimeOffset answeredAt, DateTimeOffset killedAt) => answeredAt < killedAt + OnItsWay && answeredAt > killedAt - Forgotten;

    /// <summary>Whether anybody sent this event.</summary>
    public bool Knows(string eventId) => Owed.Contains(eventId) || Forgivable.Contains(eventId) || Unknown.Contains(eventId);

    /// <summary>An event and how it was sent, for messages.</summary>
    public string Describe(string eventId) => batches.TryGetValue(eventId, out var batch)
        ? string.Create(CultureInfo.InvariantCulture, $"{eventId} ({(batch.OverHub ? "hub" : "API")}, acknowledged {batch.AcknowledgedAt:HH:mm:ss.fff})")
        : eventId;

    /// <summary>Every breach among the ids that a place holds, one line each; <paramref name="isOwn"/> tells the service's own audit events.</summary>
    public List<string> Judge(string place, IReadOnlyCollection<string> ids, Func<string, bool> isOwn)
    {
        var counts = ids.CountBy(id => id, StringComparer.Ordinal).ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
        return
        [
            .. Owed.Where(id => !counts.ContainsKey(id)).Select(id => $"{place}: {Describe(id)} was acknowledged and is missing"),
            .. counts.Where(pair => pair.Value > 1).Select(pair => $"{place}: {Describe(pair.Key)} is there {pair.Value} times"),
            .. counts.Keys.Where(id => !Knows(id) && !isOwn(id)).Select(id => $"{place}: {Describe(id)} was never sent"),
        ];
    }
}
