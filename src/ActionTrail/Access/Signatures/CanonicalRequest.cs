using System.Text;

namespace ActionTrail.Access.Signatures;

/// <summary>
/// The text that an ACS3 signature covers, as the official clients build it:
/// <code>
/// METHOD \n path \n query \n (name:value \n)* \n name;name \n hex(SHA-256 of the body)
/// </code>
/// The path is the one sent, with <c>+</c> as <c>%20</c>, <c>*</c> as <c>%2A</c>, <c>%7E</c> as <c>~</c>; an older client changes only the first of
/// each. The query is sorted by the UTF-16 of the decoded keys, values escaped by RFC 3986; some clients escape keys as well, some do not.
/// Header values are trimmed, several of one name sorted and joined by commas. So a request has a few spellings; each is one signed text only.
/// </summary>
internal static class CanonicalRequest
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Every spelling of the request, as UTF-8; none when its query or headers cannot be signed without doubt.</summary>
    public static IReadOnlyList<byte[]> Spellings(SignInRequest request, IReadOnlyList<string> signedHeaders, string bodyHash)
    {
        if (ReadQuery(request.Query) is not { } query)
            return [];
        string[] paths = [All(request.Path), First(request.Path)];
        string[] queries = [Write(query, escapeKeys: true), HasPlainKeys(query) ? Write(query, escapeKeys: false) : Write(query, escapeKeys: true)];
        var hosts = signedHeaders.Contains("host", StringComparer.Ordinal) ? request.Hosts : [""];
        var spellings = new List<byte[]>();
        foreach (var host in hosts.Distinct(StringComparer.Ordinal))
        {
            if (Headers(request, signedHeaders, host) is not { } headers)
                return [];
            foreach (var path in paths.Distinct(StringComparer.Ordinal))
            {
                foreach (var text in queries.Distinct(StringComparer.Ordinal))
                    spellings.Add(Utf8.GetBytes($"{request.Method}\n{path}\n{text}\n{headers}\n{string.Join(';', signedHeaders)}\n{bodyHash}"));
            }
        }

        return spellings;
    }

    private static string All(string path) => path.Replace("+", "%20", StringComparison.Ordinal).Replace("*", "%2A", StringComparison.Ordinal).Replace("%7E", "~", StringComparison.Ordinal);

    private static string First(string path) => ReplaceFirst(ReplaceFirst(ReplaceFirst(path, "+", "%20"), "*", "%2A"), "%7E", "~");

    private static string ReplaceFirst(string text, string what, string with) =>
        text.IndexOf(what, StringComparison.Ordinal) is var at and >= 0 ? string.Concat(text.AsSpan(0, at), with, text.AsSpan(at + what.Length)) : text;

    /// <summary>Decoded keys and values, sorted; null when a key comes twice, as it would be open which value counts.</summary>
    private static List<KeyValuePair<string, string>>? ReadQuery(string query)
    {
        var pairs = new List<KeyValuePair<string, string>>(ParameterText.Read(query));
        pairs.Sort(static (a, b) => string.CompareOrdinal(a.Key, b.Key));
        for (var i = 1; i < pairs.Count; i++)
        {
            if (pairs[i - 1].Key == pairs[i].Key)
                return null;
        }

        return pairs;
    }

    /// <summary>Whether no key could pass for something else when it is not escaped.</summary>
    private static bool HasPlainKeys(List<KeyValuePair<string, string>> query) => !query.Any(static pair => pair.Key.AsSpan().IndexOfAny("&=\n%") >= 0);

    private static string Write(List<KeyValuePair<string, string>> query, bool escapeKeys) =>
        string.Join('&', query.Select(pair => $"{(escapeKeys ? Uri.EscapeDataString(pair.Key) : pair.Key)}={Uri.EscapeDataString(pair.Value)}"));

    private static string? Headers(SignInRequest request, IReadOnlyList<string> names, string host)
    {
        var text = new StringBuilder();
        foreach (var name in names)
        {
            if (name == "host")
            {
                text.Append("host:").Append(host).Append('\n');
                continue;
            }

            if (!request.Headers.TryGetValue(name, out var values) || values.Count == 0)
                return null;
            text.Append(name).Append(':').AppendJoin(',', values.Select(static value => (value ?? "").Trim()).Order(StringComparer.Ordinal)).Append('\n');
        }

        return text.ToString();
    }
}
