namespace ActionTrail.Generator.Formats;

/// <summary>
/// Values such as real records carry and nobody may store: keys, tokens, passwords, signatures. None of them opens anything, and each has
/// <see cref="Marker"/> inside, so that a search for it tells whether masking worked.
/// </summary>
public static class PlantedSecrets
{
    /// <summary>What every planted value contains, in a message and, when it was not masked, in storage.</summary>
    public const string Marker = "planted-secret";

    internal static string Password(ref Chance chance) => $"{Marker}-{Letters(ref chance, 12)}!";

    internal static string Key(ref Chance chance) => $"{Marker}{Letters(ref chance, 64)}==";

    internal static string SessionToken(ref Chance chance) => $"IQoJb3JpZ2luX2Vj{Marker}{Letters(ref chance, 280)}";

    internal static string SasUrl(ref Chance chance, string account, string path) =>
        $"https://{account}.blob.core.windows.net/{path}?sv=2024-11-04&se=2027-01-01T00%3A00%3A00Z&sr=b&sp=r&sig={Marker}{Letters(ref chance, 30)}%3D";

    internal static string ConnectionString(ref Chance chance, string account) =>
        $"DefaultEndpointsProtocol=https;AccountName={account};AccountKey={Marker}{Letters(ref chance, 60)}==;EndpointSuffix=core.windows.net";

    // Header {"alg":"RS256"} and payload {"aud":"orders"} in base64url, then a signature that signs nothing.
    internal static string Jwt(ref Chance chance) => $"eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJvcmRlcnMifQ.{Marker}-{Letters(ref chance, 60)}";

    private static string Letters(ref Chance chance, int count)
    {
        Span<byte> text = stackalloc byte[count];
        return System.Text.Encoding.ASCII.GetString(Ids.Text(text, default, chance.Next(), count, Ids.Base62));
    }
}
