using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using ActionTrail.Layout;
using ActionTrail.Tests.Functions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace ActionTrail.Tests.Infrastructure;

/// <summary>The templates name the queues, hub, containers, roles and log messages that the code has, and hold no key.</summary>
public partial class TemplateTests
{
    private const string DataStorage = "infra/modules/data-storage.bicep";
    private const string RolesFile = "infra/modules/roles.bicep";
    private const string Alerts = "infra/modules/alerts.bicep";

    /// <summary>What a binding needs the app's identity to be allowed.</summary>
    private static readonly Dictionary<string, string> RoleOfBinding = new(StringComparer.Ordinal)
    {
        ["queueTrigger"] = "queueContributor",
        ["eventHubTrigger"] = "eventHubReceiver",
        ["timerTrigger"] = "blobOwner",
        ["httpTrigger"] = "",
        ["http"] = "",
    };

    /// <summary>Built-in roles by the names of Azure's documentation.</summary>
    private static readonly Dictionary<string, string> BuiltIn = new(StringComparer.Ordinal)
    {
        ["b7e6dc6d-f1e8-4753-8033-0f276bb0955b"] = "Storage Blob Data Owner",
        ["ba92f5b4-2d11-453d-a403-e96b0029c9fe"] = "Storage Blob Data Contributor",
        ["2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"] = "Storage Blob Data Reader",
        ["0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"] = "Storage Table Data Contributor",
        ["974c5e8b-45b9-4653-ba55-5f855dd0fb88"] = "Storage Queue Data Contributor",
        ["a638d3c7-ab3a-418d-83e6-5f17a39d4fde"] = "Azure Event Hubs Data Receiver",
        ["2b629674-e913-4c01-ae53-ef4638d8f975"] = "Azure Event Hubs Data Sender",
        ["4633458b-17de-408a-b874-0445c86b69e6"] = "Key Vault Secrets User",
        ["12338af0-0e69-4776-bea7-57ae8d297424"] = "Key Vault Crypto User",
        ["3913510d-42f4-4e42-8a64-420c390055eb"] = "Monitoring Metrics Publisher",
    };

    [Fact]
    public void Every_queue_that_a_function_reads_or_the_code_writes_is_made_with_its_poison_twin()
    {
        var made = Repository.List(DataStorage, "queues").SelectMany(static queue => new[] { queue, queue + Queues.PoisonSuffix }).ToHashSet(StringComparer.Ordinal);
        var read = Repository.Functions.Values.SelectMany(static bindings => bindings).Where(static one => one.GetProperty("type").GetString() == "queueTrigger").Select(static one => one.GetProperty("queueName").GetString()!).ToList();

        Assert.NotEmpty(read);
        Assert.Superset(read.SelectMany(static queue => new[] { queue, queue + Queues.PoisonSuffix }).ToHashSet(StringComparer.Ordinal), made);
        Assert.Superset(Queues.All.ToHashSet(StringComparer.Ordinal), made);
        Assert.Superset(read.ToHashSet(StringComparer.Ordinal), Queues.All.ToHashSet(StringComparer.Ordinal));
        Assert.Contains("name: '${queue}" + Queues.PoisonSuffix + "'", Repository.Templates[DataStorage], StringComparison.Ordinal);
        Assert.Equal(Containers.All.Order(StringComparer.Ordinal), Repository.List(DataStorage, "containers").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Hub_and_consumer_group_are_those_of_the_local_settings()
    {
        var example = Repository.Json("local.settings.json.example").GetProperty("Values");
        var main = Repository.Templates["infra/main.bicep"];

        Assert.Contains($"var hubName = '{example.GetProperty("EventHubName").GetString()}'", main, StringComparison.Ordinal);
        Assert.Contains($"var consumerGroup = '{example.GetProperty("EventHubConsumerGroup").GetString()}'", main, StringComparison.Ordinal);
        Assert.All(Repository.Templates.Where(static file => file.Key.StartsWith("infra/connect/", StringComparison.Ordinal)), file => Assert.Contains($"param hubName string = '{example.GetProperty("EventHubName").GetString()}'", file.Value, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_binding_has_the_role_it_needs_and_every_role_is_known_used_and_documented()
    {
        var text = Repository.Templates[RolesFile];
        var roles = RoleId().Matches(text).ToDictionary(static match => match.Groups["name"].Value, static match => match.Groups["id"].Value, StringComparer.Ordinal);
        var granted = RoleUse().Matches(text).Select(static match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        var documented = Repository.Rows("infra/README.md").Where(static cells => cells.Length == 4 && cells[0] is "the app" or "publisherPrincipalIds" or "auditorGroupIds").Select(static cells => cells[1]).ToHashSet(StringComparer.Ordinal);

        foreach (var (function, bindings) in Repository.Functions)
        {
            foreach (var type in bindings.Select(static one => one.GetProperty("type").GetString()!))
            {
                Assert.True(RoleOfBinding.TryGetValue(type, out var needed), $"{function}: which role does {type} need?");
                Assert.True(needed!.Length == 0 || granted.Contains(needed), $"{function}: {needed} is not granted");
            }
        }

        Assert.Equal(roles.Keys.Order(StringComparer.Ordinal), granted.Order(StringComparer.Ordinal));
        Assert.Equal(documented.Order(StringComparer.Ordinal), roles.Values.Select(static id => BuiltIn[id]).Distinct().Order(StringComparer.Ordinal));
        Assert.DoesNotContain(Repository.Templates.Where(static file => file.Key != RolesFile), static file => file.Value.Contains("roleAssignments@", StringComparison.Ordinal));
    }

    [Fact]
    public void No_template_holds_reads_or_allows_a_key()
    {
        foreach (var (file, text) in Repository.Templates)
        {
            Assert.False(Forbidden().IsMatch(text), $"{file}: {Forbidden().Match(text).Value}");
            foreach (Match account in StorageAccount().Matches(text))
                Assert.Contains("allowSharedKeyAccess: false", account.Value, StringComparison.Ordinal);
        }

        // The one way to allow keys on the namespace is a parameter that is off.
        Assert.Contains("param acceptDiagnosticSettings bool = false", Repository.Templates["infra/main.bicep"], StringComparison.Ordinal);
        Assert.Contains("disableLocalAuth: !acceptDiagnosticSettings", Repository.Templates["infra/modules/event-hub.bicep"], StringComparison.Ordinal);
        Assert.Contains("DisableLocalAuth: true", Repository.Templates["infra/modules/monitoring.bicep"], StringComparison.Ordinal);
    }

    [Fact]
    public void Parameter_files_give_what_is_required_and_nothing_else_and_take_secrets_from_the_environment()
    {
        var main = Repository.Templates["infra/main.bicep"];
        var parameters = Parameter().Matches(main).ToDictionary(static match => match.Groups["name"].Value, static match => match.Groups["value"].Success, StringComparer.Ordinal);
        var secure = SecureParameter().Matches(main).Select(static match => match.Groups["name"].Value).ToList();

        Assert.Equal(["operatorKey", "encryptionKey", "checkpointKey"], secure);
        foreach (var (file, text) in Repository.Templates.Where(static file => file.Key.EndsWith(".bicepparam", StringComparison.Ordinal)))
        {
            Assert.StartsWith("using 'main.bicep'\n", text, StringComparison.Ordinal);
            var given = Parameter().Matches(text).Select(static match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
            Assert.Superset(given, parameters.Keys.ToHashSet(StringComparer.Ordinal));
            Assert.Superset(parameters.Where(static one => !one.Value).Select(static one => one.Key).ToHashSet(StringComparer.Ordinal), given);
            Assert.All(secure.Where(given.Contains), name => Assert.Matches($@"(?m)^param {name} = readEnvironmentVariable\('ACTIONTRAIL_[A-Z_]+', ''\)$", text));
            Assert.True(given.Count > 3, file);
        }
    }

    [Fact]
    public async Task Alerts_read_log_messages_that_exist_by_a_pattern_that_finds_them()
    {
        var text = Repository.Templates[Alerts];
        var levels = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(static file => LogMessage().Matches(File.ReadAllText(file)))
            .ToDictionary(static match => match.Groups["id"].Value, static match => match.Groups["level"].Value, StringComparer.Ordinal);
        var messages = MessageAlert().Matches(text);

        Assert.True(messages.Count >= 8);
        Assert.All(messages.SelectMany(static match => match.Groups["ids"].Value.Split(", ")), id => Assert.True(levels.TryGetValue(id, out var level) && level is "Warning" or "Error", $"message {id}"));

        // The pattern of the query, on a line as the app's own console writes it.
        await using var app = await TestApp.StartAsync();
        var simple = app.App.Services.GetService(typeof(IEnumerable<ConsoleFormatter>)) is IEnumerable<ConsoleFormatter> all ? all.Single(static one => one.Name == ConsoleFormatterNames.Simple) : null;
        using var line = new StringWriter(CultureInfo.InvariantCulture);
        simple!.Write(new LogEntry<string>(LogLevel.Error, "ActionTrail.Delivery.BlobDelivery", new EventId(6104), "delivery [7] is undelivered", exception: null, static (state, _) => state), scopeProvider: null, line);
        var pattern = Pattern().Match(text).Groups["pattern"].Value.Replace(@"\\", @"\", StringComparison.Ordinal);
        Assert.Equal("6104", Regex.Match(line.ToString(), pattern, RegexOptions.None, TimeSpan.FromSeconds(1)).Groups[1].Value);
    }

    [Fact]
    public void Documents_list_the_alerts_of_the_template()
    {
        var text = Repository.Templates[Alerts];
        var documented = Repository.Rows("infra/README.md").Where(static cells => cells.Length == 3 && cells[1].Length == 1 && char.IsAsciiDigit(cells[1][0])).Select(static cells => $"{cells[0]} {cells[1]}: {cells[2]}").ToList();
        var made = MessageAlert().Matches(text).Select(static one => $"{one.Groups["name"].Value} {one.Groups["severity"].Value}: message{(one.Groups["ids"].Value.Contains(',', StringComparison.Ordinal) ? "s" : "")} {one.Groups["ids"].Value}")
            .Concat(RunAlert().Matches(text).Select(static one => $"{one.Groups["name"].Value} {one.Groups["severity"].Value}: {one.Groups["function"].Value}: none in {one.Groups["window"].Value}"))
            .ToList();

        Assert.Equal(made, documented.Where(static one => !one.StartsWith("hub-not-read", StringComparison.Ordinal)));
        var playbooks = Repository.Rows("docs/operations.md").Where(static cells => cells.Length == 3).Select(static cells => cells[0]).ToList();
        Assert.All(documented, one => Assert.Contains(playbooks, cell => cell.Split(", ").Contains(one.Split(' ')[0], StringComparer.Ordinal)));
        var timers = Repository.Functions.Where(static one => one.Value[0].GetProperty("type").GetString() == "timerTrigger").Select(static one => one.Key).ToHashSet(StringComparer.Ordinal);
        Assert.Superset(timers, RunAlert().Matches(text).Select(static one => one.Groups["function"].Value).ToHashSet(StringComparer.Ordinal));
    }

    [Fact]
    public void What_the_templates_take_for_granted_is_so()
    {
        var host = Repository.Json("host.json");
        Assert.Equal("Request;Trace;Exception", host.GetProperty("logging").GetProperty("applicationInsights").GetProperty("samplingSettings").GetProperty("excludedTypes").GetString());
        Assert.Equal("ActionTrail.Functions", host.GetProperty("customHandler").GetProperty("description").GetProperty("defaultExecutablePath").GetString());
        Assert.Contains("name: 'custom'", Repository.Templates["infra/modules/function-app.bicep"], StringComparison.Ordinal);
        Assert.Contains("'azd-service-name': 'trail'", Repository.Templates["infra/modules/function-app.bicep"], StringComparison.Ordinal);
        var azd = Repository.Read("azure.yaml");
        Assert.Contains("\n  trail:\n", azd, StringComparison.Ordinal);
        Assert.Contains("dist: artifacts/package/linux-x64", azd, StringComparison.Ordinal);
        using var workbook = JsonDocument.Parse(Repository.Read("infra/modules/workbook.json"));
        Assert.Equal("Notebook/1.0", workbook.RootElement.GetProperty("version").GetString());
    }

    [GeneratedRegex(@"^  (?<name>\w+): '(?<id>[0-9a-f]{8}-[0-9a-f-]{27})'", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RoleId();

    [GeneratedRegex(@"roles\.(?<name>\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RoleUse();

    [GeneratedRegex(@"listKeys|listSecrets|listAccountSas|listServiceSas|AccountKey=|SharedAccessKey|allowSharedKeyAccess: true|allowBlobPublicAccess: true|[dD]isableLocalAuth: false|primaryConnectionString", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Forbidden();

    [GeneratedRegex(@"^resource \w+ 'Microsoft\.Storage/storageAccounts@[\d-]+' = \{.*?^\}", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex StorageAccount();

    [GeneratedRegex(@"^param (?<name>\w+)( \w+)?(?<value> = )?", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Parameter();

    [GeneratedRegex(@"^@secure\(\)\nparam (?<name>\w+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SecureParameter();

    [GeneratedRegex(@"LoggerMessage\((?<id>\d+), LogLevel\.(?<level>\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LogMessage();

    [GeneratedRegex(@"name: '(?<name>[a-z-]+)', severity: (?<severity>\d), ids: '(?<ids>[\d, ]+)'", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MessageAlert();

    [GeneratedRegex(@"name: '(?<name>[a-z-]+)', severity: (?<severity>\d), function: '(?<function>\w+)', window: '(?<window>\w+)'", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RunAlert();

    [GeneratedRegex(@"extract\(@""(?<pattern>[^""]+)""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pattern();
}
