using System.Globalization;
using ActionTrail.LocalRunner.Options;

namespace ActionTrail.LocalRunner.Hosting;

/// <summary>
/// The event hub of <c>--event-hub</c>: the official emulator (<c>UseDevelopmentEmulator=true</c>, plain AMQP) or a namespace (TLS). Nothing that
/// shows one of these shows its key.
/// </summary>
/// <param name="Endpoint">As given: <c>sb://host[:port]</c>.</param>
/// <param name="KeyName">A policy with Listen and, for the demo and the local send calls, Send.</param>
/// <param name="Key">Secret.</param>
/// <param name="Emulator">True: AMQP without TLS.</param>
/// <param name="Name">The hub.</param>
internal sealed record OtherEventHub(Uri Endpoint, string KeyName, string Key, bool Emulator, string Name)
{
    private const string FromEnvironment = "env:";

    /// <summary>What client libraries take.</summary>
    public string ConnectionString =>
        $"Endpoint=sb://{Endpoint.Authority}/;SharedAccessKeyName={KeyName};SharedAccessKey={Key};{(Emulator ? "UseDevelopmentEmulator=true;" : "")}EntityPath={Name}";

    /// <summary>Where it is, without secrets.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"sb://{Endpoint.Host}:{(Endpoint.Port > 0 ? Endpoint.Port : Emulator ? 5672 : 5671)}/{Name}");

    public override string ToString() => Address;

    /// <summary>
    /// Reads a connection string, or the one in the environment variable that <c>env:NAME</c> names. <paramref name="defaultName"/> is the hub where there is no
    /// EntityPath. Throws a <see cref="RunnerException"/> that names every fault and repeats no value that may be secret.
    /// </summary>
    public static OtherEventHub Parse(string text, string? defaultName)
    {
        var connection = text.StartsWith(FromEnvironment, StringComparison.OrdinalIgnoreCase) ? Variable(text[FromEnvironment.Length..]) : text;
        var faults = new List<string>();
        var parts = Parts(connection, faults);
        var keyName = parts.GetValueOrDefault("SharedAccessKeyName") ?? "";
        var key = parts.GetValueOrDefault("SharedAccessKey") ?? "";
        var endpoint = ReadEndpoint(parts.GetValueOrDefault("Endpoint"), faults);
        var name = parts.GetValueOrDefault("EntityPath") is { Length: > 0 } path ? path : defaultName ?? "";
        if (parts.ContainsKey("SharedAccessSignature"))
        {
            faults.Add("SharedAccessSignature is not supported, for it ends; give SharedAccessKeyName and SharedAccessKey");
        }
        else if (keyName.Length == 0 && key.Length == 0)
        {
            faults.Add("SharedAccessKeyName and SharedAccessKey are missing; an identity instead of a key (a namespace without local authentication) is not supported on this machine");
        }
        else if (keyName.Length == 0 || key.Length == 0)
        {
            faults.Add($"{(key.Length == 0 ? "SharedAccessKey" : "SharedAccessKeyName")} is missing");
        }

        if (name.Length == 0)
        {
            faults.Add("EntityPath (the event hub's name) is missing, and the setting EventHubName has none either");
        }

        var emulator = false;
        if (parts.GetValueOrDefault("UseDevelopmentEmulator") is { } flag && !bool.TryParse(flag, out emulator))
        {
            faults.Add("UseDevelopmentEmulator is neither true nor false");
        }

        return faults.Count == 0
            ? new OtherEventHub(endpoint!, keyName, key, emulator, name)
            : throw new RunnerException(
                $"--event-hub: {string.Join("; ", faults)}. It looks like Endpoint=sb://host;SharedAccessKeyName=...;SharedAccessKey=...;EntityPath=..., with UseDevelopmentEmulator=true for an emulator.");
    }

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
        ? value
        : throw new RunnerException($"--event-hub: the environment variable '{name}' is not set.");

    private static Dictionary<string, string> Parts(string connection, List<string> faults)
    {
        var parts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in connection.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                faults.Add("a part has no '='");
            }
            else if (!parts.TryAdd(part[..equals].TrimEnd(), part[(equals + 1)..].TrimStart()))
            {
                faults.Add($"{part[..equals].TrimEnd()} is there twice");
            }
        }

        return parts;
    }

    private static Uri? ReadEndpoint(string? text, List<string> faults)
    {
        if (string.IsNullOrEmpty(text))
        {
            faults.Add("Endpoint is missing");
        }
        else if (Uri.TryCreate(text, UriKind.Absolute, out var endpoint) && endpoint.Scheme == "sb" && endpoint.Host.Length > 0 && endpoint.PathAndQuery == "/" && endpoint.UserInfo.Length == 0)
        {
            return endpoint;
        }
        else
        {
            faults.Add("Endpoint is not of the form sb://host or sb://host:port");
        }

        return null;
    }
}
