namespace ActionTrail.Access.Signatures;

/// <summary>
/// Reads <c>key=value&amp;key=value</c>, of a query or a form, as signatures see it: every pair, in its order, keys told apart by case. ASP.NET's own
/// collections merge keys that differ in case only.
/// </summary>
public static class ParameterText
{
    /// <summary>The decoded pairs; a plus sign is a blank, a part without an equals sign a key with an empty value.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Read(string text)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var part in text.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            pairs.Add(equals < 0 ? new(Decode(part), "") : new(Decode(part[..equals]), Decode(part[(equals + 1)..])));
        }

        return pairs;
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
