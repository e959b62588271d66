using System.Diagnostics.Metrics;

namespace ActionTrail.Events.Redaction;

/// <summary>How many values of one record were masked under each rule.</summary>
internal sealed class RedactionTally
{
    private static readonly Meter Meter = new("ActionTrail");

    // A batch that is judged again, after a lost race or a failed write, is counted again.
    private static readonly Counter<long> Redactions =
        Meter.CreateCounter<long>("actiontrail.redactions", "{value}", "Values masked in records before they were stored.");

    private static readonly (RedactionRule Rule, string Name)[] Rules = [.. Enum.GetValues<RedactionRule>().Select(static rule => (rule, NameOf(rule)))];

    // Texts that only begin like JSON cost an exception each: so many of one record are tried.
    private const int MaxBrokenTexts = 32;

    private readonly int[] counts = new int[Rules.Length];
    private int brokenTexts;

    /// <summary>Whether one more text that begins like JSON is worth reading as JSON.</summary>
    public bool MayTryText => brokenTexts < MaxBrokenTexts;

    public void NoteBrokenText() => brokenTexts++;

    public void Add(RedactionRule rule) => counts[(int)rule]++;

    public int[] Save() => [.. counts];

    public void Restore(int[] saved) => saved.CopyTo(counts, 0);

    /// <summary>Starts the next record.</summary>
    public void Clear()
    {
        counts.AsSpan().Clear();
        brokenTexts = 0;
    }

    /// <summary>Adds the counts to the counter.</summary>
    public void Report()
    {
        foreach (var (rule, name) in Rules)
        {
            if (counts[(int)rule] > 0)
                Redactions.Add(counts[(int)rule], new KeyValuePair<string, object?>("actiontrail.redaction.rule", name));
        }
    }

    private static string NameOf(RedactionRule rule) => rule switch
    {
        RedactionRule.Password => "password",
        RedactionRule.Secret => "secret",
        RedactionRule.Token => "token",
        RedactionRule.Key => "key",
        RedactionRule.ConnectionString => "connection_string",
        RedactionRule.Authorization => "authorization",
        RedactionRule.Signature => "signature",
        RedactionRule.WebToken => "web_token",
        RedactionRule.PrivateKey => "private_key",
        RedactionRule.AddressPassword => "address_password",
        RedactionRule.Unreadable => "unreadable",
        _ => "configured",
    };
}
