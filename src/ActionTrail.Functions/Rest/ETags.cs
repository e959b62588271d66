using System.Globalization;
using ActionTrail.Layout;

namespace ActionTrail.Functions.Rest;

/// <summary>Versions of resources as clients see them: a hash of the store's own, so that nothing of the store shows.</summary>
internal static class ETags
{
    public static string Of(string stored) => string.Create(CultureInfo.InvariantCulture, $"\"{Hash64.Of(stored):x16}\"");

    /// <summary>Whether the version fits <c>If-Match</c>; a request without it fits every version.</summary>
    public static bool Match(HttpRequest request, string stored)
    {
        var wanted = request.Headers.IfMatch.ToString();
        return wanted.Length == 0 || wanted.Split(',', StringSplitOptions.TrimEntries).Any(tag => tag == "*" || tag == Of(stored));
    }

    /// <summary>As <see cref="Match"/>, for a resource that may not be there (null): then only a request without <c>If-Match</c> fits.</summary>
    public static bool MatchFound(HttpRequest request, string? stored) => stored is null ? request.Headers.IfMatch.ToString().Length == 0 : Match(request, stored);

    /// <summary>The version that a change must find, when <c>If-Match</c> names one, which <see cref="Match"/> has compared; else null.</summary>
    public static string? Named(HttpRequest request, string? stored) => request.Headers.IfMatch.Count > 0 && request.Headers.IfMatch != "*" ? stored : null;
}
