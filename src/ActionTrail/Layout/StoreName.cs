using System.Text.RegularExpressions;

namespace ActionTrail.Layout;

/// <summary>A store: a commit log plus segments plus a retention. <c>history</c> is the 90-day store. Grammar: <c>[a-z][a-z0-9-]{2,62}</c>.</summary>
public readonly partial record struct StoreName
{
    private readonly string? name;

    private StoreName(string name) => this.name = name;

    public static StoreName History { get; } = new("history");

    public static bool TryParse(string text, out StoreName store)
    {
        store = Grammar().IsMatch(text) ? new StoreName(text) : default;
        return store.name is not null;
    }

    public override string ToString() => name ?? throw new InvalidOperationException("A default StoreName has no text.");

    [GeneratedRegex("^[a-z][a-z0-9-]{2,62}\\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Grammar();
}
