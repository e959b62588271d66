using Azure;

namespace ActionTrail.Azure.Tables;

/// <summary>
/// The Tables part of a storage connection string: <c>Name=value</c> pairs separated by <c>;</c>, names in any case.
/// Known: UseDevelopmentStorage, DevelopmentStorageProxyUri, DefaultEndpointsProtocol, AccountName, AccountKey,
/// SharedAccessSignature, EndpointSuffix, TableEndpoint; others are left to the other services. A signature wins over a key.
/// </summary>
internal sealed record TableConnectionString(Uri Endpoint, TableSharedKeyCredential? Key, AzureSasCredential? Sas)
{
    /// <summary>The account that every storage emulator knows; published by its makers, not a secret.</summary>
    internal const string DevelopmentAccount = "devstoreaccount1";

    internal const string DevelopmentKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private const int DevelopmentTablePort = 10002;

    /// <exception cref="FormatException">The text is not such a string; the message names the part, never its value.</exception>
    public static TableConnectionString Parse(string text)
    {
        var parts = Split(text);
        if (parts.TryGetValue("UseDevelopmentStorage", out var development) && bool.TryParse(development, out var use) && use)
        {
            var proxy = parts.GetValueOrDefault("DevelopmentStorageProxyUri") is { Length: > 0 } given ? ToUri("DevelopmentStorageProxyUri", given) : new Uri("http://127.0.0.1");
            var emulator = new UriBuilder(proxy) { Port = DevelopmentTablePort, Path = DevelopmentAccount }.Uri;
            return new(emulator, new TableSharedKeyCredential(DevelopmentAccount, DevelopmentKey), Sas: null);
        }

        var account = parts.GetValueOrDefault("AccountName");
        var endpoint = FindEndpoint(parts, account);
        if (parts.GetValueOrDefault("SharedAccessSignature") is { Length: > 0 } signature)
            return new(endpoint, Key: null, new AzureSasCredential(signature));
        if (parts.GetValueOrDefault("AccountKey") is not { Length: > 0 } key || string.IsNullOrEmpty(account))
            throw new FormatException("The connection string needs AccountName and AccountKey, or SharedAccessSignature.");
        try
        {
            return new(endpoint, new TableSharedKeyCredential(account, key), Sas: null);
        }
        catch (FormatException malformed)
        {
            throw new FormatException("AccountKey of the connection string is not Base64.", malformed);
        }
    }

    private static Uri FindEndpoint(Dictionary<string, string> parts, string? account)
    {
        if (parts.GetValueOrDefault("TableEndpoint") is { Length: > 0 } endpoint)
            return ToUri("TableEndpoint", endpoint);
        if (string.IsNullOrEmpty(account))
            throw new FormatException("The connection string needs TableEndpoint or AccountName.");
        var protocol = parts.GetValueOrDefault("DefaultEndpointsProtocol") ?? "https";
        var suffix = parts.GetValueOrDefault("EndpointSuffix") ?? "core.windows.net";
        return ToUri("DefaultEndpointsProtocol", $"{protocol}://{account}.table.{suffix}/");
    }

    private static Uri ToUri(string name, string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw new FormatException($"{name} of the connection string is not an http or https address.");

    private static Dictionary<string, string> Split(string text)
    {
        var parts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1 || !parts.TryAdd(part[..equals], part[(equals + 1)..]))
                throw new FormatException("The connection string is not a list of Name=value pairs, each name once.");
        }

        return parts;
    }
}
