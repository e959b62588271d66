using System.Text;

namespace ActionTrail.Events.Azure;

/// <summary>A record and what several parts of its event need to know of it.</summary>
internal readonly ref struct AzureEvent
{
    public AzureEvent(AzureRecord record)
    {
        Record = record;
        Resource = AzureResourceId.Parse(record[AzureField.ResourceId], record.Pages);
        Operation = record.First(AzureField.OperationName, AzureField.ActivityDisplayName, AzureField.EventName);

        // Old activity logs have the verb for a category and the category in the properties.
        var category = record[AzureField.Category];
        var isVerb = Ascii.EqualsIgnoreCase(category, "Write"u8) || Ascii.EqualsIgnoreCase(category, "Delete"u8) || Ascii.EqualsIgnoreCase(category, "Action"u8);
        Category = isVerb && record.Has(AzureField.PropertiesCategory) ? record[AzureField.PropertiesCategory] : category;
        Kind = AzureKinds.Of(record, Category, Resource.Provider, Operation);
        if (Operation.IsEmpty && Kind is not (AzureKind.Activity or AzureKind.PlatformNotice or AzureKind.Directory))
        {
            Operation = Category;
        }

        Name = NameOf(record, Operation);
        Correlation = record.First(AzureField.AuditId, AzureField.CorrelationId, AzureField.ActivityId);
        TenantId = TenantOf(record, Resource);
        SubscriptionId = Lower(record, Resource.SubscriptionId.IsEmpty ? record[AzureField.SubscriptionId] : Resource.SubscriptionId);
    }

    public AzureRecord Record { get; }

    public AzureKind Kind { get; }

    public AzureResourceId Resource { get; }

    /// <summary>The category that counts; may be empty.</summary>
    public ReadOnlySpan<byte> Category { get; }

    /// <summary>What the record says was done; resource logs without operation are known by their category. Empty when there is nothing.</summary>
    public ReadOnlySpan<byte> Operation { get; }

    /// <summary>The operation, or what tells more where all records of a log have the same operation.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>What the records of one operation have in common; may be empty.</summary>
    public ReadOnlySpan<byte> Correlation { get; }

    /// <summary>Lower case; empty when the record names none.</summary>
    public ReadOnlySpan<byte> TenantId { get; }

    /// <summary>Lower case; empty when the record names none.</summary>
    public ReadOnlySpan<byte> SubscriptionId { get; }

    public ReadOnlySpan<byte> Account => SubscriptionId.IsEmpty ? TenantId : SubscriptionId;

    public ReadOnlySpan<byte> this[AzureField field] => Record[field];

    public ReadOnlySpan<byte> First(params ReadOnlySpan<AzureField> fields) => Record.First(fields);

    public static ReadOnlySpan<byte> Lower(AzureRecord record, ReadOnlySpan<byte> text) => text.IsEmpty ? default : record.Pages[record.Pages.AddLower(text)];

    // Kubernetes audit: "verb resource[/subresource]". SQL audit: the action.
    private static ReadOnlySpan<byte> NameOf(AzureRecord record, ReadOnlySpan<byte> operation)
    {
        if (!record.Has(AzureField.AuditVerb) || !record.Has(AzureField.AuditResource))
        {
            return record.Has(AzureField.SqlAction) ? record[AzureField.SqlAction] : operation;
        }

        var resource = Join(record.Pages, record[AzureField.AuditResource], (byte)'/', record[AzureField.AuditSubresource]);
        return Join(record.Pages, record[AzureField.AuditVerb], (byte)' ', resource);
    }

    public static ReadOnlySpan<byte> Join(TextPages pages, ReadOnlySpan<byte> first, byte separator, ReadOnlySpan<byte> second)
    {
        if (first.IsEmpty || second.IsEmpty)
        {
            return first.IsEmpty ? second : first;
        }

        var room = pages.Room(first.Length + 1 + second.Length);
        first.CopyTo(room);
        room[first.Length] = separator;
        second.CopyTo(room[(first.Length + 1)..]);
        return pages[pages.Take(first.Length + 1 + second.Length)];
    }

    // The first part of a hierarchy is the root management group, whose id is the tenant's.
    private static ReadOnlySpan<byte> TenantOf(AzureRecord record, AzureResourceId resource)
    {
        var tenant = record.Has(AzureField.TenantId) || resource.TenantId.IsEmpty
            ? record.First(AzureField.TenantId, AzureField.ClaimTenantId, AzureField.PropertiesTenantId, AzureField.RequesterTenantId) : resource.TenantId;
        if (tenant.IsEmpty && record[AzureField.ClaimIssuer] is { IsEmpty: false } issuer && issuer.IndexOf("://"u8) is var scheme and > 0)
        {
            var path = issuer[(scheme + 3)..];
            path = path.IndexOf((byte)'/') is var slash and >= 0 ? path[(slash + 1)..] : default;
            tenant = path.IndexOf((byte)'/') is var end and >= 0 ? path[..end] : path;
        }

        if (tenant.IsEmpty && record[AzureField.Hierarchy] is { Length: >= 36 } hierarchy && (hierarchy.Length == 36 || hierarchy[36] == '/') && Guid.TryParseExact(Encoding.Latin1.GetString(hierarchy[..36]), "D", out _))
        {
            tenant = hierarchy[..36];
        }

        return Lower(record, tenant);
    }
}
