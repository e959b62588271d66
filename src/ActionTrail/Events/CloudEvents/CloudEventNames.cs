using System.Collections.Frozen;
using ActionTrail.Events.Azure;

namespace ActionTrail.Events.CloudEvents;

/// <summary>What is known by name: what the type of a CloudEvent says of the event, and which service its source is.</summary>
internal static class CloudEventNames
{
    private static readonly FrozenSet<string> ReadVerbs = new[]
    {
        "read", "get", "list", "listed", "describe", "described", "query", "queried", "search", "searched", "head", "view", "viewed", "lookup",
        "fetch", "fetched", "download", "downloaded", "accessed", "export", "exported",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> SignIn = Set("signin", "signedin", "login", "loggedin", "logon");

    private static readonly FrozenSet<string> SignOut = Set("signout", "signedout", "logout", "loggedout", "logoff");

    /// <summary>What follows <c>:ActionTrail:</c>; sign-in and sign-out by the last part of the type; else <c>ApiCall</c>.</summary>
    public static string EventType(string type)
    {
        const string Marker = ":ActionTrail:";
        if (type.IndexOf(Marker, StringComparison.OrdinalIgnoreCase) is var at and >= 0 && type[(at + Marker.Length)..] is { Length: > 0 } named)
            return named;
        var words = LastWords(type);
        var one = words.Count > 0 ? words[^1] : "";
        var two = words.Count > 1 ? words[^2] + one : one;
        return SignIn.Contains(one) || SignIn.Contains(two) ? "ConsoleSignin"
            : SignOut.Contains(one) || SignOut.Contains(two) ? "ConsoleSignout"
            : "ApiCall";
    }

    /// <summary>Whether the last part of the type begins or ends with a verb of reading.</summary>
    public static bool IsRead(string type) => LastWords(type) is { Count: > 0 } words && (ReadVerbs.Contains(words[0]) || ReadVerbs.Contains(words[^1]));

    /// <summary>The provider when the source is an Azure resource, else the last part of its path, else its host, else the source.</summary>
    public static string Service(string source, AzureResource resource)
    {
        if (resource.Provider is { } provider)
            return provider;
        var text = source.AsSpan();
        text = text[..(text.IndexOfAny('?', '#') is var tail and >= 0 ? tail : text.Length)].TrimEnd('/');
        var isUrn = text.StartsWith("urn:", StringComparison.OrdinalIgnoreCase);
        var last = text[(text.LastIndexOf(isUrn ? ':' : '/') + 1)..];
        return last.IsWhiteSpace() || last.EndsWith(":") ? source : last.ToString();
    }

    // Words of the last part, split where a capital follows a small letter; a version behind it (v1) is passed over.
    private static List<string> LastWords(string type)
    {
        var parts = type.Split(['.', ':', '/', ' '], StringSplitOptions.RemoveEmptyEntries);
        var at = parts.Length - 1;
        while (at > 0 && IsVersion(parts[at]))
            at--;
        var words = new List<string>();
        if (at < 0)
            return words;
        var part = parts[at];
        var start = 0;
        for (var i = 1; i <= part.Length; i++)
        {
            var isBreak = i == part.Length || part[i] is '_' or '-' || (char.IsUpper(part[i]) && !char.IsUpper(part[i - 1]));
            if (!isBreak)
                continue;
            if (part[start..i].Trim('_', '-') is { Length: > 0 } word)
                words.Add(word);
            start = i;
        }

        return words;
    }

    private static bool IsVersion(string part) => part.AsSpan(part[0] is 'v' or 'V' ? 1 : 0) is { Length: > 0 } number && !number.ContainsAnyExceptInRange('0', '9');

    private static FrozenSet<string> Set(params string[] names) => names.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}
