using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace ActionTrail.Layout;

/// <summary>A store: a commit log plus segments plus a retention. <c>history</c> is the 90-day store; a Logstore's is <c>ls-</c> and 32 hexadecimal digits. Grammar: <c>[a-z][a-z0-9-]{2,62}</c>.</summary>
public readonly partial record struct StoreName
{
    private readonly string? name;

    private StoreName(string name) => this.name = name;

    public static StoreName History { get; } = new("history");

    /// <summary>
    /// The store of a Logstore: <c>ls-</c> and the first 16 bytes of the SHA-256 over account, project, name and incarnation, each followed by LF. Nobody can choose names
    /// that meet the store of another account.
    /// </summary>
    /// <param name="account">Owner.</param>
    /// <param name="project">Project.</param>
    /// <param name="name">Name.</param>
    /// <param name="incarnation">Tells a Logstore from a deleted one of its name: no store comes twice. 0, which is left out of the hash: made before Logstores could be deleted.</param>
    public static StoreName Logstore(string account, string project, string name, long incarnation = 0) => new("ls-" + Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{account}\n{project}\n{name}\n") + (incarnation == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{incarnation}\n")))).AsSpan(0, 16)));

    /// <summary>Whether it is the store of a Logstore, which is appended to under keys alone.</summary>
    public bool IsLogstore => ToString().StartsWith("ls-", StringComparison.Ordinal);

    public static bool TryParse(string text, out StoreName store)
    {
        store = Grammar().IsMatch(text) ? new StoreName(text) : default;
        return store.name is not null;
    }

    public override string ToString() => name ?? throw new InvalidOperationException("A default StoreName has no text.");

    [GeneratedRegex("^[a-z][a-z0-9-]{2,62}\\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Grammar();
}
