using System.Text;

namespace ActionTrail.Events.Azure;

/// <summary>The parts of an Azure resource id, whatever its case; what it does not name is empty.</summary>
internal readonly ref struct AzureResourceId
{
    /// <summary>As spelled, or nothing.</summary>
    public ReadOnlySpan<byte> SubscriptionId { get; init; }

    /// <summary>As spelled, or nothing.</summary>
    public ReadOnlySpan<byte> TenantId { get; init; }

    /// <summary>Namespace of the last provider, in its usual spelling.</summary>
    public ReadOnlySpan<byte> Provider { get; init; }

    /// <summary><c>namespace/type[/subtype]</c>; empty below a resource.</summary>
    public ReadOnlySpan<byte> Type { get; init; }

    /// <summary>Name of the last resource.</summary>
    public ReadOnlySpan<byte> Name { get; init; }

    /// <summary>Of a resource below another one: type of the topmost of the same provider.</summary>
    public ReadOnlySpan<byte> ParentType { get; init; }

    /// <summary>Of a resource below another one: id of the topmost of the same provider, as spelled.</summary>
    public ReadOnlySpan<byte> ParentId { get; init; }

    public static AzureResourceId Parse(ReadOnlySpan<byte> id, TextPages pages)
    {
        ReadOnlySpan<byte> subscription = default, tenant = default, group = default;
        var providers = -1;
        for (int at = 0, end; at < id.Length; at = end + 1)
        {
            end = EndOf(id, at);
            var part = id[at..end];
            if (Ascii.EqualsIgnoreCase(part, "providers"u8) && end < id.Length)
            {
                providers = end + 1;
            }
            else if (subscription.IsEmpty && Ascii.EqualsIgnoreCase(part, "subscriptions"u8))
            {
                subscription = Next(id, end);
            }
            else if (tenant.IsEmpty && Ascii.EqualsIgnoreCase(part, "tenants"u8))
            {
                tenant = Next(id, end);
            }
            else if (group.IsEmpty && Ascii.EqualsIgnoreCase(part, "resourceGroups"u8))
            {
                group = Next(id, end);
            }
        }

        if (providers >= 0 && Next(id, providers - 1) is { IsEmpty: false } spelled)
        {
            return OfProvider(id, providers, AzureProviders.Spell(spelled), pages) with { SubscriptionId = subscription, TenantId = tenant };
        }

        return new AzureResourceId
        {
            SubscriptionId = subscription,
            TenantId = tenant,
            Type = group.IsEmpty ? subscription.IsEmpty ? default : "Microsoft.Resources/subscriptions"u8 : "Microsoft.Resources/resourceGroups"u8,
            Name = group.IsEmpty ? subscription : group,
        };
    }

    // namespace/type/name[/subtype/name]... from the position on; empty parts do not count.
    private static AzureResourceId OfProvider(ReadOnlySpan<byte> id, int start, ReadOnlySpan<byte> provider, TextPages pages)
    {
        var room = pages.Room(provider.Length + (id.Length - start) + 1);
        provider.CopyTo(room);
        var (length, firstType, parentEnd, parts) = (provider.Length, 0, 0, 0);
        ReadOnlySpan<byte> name = default;
        for (int at = EndOf(id, start + Leading(id, start)) + 1, end; at < id.Length; at = end + 1)
        {
            end = EndOf(id, at);
            var part = id[at..end].Trim((byte)' ');
            if (part.IsEmpty)
            {
                continue;
            }

            if (++parts % 2 == 1)
            {
                room[length++] = (byte)'/';
                part.CopyTo(room[length..]);
                length += part.Length;
                firstType = parts == 1 ? length : firstType;
            }
            else
            {
                name = part;
                parentEnd = parts == 2 ? end : parentEnd;
            }
        }

        var type = pages[pages.Take(length)];
        return new AzureResourceId
        {
            Provider = provider,
            Type = parts == 0 ? default : type,
            Name = name,
            ParentType = parts > 2 ? type[..firstType] : default,
            ParentId = parts > 2 ? id[..parentEnd] : default,
        };
    }

    private static int Leading(ReadOnlySpan<byte> id, int start) => Math.Max(0, id[start..].IndexOfAnyExcept((byte)'/'));

    private static int EndOf(ReadOnlySpan<byte> id, int start) => start < id.Length && id[start..].IndexOf((byte)'/') is var end and >= 0 ? start + end : id.Length;

    // The part behind the slash at the position; empty parts are passed over.
    private static ReadOnlySpan<byte> Next(ReadOnlySpan<byte> id, int slash)
    {
        var rest = slash < id.Length ? id[slash..].TrimStart((byte)'/') : default;
        return rest[..EndOf(rest, 0)].Trim((byte)' ');
    }
}
