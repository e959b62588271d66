namespace ActionTrail.Events.Azure;

/// <summary>The parts of an Azure resource id, whatever its case.</summary>
/// <param name="SubscriptionId">Lower case; null when the id names none.</param>
/// <param name="TenantId">Lower case; null when the id names none.</param>
/// <param name="Provider">Namespace of the last provider, in its usual spelling.</param>
/// <param name="Type"><c>namespace/type[/subtype]</c>; null below a resource.</param>
/// <param name="Name">Name of the last resource.</param>
internal sealed record AzureResource(string? SubscriptionId, string? TenantId, string? Provider, string? Type, string? Name)
{
    public static AzureResource Parse(string? resourceId)
    {
        var parts = (resourceId ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var provider = Array.FindLastIndex(parts, part => Is(part, "providers")) + 1;
        if (provider > 0 && provider < parts.Length)
        {
            var name = AzureNames.Provider(parts[provider]);
            var types = parts.Skip(provider + 1).Where((_, i) => i % 2 == 0).ToArray();
            var last = parts.Skip(provider + 1).Where((_, i) => i % 2 == 1).LastOrDefault();
            return new AzureResource(After(parts, "subscriptions"), After(parts, "tenants"), name, types.Length == 0 ? null : name + "/" + string.Join('/', types), last);
        }

        var group = Array.FindIndex(parts, part => Is(part, "resourceGroups")) + 1;
        return group > 0 && group < parts.Length
            ? new AzureResource(After(parts, "subscriptions"), After(parts, "tenants"), null, "Microsoft.Resources/resourceGroups", parts[group])
            : new AzureResource(After(parts, "subscriptions"), After(parts, "tenants"), null, null, null);
    }

    private static string? After(string[] parts, string name)
    {
        var at = Array.FindIndex(parts, part => Is(part, name)) + 1;
        return at > 0 && at < parts.Length ? parts[at].ToLowerInvariant() : null;
    }

    private static bool Is(string part, string name) => part.Equals(name, StringComparison.OrdinalIgnoreCase);
}
