using ActionTrail.Access;
using ActionTrail.Access.Tokens;
using ActionTrail.Events;

namespace ActionTrail.Functions.Settings;

/// <summary>Reads the settings about Entra ID tokens.</summary>
internal static class TokenSettings
{
    /// <summary>How tokens are read; null when they are not offered. What is wrong the reader knows.</summary>
    public static TokenOptions? Read(SettingsReader reader)
    {
        var issuers = reader.List(AppSettings.EntraIssuers);
        if (issuers.Length == 0)
        {
            foreach (var other in new[] { AppSettings.EntraAudiences, AppSettings.EntraTenants, AppSettings.EntraMetadata, AppSettings.EntraKeys, AppSettings.EntraRoles, AppSettings.EntraAccounts })
            {
                if (reader.Text(other) is not null)
                    reader.Refuse(other, "is empty as long as there are no issuers.");
            }

            return null;
        }

        if (!issuers.All(static issuer => Uri.TryCreate(issuer, UriKind.Absolute, out var address) && IssuerKeys.IsAllowed(address)))
            reader.Refuse(AppSettings.EntraIssuers, "has https addresses.");
        return new TokenOptions
        {
            Issuers = issuers,
            Audiences = ReadSome(reader, AppSettings.EntraAudiences),
            Tenants = ReadSome(reader, AppSettings.EntraTenants),
            KeysAddress = ReadAddress(reader),
            IsMetadata = reader.Text(AppSettings.EntraMetadata) is not null,
            MinRefresh = reader.Span(AppSettings.EntraRefresh),
            RoleClaim = reader.Text(AppSettings.EntraRoleClaim)!,
            Roles = ReadRoles(reader),
            AccountClaim = reader.Text(AppSettings.EntraAccountClaim)!,
            Accounts = ReadAccounts(reader),
        };
    }

    private static string[] ReadSome(SettingsReader reader, Setting setting)
    {
        var values = reader.List(setting);
        if (values.Length == 0)
            reader.Refuse(setting, "is required where there are issuers.");
        return values;
    }

    private static Uri ReadAddress(SettingsReader reader)
    {
        var (metadata, keys) = (reader.Text(AppSettings.EntraMetadata), reader.Text(AppSettings.EntraKeys));
        if (metadata is null == keys is null)
            reader.Refuse(AppSettings.EntraMetadata, "or the address of the keys is required where there are issuers, not both.");
        if (Uri.TryCreate(metadata ?? keys, UriKind.Absolute, out var address) && IssuerKeys.IsAllowed(address))
            return address;
        if (metadata is not null || keys is not null)
            reader.Refuse(metadata is null ? AppSettings.EntraKeys : AppSettings.EntraMetadata, "is an https address, or http on this machine.");
        return new Uri("https://localhost/");
    }

    private static List<KeyValuePair<string, Role>> ReadRoles(SettingsReader reader)
    {
        var pairs = reader.Map(AppSettings.EntraRoles) ?? [];
        var roles = new List<KeyValuePair<string, Role>>();
        foreach (var (value, name) in pairs)
        {
            if (Enum.TryParse<Role>(name, ignoreCase: false, out var role) && role.ToString() == name && role != Role.Operator)
                roles.Add(new(value, role));
        }

        if (roles.Count == 0 || roles.Count != pairs.Count)
            reader.Refuse(AppSettings.EntraRoles, "has pairs value=Role, each value once; Role is Administrator, TrailAdministrator, Auditor or Publisher.");
        return roles;
    }

    private static Dictionary<string, string> ReadAccounts(SettingsReader reader)
    {
        var pairs = reader.Map(AppSettings.EntraAccounts) ?? [];
        if (pairs.Count == 0 || !pairs.All(static pair => AccountIds.IsValid(pair.Value) && !Account.IsReserved(pair.Value)))
            reader.Refuse(AppSettings.EntraAccounts, "has pairs value=accountId, each value once.");
        return pairs.ToDictionary(StringComparer.Ordinal);
    }
}
