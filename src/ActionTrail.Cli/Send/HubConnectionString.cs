using ActionTrail.Generator;

namespace ActionTrail.Cli.Send;

/// <summary><c>Endpoint=sb://…;SharedAccessKeyName=…;SharedAccessKey=…;EntityPath=…</c>, with <c>UseDevelopmentEmulator=true</c> for a hub on this machine.</summary>
internal static class HubConnectionString
{
    public const string Variable = "ACTIONTRAIL_EVENTHUB";
    public const int DefaultHttpPort = 5673;

    /// <summary>The HTTPS face of the hub; plain HTTP on the given port for an emulator, on the host that the string names.</summary>
    /// <exception cref="CliException">A part is missing or wrong. The message never repeats the key.</exception>
    public static EventHubEndpoint Parse(string text, int httpPort)
    {
        var parts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var sign = part.IndexOf('=', StringComparison.Ordinal);
            if (sign > 0)
                parts[part[..sign].Trim()] = part[(sign + 1)..].Trim();
        }

        var isEmulator = parts.GetValueOrDefault("UseDevelopmentEmulator")?.Equals("true", StringComparison.OrdinalIgnoreCase) == true;
        if (!Uri.TryCreate(Part(parts, "Endpoint"), UriKind.Absolute, out var endpoint) || endpoint.Host.Length == 0)
            throw Wrong("Endpoint is an address such as sb://name.servicebus.windows.net/");
        var address = isEmulator ? new UriBuilder("http", endpoint.Host, httpPort).Uri : new UriBuilder("https", endpoint.Host).Uri;
        return new EventHubEndpoint(address, Part(parts, "EntityPath"), Part(parts, "SharedAccessKeyName"), Part(parts, "SharedAccessKey"));
    }

    private static string Part(Dictionary<string, string> parts, string name) =>
        parts.GetValueOrDefault(name) is { Length: > 0 } value ? value : throw Wrong($"{name} is missing");

    private static CliException Wrong(string what) =>
        new(ExitCode.Usage, $"--connection-string (or {Variable}): {what}. It reads Endpoint=sb://…;SharedAccessKeyName=…;SharedAccessKey=…;EntityPath=…");
}
