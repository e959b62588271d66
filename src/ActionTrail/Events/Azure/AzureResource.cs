using System.Text;

namespace ActionTrail.Events.Azure;

/// <summary>The parts of an Azure resource id as strings, for callers off the hot path.</summary>
/// <param name="SubscriptionId">Lower case; null when the id names none.</param>
/// <param name="TenantId">Lower case; null when the id names none.</param>
/// <param name="Provider">Namespace of the last provider, in its usual spelling.</param>
/// <param name="Type"><c>namespace/type[/subtype]</c>; null below a resource.</param>
/// <param name="Name">Name of the last resource.</param>
internal sealed record AzureResource(string? SubscriptionId, string? TenantId, string? Provider, string? Type, string? Name)
{
    public static AzureResource Parse(string? resourceId)
    {
        var id = AzureResourceId.Parse(Encoding.UTF8.GetBytes(resourceId ?? ""), new TextPages());
        return new AzureResource(Text(id.SubscriptionId)?.ToLowerInvariant(), Text(id.TenantId)?.ToLowerInvariant(), Text(id.Provider), Text(id.Type), Text(id.Name));
    }

    private static string? Text(ReadOnlySpan<byte> utf8) => utf8.IsEmpty ? null : Encoding.UTF8.GetString(utf8);
}
