namespace ActionTrail.Cli.Connection;

/// <summary>Which service to talk to, and as whom.</summary>
/// <remarks>No record: its text would hold the secret.</remarks>
internal sealed class ConnectionSettings
{
    public const string DefaultEndpoint = "http://localhost:7071";
    public const string EndpointVariable = "ACTIONTRAIL_ENDPOINT";
    public const string KeyVariable = "ACTIONTRAIL_KEY";

    private ConnectionSettings(Uri endpoint, string? user, string? secret, string? account)
    {
        Endpoint = endpoint;
        User = user;
        Secret = secret;
        Account = account;
    }

    /// <summary>Root of the API, ending in a slash.</summary>
    public Uri Endpoint { get; }

    /// <summary>Id of the access key, or <c>operator</c>; null: no credentials.</summary>
    public string? User { get; }

    public string? Secret { get; }

    /// <summary>Account the operator acts for; null: its own.</summary>
    public string? Account { get; }

    /// <summary>Text that tells two targets apart, without secrets.</summary>
    public string Description => $"{Endpoint.AbsoluteUri} as {User ?? "nobody"}{(Account is null ? "" : " for " + Account)}";

    /// <summary>
    /// Decides each value: the option, else the environment variable, else the profile, else the default.
    /// </summary>
    /// <exception cref="CliException">A value breaks its grammar. The message never repeats a key.</exception>
    public static ConnectionSettings Resolve(string? endpointOption, string? keyOption, string? account, Func<string, string?> variable, Profile? profile = null)
    {
        var endpoint = endpointOption ?? NotEmpty(variable(EndpointVariable)) ?? profile?.Endpoint ?? DefaultEndpoint;
        var key = keyOption ?? NotEmpty(variable(KeyVariable)) ?? profile?.Key;
        account ??= profile?.Account;
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.UserInfo.Length > 0 || address.Query.Length > 0)
            throw new CliException(ExitCode.Usage, "--endpoint is the address of the service, such as https://audit.example.com, without user, key or query.");
        if (key is not null && key.IndexOf(':', StringComparison.Ordinal) is < 1)
            throw new CliException(ExitCode.Usage, $"--key (or {KeyVariable}) is ID:SECRET: the id of an access key, or 'operator', a colon, and the secret.");
        var root = address.AbsoluteUri.EndsWith('/') ? address : new Uri(address.AbsoluteUri + "/");
        var colon = key?.IndexOf(':', StringComparison.Ordinal) ?? 0;
        return new ConnectionSettings(root, key?[..colon], key?[(colon + 1)..], account);
    }

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
