using System.Globalization;
using System.Text.RegularExpressions;
using ActionTrail.Delivery;
using ActionTrail.Layout;
using ActionTrail.Trails;
using Azure.Core;
using Microsoft.Extensions.Configuration;

namespace ActionTrail.Azure.Streaming;

/// <summary>
/// The streams and Log Analytics tables that the operator has configured, each under a name: sections <c>{root}:Streams:{name}</c> with <c>Connection</c>, or
/// <c>Namespace</c> and <c>Hub</c>; and <c>{root}:LogAnalytics:{name}</c> with <c>Endpoint</c>, <c>RuleId</c> and <c>Stream</c>; both with <c>Accounts</c>, <c>MaxBatchBytes</c>, and
/// the identity's <c>credential</c>, <c>clientId</c>, <c>tenantId</c>, <c>clientSecret</c>.
/// </summary>
public sealed partial class BatchTargets : IConfiguredDestinations
{
    private const int DefaultBatchBytes = 1_000_000;
    private const int LeastBatchBytes = 10_000;
    private const int MostBatchBytes = 1024 * 1024;

    private static readonly Dictionary<DestinationKind, string> Sections = new() { [DestinationKind.Stream] = "Streams", [DestinationKind.LogAnalytics] = "LogAnalytics" };

    private readonly Dictionary<DestinationKind, Dictionary<string, IBatchTarget>> byKind = Sections.Keys.ToDictionary(
        static kind => kind, static _ => new Dictionary<string, IBatchTarget>(StringComparer.Ordinal));

    private BatchTargets()
    {
    }

    /// <summary>The configured places of a kind by name.</summary>
    public IReadOnlyDictionary<string, IBatchTarget> Of(DestinationKind kind) => byKind[kind];

    public bool Offers(DestinationKind kind, string name, string account) => byKind.TryGetValue(kind, out var targets) && targets.TryGetValue(name, out var target) && target.Allows(account);

    /// <summary>Reads them all. What is wrong goes to <paramref name="refuse"/>, with the setting's name and never its value.</summary>
    /// <param name="configuration">Settings.</param>
    /// <param name="root">Section above.</param>
    /// <param name="time">The clock.</param>
    /// <param name="refuse">Takes one fault.</param>
    /// <param name="http">Carries the requests: no redirects, no cookies.</param>
    public static BatchTargets Read(IConfiguration configuration, string root, TimeProvider time, Action<string> refuse, HttpMessageInvoker http) =>
        Read(configuration, root, time, refuse, http, StorageConnection.ReadCredential);

    internal static BatchTargets Read(
        IConfiguration configuration, string root, TimeProvider time, Action<string> refuse, HttpMessageInvoker http, Func<IConfigurationSection, TokenCredential> credential)
    {
        var targets = new BatchTargets();
        foreach (var (kind, sectionName) in Sections)
        {
            foreach (var section in configuration.GetSection($"{root}:{sectionName}").GetChildren())
            {
                var reader = new Reader(section, refuse);
                if (!IsName(section.Key))
                    reader.Refuse("", "has a name of 1 to 40 lower-case letters, digits and hyphens, a letter first.");
                var allows = reader.Accounts();
                var maxBatchBytes = reader.BatchBytes();
                targets.byKind[kind][section.Key] = kind == DestinationKind.Stream
                    ? new EventHubTarget(section.Key, ReadHub(section, reader, time, credential), allows, maxBatchBytes, http, time)
                    : new LogIngestionTarget(section.Key, ReadStream(reader), new(credential(section), "https://monitor.azure.com/.default", time), allows, maxBatchBytes, http);
            }
        }

        return targets;
    }

    /// <summary>Whether a text can be the name of a configured destination.</summary>
    public static bool IsName(string name) => NameGrammar().IsMatch(name);

    private static EventHubAddress ReadHub(IConfigurationSection section, Reader reader, TimeProvider time, Func<IConfigurationSection, TokenCredential> credential)
    {
        var connection = section["Connection"];
        if (string.IsNullOrWhiteSpace(connection))
        {
            var space = reader.Match("Namespace", NamespaceGrammar(), "is a host name such as my-namespace.servicebus.windows.net; or Connection is given.");
            var hub = reader.Match("Hub", HubGrammar(), "is the name of the event hub.");
            return new(new Uri($"https://{space}/{hub}"), null, null, new(credential(section), "https://eventhubs.azure.net/.default", time));
        }

        var parts = connection.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(static part => part.Split('=', 2))
            .Where(static pair => pair.Length == 2)
            .GroupBy(static pair => pair[0], StringComparer.OrdinalIgnoreCase)
            .ToDictionary(static same => same.Key, static same => same.First()[1], StringComparer.OrdinalIgnoreCase);
        var isLocal = parts.GetValueOrDefault("UseDevelopmentEmulator") is { } emulator && bool.TryParse(emulator, out var isEmulator) && isEmulator;
        if (parts.TryGetValue("EntityPath", out var path) && HubGrammar().IsMatch(path)
            && Uri.TryCreate(parts.GetValueOrDefault("Endpoint"), UriKind.Absolute, out var endpoint) && endpoint.Scheme == "sb" && (!isLocal || endpoint.IsLoopback)
            && parts.TryGetValue("SharedAccessKeyName", out var keyName) && parts.TryGetValue("SharedAccessKey", out var key))
        {
            var port = endpoint.IsDefaultPort || endpoint.Port < 0 ? "" : string.Create(CultureInfo.InvariantCulture, $":{endpoint.Port}");
            return new(new Uri($"{(isLocal ? "http" : "https")}://{endpoint.Host}{port}/{path}"), keyName, key, null);
        }

        reader.Refuse("Connection", "is a connection string with Endpoint=sb://…, SharedAccessKeyName, SharedAccessKey and EntityPath; UseDevelopmentEmulator=true only for this machine.");
        return new(new Uri("https://localhost/"), "", "", null);
    }

    private static Uri ReadStream(Reader reader)
    {
        var endpoint = reader.Address("Endpoint");
        var rule = reader.Match("RuleId", RuleGrammar(), "is the immutable id of a data collection rule, dcr- and 32 hexadecimal digits.");
        var stream = reader.Match("Stream", StreamGrammar(), "is the name of one of the rule's streams, such as Custom-ActionTrail_CL.");
        return new Uri(endpoint, $"{endpoint.AbsolutePath.TrimEnd('/')}/dataCollectionRules/{rule}/streams/{stream}?api-version=2023-01-01");
    }

    private sealed class Reader(IConfigurationSection section, Action<string> refuse)
    {
        public void Refuse(string setting, string rule) =>
            refuse($"Setting {section.Path.Replace(":", "__", StringComparison.Ordinal)}{(setting.Length == 0 ? "" : "__")}{setting} {rule}");

        public string Match(string setting, Regex grammar, string rule)
        {
            if (section[setting] is { } value && grammar.IsMatch(value))
                return value;
            Refuse(setting, rule);
            return "missing";
        }

        public Uri Address(string setting)
        {
            if (Uri.TryCreate(section[setting], UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback)))
                return address;
            Refuse(setting, "is an https address, or http on this machine.");
            return new Uri("https://localhost/");
        }

        /// <summary><c>*</c>, or account ids separated by commas.</summary>
        public Func<string, bool> Accounts()
        {
            var accounts = (section["Accounts"] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToHashSet(StringComparer.Ordinal);
            if (accounts.Count == 0)
                Refuse("Accounts", "says whose trails may deliver there: account ids separated by commas, or * for all.");
            return accounts.Contains("*") ? static _ => true : accounts.Contains;
        }

        public int BatchBytes()
        {
            if (string.IsNullOrEmpty(section["MaxBatchBytes"]))
                return DefaultBatchBytes;
            if (int.TryParse(section["MaxBatchBytes"], NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) && bytes is >= LeastBatchBytes and <= MostBatchBytes)
                return bytes;
            Refuse("MaxBatchBytes", string.Create(CultureInfo.InvariantCulture, $"is a whole number from {LeastBatchBytes} to {MostBatchBytes}."));
            return DefaultBatchBytes;
        }
    }

    [GeneratedRegex(@"^[a-z][a-z0-9-]{0,39}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NameGrammar();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9.-]{1,250}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NamespaceGrammar();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,255}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex HubGrammar();

    [GeneratedRegex(@"^dcr-[0-9a-f]{32}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RuleGrammar();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_-]{0,199}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex StreamGrammar();
}
