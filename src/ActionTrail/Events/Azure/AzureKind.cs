using System.Text;

namespace ActionTrail.Events.Azure;

/// <summary>What kind of thing a record tells of; all rules that differ between records go by it.</summary>
internal enum AzureKind
{
    /// <summary>A call to Resource Manager: Administrative, Policy.</summary>
    Activity,

    /// <summary>What the platform noticed: health, alert, autoscale, recommendation, security.</summary>
    PlatformNotice,

    /// <summary>A change in Entra ID.</summary>
    Directory,

    /// <summary>A sign-in to Entra ID, of whomever.</summary>
    SignIn,

    /// <summary>Entra ID writes a user to or from another system.</summary>
    Provisioning,

    /// <summary>Entra ID's opinion of a user, sign-in or application.</summary>
    Risk,

    /// <summary>Resource log: what a resource did for its users.</summary>
    Resource,
}

/// <summary>Finds the kind of a record, and what follows from kind and operation alone.</summary>
internal static class AzureKinds
{
    private static readonly AsciiTable<AzureKind> ByCategory = new(
        ("Administrative", AzureKind.Activity), ("Policy", AzureKind.Activity), ("Write", AzureKind.Activity), ("Delete", AzureKind.Activity), ("Action", AzureKind.Activity),
        ("ServiceHealth", AzureKind.PlatformNotice), ("ResourceHealth", AzureKind.PlatformNotice), ("Alert", AzureKind.PlatformNotice), ("Autoscale", AzureKind.PlatformNotice),
        ("Recommendation", AzureKind.PlatformNotice), ("Security", AzureKind.PlatformNotice),
        ("AuditLogs", AzureKind.Directory), ("Audit", AzureKind.Directory), ("DirectoryManagement", AzureKind.Directory), ("ApplicationManagement", AzureKind.Directory),
        ("UserManagement", AzureKind.Directory), ("GroupManagement", AzureKind.Directory), ("RoleManagement", AzureKind.Directory), ("KeyManagement", AzureKind.Directory),
        ("ProvisioningManagement", AzureKind.Directory), ("CustomSecurityAttributeAuditLogs", AzureKind.Directory),
        ("SignInLogs", AzureKind.SignIn), ("NonInteractiveUserSignInLogs", AzureKind.SignIn), ("ServicePrincipalSignInLogs", AzureKind.SignIn),
        ("ManagedIdentitySignInLogs", AzureKind.SignIn), ("MicrosoftServicePrincipalSignInLogs", AzureKind.SignIn), ("ADFSSignInLogs", AzureKind.SignIn), ("SignIn", AzureKind.SignIn),
        ("ProvisioningLogs", AzureKind.Provisioning),
        ("RiskyUsers", AzureKind.Risk), ("UserRiskEvents", AzureKind.Risk), ("RiskyServicePrincipals", AzureKind.Risk), ("ServicePrincipalRiskEvents", AzureKind.Risk),
        ("MicrosoftGraphActivityLogs", AzureKind.Resource), ("NetworkAccessTrafficLogs", AzureKind.Resource), ("EnrichedOffice365AuditLogs", AzureKind.Resource),
        ("RemoteNetworkHealthLogs", AzureKind.Resource), ("B2CRequestLogs", AzureKind.Resource));

    /// <summary>By the category, unless what else there is tells that a directory sent it: Entra ID uses the name Policy too.</summary>
    public static AzureKind Of(AzureRecord record, ReadOnlySpan<byte> category, ReadOnlySpan<byte> provider, ReadOnlySpan<byte> operation)
    {
        var isPath = operation.Contains((byte)'/');
        var isDirectory = provider.SequenceEqual("Microsoft.aadiam"u8) || (!isPath && (record.Has(AzureField.LoggedByService) || record.Has(AzureField.ActivityDisplayName)));
        if (ByCategory.TryFind(category, out var kind))
        {
            return kind == AzureKind.Activity && isDirectory ? AzureKind.Directory : kind;
        }

        return isDirectory ? Ascii.EqualsIgnoreCase(operation, "Sign-in activity"u8) ? AzureKind.SignIn : AzureKind.Directory
            : category.IsEmpty && (isPath || provider.IsEmpty) ? AzureKind.Activity
            : AzureKind.Resource;
    }

    public static bool IsEntra(this AzureKind kind) => kind is AzureKind.Directory or AzureKind.SignIn or AzureKind.Provisioning or AzureKind.Risk;

    public static ReadOnlySpan<byte> EventType(AzureKind kind, ReadOnlySpan<byte> operation) => kind switch
    {
        AzureKind.SignIn => "ConsoleSignin"u8,
        AzureKind.Directory when Has(operation, "sign-out"u8) || Has(operation, "signout"u8) || Has(operation, "logout"u8) => "ConsoleSignout"u8,
        AzureKind.PlatformNotice or AzureKind.Risk => "ServiceEvent"u8,
        _ => "ApiCall"u8,
    };

    /// <summary>Whether nothing was changed, as far as operation, category, verb or HTTP method tell; what is not known counts as a change.</summary>
    public static bool IsRead(AzureRecord record, AzureKind kind, ReadOnlySpan<byte> category, ReadOnlySpan<byte> operation)
    {
        if (kind != AzureKind.Resource)
        {
            return !kind.IsEntra() && EndsWith(operation, "/read"u8);
        }

        if (StartsWith(category, "Storage"u8))
        {
            return Ascii.EqualsIgnoreCase(category, "StorageRead"u8);
        }

        var verb = record.First(AzureField.AuditVerb, AzureField.SqlAction, AzureField.Method);
        return !verb.IsEmpty ? Ascii.EqualsIgnoreCase(verb, "get"u8) || Ascii.EqualsIgnoreCase(verb, "list"u8) || Ascii.EqualsIgnoreCase(verb, "watch"u8)
                || Ascii.EqualsIgnoreCase(verb, "head"u8) || Ascii.EqualsIgnoreCase(verb, "options"u8) || Ascii.EqualsIgnoreCase(verb, "select"u8)
            : operation.Contains((byte)'/') ? EndsWith(operation, "/read"u8)
            : StartsWith(operation, "Get"u8) || StartsWith(operation, "List"u8) || EndsWith(operation, "Get"u8) || EndsWith(operation, "List"u8) || EndsWith(operation, "ListVersions"u8);
    }

    private static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> start) => text.Length >= start.Length && Ascii.EqualsIgnoreCase(text[..start.Length], start);

    private static bool EndsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> end) => text.Length >= end.Length && Ascii.EqualsIgnoreCase(text[^end.Length..], end);

    private static bool Has(ReadOnlySpan<byte> text, ReadOnlySpan<byte> part)
    {
        for (; text.Length >= part.Length; text = text[1..])
        {
            if (Ascii.EqualsIgnoreCase(text[..part.Length], part))
            {
                return true;
            }
        }

        return false;
    }
}
