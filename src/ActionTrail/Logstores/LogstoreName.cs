using System.Text.RegularExpressions;

namespace ActionTrail.Logstores;

/// <summary>
/// Names a Logstore within its account. <paramref name="Project"/>: <c>^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$</c>, a name that the account chooses; Logstores
/// of one project belong together. <paramref name="Name"/>: <c>^[a-z][a-z0-9_-]{5,63}$</c>.
/// </summary>
public sealed partial record LogstoreName(string Project, string Name)
{
    public const string ProjectRule = "A Logstore project has 3 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends.";

    /// <summary>Whether it can name one: what cannot is nowhere.</summary>
    public bool IsWellFormed => IsProject(Project) && NameGrammar().IsMatch(Name);

    /// <summary>The Logstore that a trail delivers to: <c>actiontrail_{trail}</c>, of an Inner trail <c>innertrail_{trail}</c>.</summary>
    public static LogstoreName OfTrail(string project, string trail, bool isInner) => new(project, (isInner ? "innertrail_" : "actiontrail_") + trail);

    public static bool IsProject(string text) => ProjectGrammar().IsMatch(text);

    public override string ToString() => $"{Project}/{Name}";

    [GeneratedRegex(@"^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ProjectGrammar();

    [GeneratedRegex(@"^[a-z][a-z0-9_-]{5,63}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NameGrammar();
}
