namespace ActionTrail.Functions.Settings;

/// <summary>
/// Finds settings that nobody reads: under <c>ActionTrail__</c>, which is ours alone, and in the section of the data account. A misspelt name would
/// else leave its default in force without a word.
/// </summary>
internal static class UnknownSettings
{
    private const string Prefix = "ActionTrail";

    /// <summary>A name that differs in no more letters is likely meant.</summary>
    private const int NearEnough = 4;

    private static readonly string[] Identity = ["credential", "clientId", "tenantId", "clientSecret"];

    private static readonly string[] ConnectionMembers = ["accountName", "blobServiceUri", "queueServiceUri", "tableServiceUri", .. Identity];

    /// <summary>Sections with one section per name of the operator's choice, and the members of each.</summary>
    private static readonly Dictionary<string, string[]> Named = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Streams"] = ["Connection", "Namespace", "Hub", "Accounts", "MaxBatchBytes", .. Identity],
        ["LogAnalytics"] = ["Endpoint", "RuleId", "Stream", "Accounts", "MaxBatchBytes", .. Identity],
    };

    /// <summary>One sentence per unknown setting, by name, without values.</summary>
    public static IEnumerable<string> Faults(IConfiguration configuration, IReadOnlyList<Setting> known)
    {
        var names = known.Select(static one => one.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var unknown = Leaves(configuration.GetSection(Prefix)).Where(key => !names.Contains(key) && !Family(key).Contains(key, StringComparer.OrdinalIgnoreCase)).Select(key => Tell(key, names.Concat(Family(key))))
            .Concat(Unread(configuration, AppSettings.DataAccount.Name));
        return unknown.Order(StringComparer.Ordinal);
    }

    /// <summary>The keys that stand beside this one under the same chosen name; none when it is not under one.</summary>
    private static IEnumerable<string> Family(string key) =>
        key.Split(':') is [var prefix, var section, var name, _] && Named.TryGetValue(section, out var members) ? members.Select(member => $"{prefix}:{section}:{name}:{member}") : [];

    private static IEnumerable<string> Unread(IConfiguration configuration, string connection)
    {
        var members = ConnectionMembers.Select(member => $"{connection}:{member}").ToHashSet(StringComparer.OrdinalIgnoreCase);
        return Leaves(configuration.GetSection(connection)).Where(key => !members.Contains(key) && !string.Equals(key, connection, StringComparison.OrdinalIgnoreCase)).Select(key => Tell(key, members));
    }

    private static IEnumerable<string> Leaves(IConfigurationSection section) =>
        section.AsEnumerable().Where(static pair => pair.Value is not null).Select(static pair => pair.Key);

    private static string Tell(string key, IEnumerable<string> known)
    {
        var near = known.Select(name => (Name: name, Distance: Distance(key.ToUpperInvariant(), name.ToUpperInvariant()))).MinBy(static one => one.Distance);
        return $"Setting {AsVariable(key)} is not known{(near.Distance <= NearEnough ? $"; {AsVariable(near.Name)} may be meant" : "")}.";
    }

    private static string AsVariable(string key) => key.Replace(":", "__", StringComparison.Ordinal);

    /// <summary>How many letters have to be put in, taken out or changed to make one text of the other.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var best = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                (diagonal, row[j]) = (row[j], best);
            }
        }

        return row[^1];
    }
}
