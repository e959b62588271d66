using System.Text.RegularExpressions;
using ActionTrail.Functions.Settings;

namespace ActionTrail.Tests.Infrastructure;

/// <summary>A setting is the same in code, bindings, templates, example and documents: whatever is missing in one of them fails here, not in the cloud.</summary>
public partial class SettingsAgreementTests
{
    private const string App = "infra/modules/function-app.bicep";

    /// <summary>What the Functions host and telemetry read by themselves. docs/settings.md names them too.</summary>
    private static readonly string[] OfTheHost = ["AzureWebJobsStorage", "APPLICATIONINSIGHTS_CONNECTION_STRING", "APPLICATIONINSIGHTS_AUTHENTICATION_STRING"];

    /// <summary>Only for the local tools: on Flex Consumption it is a property of the app, and the setting is refused.</summary>
    private const string Runtime = "FUNCTIONS_WORKER_RUNTIME";

    private static readonly string[] InTemplate = Repository.Members(Repository.Templates[App], "properties: union({");

    private static readonly string[] InExample = [.. Repository.Json("local.settings.json.example").GetProperty("Values").EnumerateObject().Select(static member => member.Name)];

    [Fact]
    public void Every_setting_that_a_binding_names_is_in_the_template_the_example_and_the_documents()
    {
        var documents = Repository.Read("docs/settings.md");

        Assert.NotEmpty(Repository.NamedByBindings);
        Assert.All(Repository.NamedByBindings, name =>
        {
            Assert.Contains(name, InTemplate.Select(Connection));
            Assert.Contains(name, InExample);
            Assert.Contains($"`{name}`", documents, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void The_template_has_every_setting_without_which_the_app_does_not_start()
    {
        var required = AppSettings.All.Where(static one => one.Default is null && one != AppSettings.Port).Select(static one => one.Name);

        Assert.All(required, name => Assert.Contains(name, InTemplate.Select(Connection)));
        Assert.All(required, name => Assert.Contains(name, InExample));
    }

    [Fact]
    public void Templates_parameter_files_and_example_have_no_setting_that_nobody_reads()
    {
        var known = AppSettings.All.Select(static one => one.Name).Concat(Repository.NamedByBindings).Concat(OfTheHost).ToHashSet(StringComparer.Ordinal);
        var inParameters = Repository.Templates.Where(static file => file.Key.EndsWith(".bicepparam", StringComparison.Ordinal) && file.Value.Contains("param settings = {", StringComparison.Ordinal))
            .SelectMany(static file => Repository.Members(file.Value, "param settings = {"));

        Assert.All(InTemplate.Concat(inParameters), name => Assert.True(known.Contains(Connection(name)), $"nobody reads {name}"));
        Assert.All(InExample, name => Assert.True(name == Runtime || known.Contains(name), $"nobody reads {name}"));
        Assert.DoesNotContain(Runtime, InTemplate);
    }

    [Fact]
    public void A_connection_has_no_plain_value_in_the_template_and_the_same_members_as_the_code_reads()
    {
        foreach (var connection in new[] { "AzureWebJobsStorage", AppSettings.DataAccount.Name })
        {
            Assert.Equal(
                new[] { "blobServiceUri", "clientId", "credential", "queueServiceUri", "tableServiceUri" }.Select(member => $"{connection}__{member}"),
                InTemplate.Where(name => Connection(name) == connection).Order(StringComparer.Ordinal));
        }

        Assert.DoesNotContain("EventHubConnection", InTemplate);
        Assert.Contains("EventHubConnection__fullyQualifiedNamespace", InTemplate);
    }

    [Fact]
    public void Secrets_are_references_to_secrets_that_the_vault_has()
    {
        var referred = SecretReference().Matches(Repository.Templates[App]).ToDictionary(static match => match.Groups["setting"].Value, static match => match.Groups["secret"].Value, StringComparer.Ordinal);
        var vault = Repository.Templates["infra/modules/vault.bicep"];

        Assert.Contains(AppSettings.OperatorKey.Name, referred.Keys);
        Assert.Contains(AppSettings.EncryptionKey.Name, referred.Keys);
        Assert.All(referred, one => Assert.Contains($"name: '{one.Value}'", vault, StringComparison.Ordinal));
    }

    /// <summary><c>X__member</c> is the connection X; our own settings have sections of their own.</summary>
    private static string Connection(string name) =>
        name.StartsWith("ActionTrail__", StringComparison.Ordinal) || !name.Contains("__", StringComparison.Ordinal) ? name : name[..name.IndexOf("__", StringComparison.Ordinal)];

    [GeneratedRegex(@"(?<setting>\w+): '@Microsoft\.KeyVault\(SecretUri=\$\{vaultUri\}secrets/(?<secret>[a-z-]+)\)'", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SecretReference();
}
