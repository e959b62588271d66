using System.Collections.Frozen;

namespace ActionTrail.Events.Azure;

/// <summary>What is known by name: categories, provider spellings, operations that count as sensitive.</summary>
internal static class AzureNames
{
    private static readonly FrozenSet<string> SignIn = Set("SignInLogs", "NonInteractiveUserSignInLogs", "ServicePrincipalSignInLogs", "ManagedIdentitySignInLogs", "ADFSSignInLogs");

    private static readonly FrozenSet<string> Directory = Set("AuditLogs", "Audit");

    private static readonly FrozenSet<string> Service = Set("ServiceHealth", "ResourceHealth", "Alert", "Autoscale", "Recommendation", "Security");

    private static readonly FrozenSet<string> Control = Set("Administrative", "Policy", "Write", "Delete", "Action");

    // The stream often carries provider names in upper case.
    private static readonly FrozenDictionary<string, string> Providers = new[]
    {
        "Microsoft.aadiam", "Microsoft.Advisor", "Microsoft.ApiManagement", "Microsoft.App", "Microsoft.AppConfiguration",
        "Microsoft.Authorization", "Microsoft.Automation", "Microsoft.Batch", "Microsoft.Billing", "Microsoft.Cache", "Microsoft.Cdn",
        "Microsoft.CognitiveServices", "Microsoft.Compute", "Microsoft.Consumption", "Microsoft.ContainerInstance",
        "Microsoft.ContainerRegistry", "Microsoft.ContainerService", "Microsoft.CostManagement", "Microsoft.DataFactory",
        "Microsoft.Databricks", "Microsoft.DBforMySQL", "Microsoft.DBforPostgreSQL", "Microsoft.Devices", "Microsoft.DocumentDB",
        "Microsoft.EventGrid", "Microsoft.EventHub", "Microsoft.Insights", "Microsoft.KeyVault", "Microsoft.Kubernetes", "Microsoft.Logic",
        "Microsoft.MachineLearningServices", "Microsoft.ManagedIdentity", "Microsoft.Management", "Microsoft.Network",
        "Microsoft.OperationalInsights", "Microsoft.PolicyInsights", "Microsoft.RecoveryServices", "Microsoft.ResourceHealth",
        "Microsoft.Resources", "Microsoft.Search", "Microsoft.Security", "Microsoft.SecurityInsights", "Microsoft.ServiceBus",
        "Microsoft.ServiceHealth", "Microsoft.Sql", "Microsoft.Storage", "Microsoft.Subscription", "Microsoft.Support", "Microsoft.Synapse", "Microsoft.Web",
    }.ToFrozenDictionary(name => name, StringComparer.OrdinalIgnoreCase);

    private static readonly string[] SensitiveEndings =
    [
        "/roleassignments/write", "/roleassignments/delete", "/roledefinitions/write", "/roledefinitions/delete", "/elevateaccess/action",
        "/policyassignments/delete", "/locks/delete", "/diagnosticsettings/delete", "/vaults/delete", "/vaults/accesspolicies/write",
        "/listkeys/action", "/listaccountsas/action", "/regeneratekey/action", "/networksecuritygroups/delete", "/securityrules/write",
    ];

    public static string Provider(string name) => Providers.GetValueOrDefault(name, name);

    public static bool IsSignIn(string? category) => category is not null && SignIn.Contains(category);

    /// <summary>Logs of Entra ID: sign-ins and directory changes.</summary>
    public static bool IsEntra(string? category) => IsSignIn(category) || (category is not null && Directory.Contains(category));

    public static bool IsManagement(string? category) => category is null || Control.Contains(category) || Service.Contains(category) || IsEntra(category);

    public static string EventType(string? category, string operation) =>
        IsSignIn(category) ? "ConsoleSignin"
        : IsEntra(category) && (Has(operation, "sign-out") || Has(operation, "logout")) ? "ConsoleSignout"
        : category is not null && Service.Contains(category) ? "ServiceEvent"
        : "ApiCall";

    public static bool IsRead(string? category, string operation)
    {
        if (operation.Contains('/', StringComparison.Ordinal))
        {
            return operation.EndsWith("/read", StringComparison.OrdinalIgnoreCase);
        }

        return !IsManagement(category) && (operation.StartsWith("Get", StringComparison.Ordinal) || operation.StartsWith("List", StringComparison.Ordinal)
            || operation.EndsWith("Get", StringComparison.Ordinal) || operation.EndsWith("List", StringComparison.Ordinal) || operation.EndsWith("ListVersions", StringComparison.Ordinal));
    }

    public static bool IsSensitive(string operation) => SensitiveEndings.Any(ending => operation.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    private static bool Has(string text, string part) => text.Contains(part, StringComparison.OrdinalIgnoreCase);

    private static FrozenSet<string> Set(params string[] names) => names.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}
