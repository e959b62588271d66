using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ActionTrail.Cli.Validate;

/// <summary>
/// Reads a connection string of a storage account and makes the address of a container that may be read and listed for a day: with its account key a service SAS of version 2021-12-02
/// (learn.microsoft.com, "Create a service SAS"), or with the signature that it has.
/// </summary>
internal static class StorageConnectionString
{
    public const string Variable = "ACTIONTRAIL_STORAGE";

    private const string Version = "2021-12-02";
    private const string Rights = "rl";
    private static readonly TimeSpan ValidFor = TimeSpan.FromDays(1);

    /// <exception cref="CliException">A part is missing or wrong. The message never repeats the key.</exception>
    public static Uri AddressOf(string text, string container, DateTimeOffset now)
    {
        var parts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var sign = part.IndexOf('=', StringComparison.Ordinal);
            if (sign > 0)
                parts[part[..sign].Trim()] = part[(sign + 1)..].Trim();
        }

        var account = parts.GetValueOrDefault("AccountName") ?? "";
        var endpoint = parts.GetValueOrDefault("BlobEndpoint")
            ?? $"{parts.GetValueOrDefault("DefaultEndpointsProtocol") ?? "https"}://{account}.blob.{parts.GetValueOrDefault("EndpointSuffix") ?? "core.windows.net"}";
        if (!Uri.TryCreate($"{endpoint.TrimEnd('/')}/{container}", UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.Query.Length > 0)
            throw Wrong("BlobEndpoint or AccountName is missing or wrong");
        if (parts.GetValueOrDefault("SharedAccessSignature") is { Length: > 0 } signature)
            return new Uri($"{address.AbsoluteUri}?{signature.TrimStart('?')}");
        if (account.Length == 0)
            throw Wrong("AccountName is missing");
        var key = new byte[64];
        if (!Convert.TryFromBase64String(parts.GetValueOrDefault("AccountKey") ?? "", key, out var length) || length == 0)
            throw Wrong("AccountKey is missing or no Base64");
        var end = (now + ValidFor).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

        // Rights, start, end, resource, identifier, addresses, protocol, version, kind, snapshot, encryption scope, five headers of answers.
        var signed = string.Join('\n', Rights, "", end, $"/blob/{account}/{container}", "", "", "", Version, "c", "", "", "", "", "", "", "");
        var hash = HMACSHA256.HashData(key.AsSpan(0, length), Encoding.UTF8.GetBytes(signed));
        return new Uri($"{address.AbsoluteUri}?sv={Version}&sr=c&sp={Rights}&se={Uri.EscapeDataString(end)}&sig={Uri.EscapeDataString(Convert.ToBase64String(hash))}");
    }

    private static CliException Wrong(string what) => new(
        ExitCode.Usage, $"--connection-string (or {Variable}): {what}. It reads BlobEndpoint=https://…;SharedAccessSignature=… or AccountName=…;AccountKey=…");
}
