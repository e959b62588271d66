namespace ActionTrail.Trails;

/// <summary>
/// Names a Logstore within its account. <paramref name="Project"/>: <c>^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$</c>, a name that the account chooses; Logstores
/// of one project belong together. <paramref name="Name"/>: <c>actiontrail_{trail}</c>.
/// </summary>
public sealed record LogstoreName(string Project, string Name)
{
    public override string ToString() => $"{Project}/{Name}";

    /// <summary>The Logstore that a trail delivers to.</summary>
    public static LogstoreName OfTrail(string project, string trail) => new(project, $"actiontrail_{trail}");
}
