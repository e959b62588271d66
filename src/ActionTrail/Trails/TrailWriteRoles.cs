namespace ActionTrail.Trails;

/// <summary>
/// Names of roles that a client of ActionTrail's own API gives for writing to its destinations. This deployment writes with its own identity: they are
/// kept with the trail and shown, so that such a client finds what it wrote. Null: not given.
/// </summary>
/// <param name="Oss">For the container, e.g. <c>acs:ram::123:role/writer</c>; at most <see cref="MaxLength"/> characters.</param>
/// <param name="Sls">For a Logstore.</param>
/// <param name="MaxCompute">For a MaxCompute project.</param>
public sealed record TrailWriteRoles(string? Oss, string? Sls, string? MaxCompute)
{
    /// <summary>Most characters of one name.</summary>
    public const int MaxLength = 256;

    public static TrailWriteRoles None { get; } = new(Oss: null, Sls: null, MaxCompute: null);

    /// <summary>These with what <paramref name="change"/> gives; its empty names take one away.</summary>
    public TrailWriteRoles With(TrailWriteRoles change) => new(Pick(change.Oss, Oss), Pick(change.Sls, Sls), Pick(change.MaxCompute, MaxCompute));

    private static string? Pick(string? changed, string? current) => changed is null ? current : changed.Length == 0 ? null : changed;
}
