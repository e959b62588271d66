using System.Buffers.Text;
using System.Text;

namespace ActionTrail.Events.Azure;

/// <summary>Who did it: from the claims of the token, the role that allowed it, the initiator that Entra ID names, or the credential of a resource log.</summary>
internal static class AzureIdentity
{
    // 9999-12-31 in Unix seconds.
    private const long LatestSeconds = 253_402_300_799;

    public static void Write(AzureEvent read, bool failed, MappedEvent output)
    {
        var person = read.First(AzureField.ClaimUpn, AzureField.InitiatingUserName, AzureField.UserPrincipalName, AzureField.RequesterUpn);
        var label = read.Record.Is(AzureField.Identity, "NA"u8) ? default : read[AzureField.Identity];
        output.Json.WriteStartObject("userIdentity"u8);
        output.Json.WriteString("type"u8, TypeOf(read, person, label));
        output.Utf8("accountId"u8, AccountIds.IsValid(read.TenantId) ? read.TenantId : default);
        output.Utf8("principalId"u8, PrincipalOf(read));
        output.Utf8("userName"u8, NameOf(read, person, label));
        output.Utf8("accessKeyId"u8, read.First(AzureField.ClaimAppId, AzureField.AppId, AzureField.RequesterAppId, AzureField.InitiatingAppId, AzureField.TokenHash));
        WriteSession(read, failed, output);
        output.Json.WriteEndObject();
    }

    private static ReadOnlySpan<byte> TypeOf(AzureEvent read, ReadOnlySpan<byte> person, ReadOnlySpan<byte> label)
    {
        var record = read.Record;
        if (record.Has(AzureField.EvidencePrincipalType))
        {
            return record.Is(AzureField.EvidencePrincipalType, "User"u8) ? "ram-user"u8 : "assumed-role"u8;
        }

        if (record.Opened(AzureField.Claims))
        {
            return person.IsEmpty || record.Is(AzureField.ClaimTokenType, "app"u8) || record.Has(AzureField.ClaimManagedIdentity) ? "assumed-role"u8 : "ram-user"u8;
        }

        if (record.Has(AzureField.AuditUser))
        {
            var user = record[AzureField.AuditUser];
            return user.StartsWith("system:serviceaccount:"u8) ? "assumed-role"u8 : user.StartsWith("system:"u8) ? "system"u8 : "ram-user"u8;
        }

        var hasApp = record.Opened(AzureField.InitiatingApp) || record.Has(AzureField.InitiatingAppPrincipal) || record.Has(AzureField.ServicePrincipalId) || record.Has(AzureField.RequesterObjectId)
            || Ascii.EqualsIgnoreCase(read.Category, "ServicePrincipalSignInLogs"u8) || Ascii.EqualsIgnoreCase(read.Category, "ManagedIdentitySignInLogs"u8);
        return !person.IsEmpty || record.Opened(AzureField.InitiatingUser) ? "ram-user"u8
            : hasApp ? "assumed-role"u8
            : !label.IsEmpty ? read.Kind == AzureKind.Directory && !label.Contains((byte)'@') ? "assumed-role"u8 : "ram-user"u8
            : record.Has(AzureField.UserId) || record.Has(AzureField.HttpUser) || record.Has(AzureField.SqlPrincipal) || record.Has(AzureField.Caller) ? "ram-user"u8
            : record.Has(AzureField.CredentialType) ? "unknown"u8
            : "system"u8;
    }

    private static ReadOnlySpan<byte> PrincipalOf(AzureEvent read)
    {
        var id = read.First(
            AzureField.ClaimObjectId, AzureField.EvidencePrincipalId, AzureField.InitiatingUserId, AzureField.UserId, AzureField.InitiatingAppPrincipal, AzureField.ServicePrincipalId,
            AzureField.RequesterObjectId, AzureField.AuditUserId);
        return id.IsEmpty && read.Kind == AzureKind.Risk ? read[AzureField.Id] : id;
    }

    // The kind of credential stands for the user where shared keys, signatures or nobody's name was used.
    private static ReadOnlySpan<byte> NameOf(AzureEvent read, ReadOnlySpan<byte> person, ReadOnlySpan<byte> label)
    {
        if (!person.IsEmpty)
        {
            return person;
        }

        var name = read.First(AzureField.ClaimFullName, AzureField.ClaimName, AzureField.InitiatingAppName, AzureField.ServicePrincipalName, AzureField.AuditUser);
        name = name.IsEmpty ? label : name;
        return !name.IsEmpty ? name
            : read.First(
                AzureField.Caller, AzureField.SqlPrincipal, AzureField.HttpUser, AzureField.UserDisplayName, AzureField.ClaimEmail, AzureField.ClaimAppId, AzureField.AppId, AzureField.RequesterAppId,
                AzureField.CredentialType);
    }

    private static void WriteSession(AzureEvent read, bool failed, MappedEvent output)
    {
        var issued = read[AzureField.ClaimIssuedAt];
        var hasTime = Utf8Parser.TryParse(issued, out long seconds, out var consumed) && consumed == issued.Length && seconds is >= 0 and <= LatestSeconds;
        var methods = read[AzureField.ClaimMethods];
        var required = read[AzureField.AuthenticationRequirement];
        if (methods.IsEmpty && required.IsEmpty && !hasTime && !read.Record.Has(AzureField.ClaimTokenId) && !read.Record.Has(AzureField.CredentialKeyId))
        {
            return;
        }

        Span<byte> time = stackalloc byte[AzureTimes.Length];
        output.Json.WriteStartObject("sessionContext"u8);
        output.Json.WriteStartObject("attributes"u8);
        if (!methods.IsEmpty || !required.IsEmpty)
        {
            // A sign-in that must have several factors and succeeded had them.
            var isStrong = HasMfa(methods) || (!failed && Ascii.EqualsIgnoreCase(required, "multiFactorAuthentication"u8));
            output.Json.WriteString("mfaAuthenticated"u8, isStrong ? "true"u8 : "false"u8);
        }

        output.Utf8("creationDate"u8, hasTime ? AzureTimes.Format(seconds * 1000, time) : default);
        output.Utf8("tokenId"u8, read[AzureField.ClaimTokenId]);
        output.Utf8("credentialKeyId"u8, read[AzureField.CredentialKeyId]);
        output.Json.WriteEndObject();
        output.Json.WriteEndObject();
    }

    private static bool HasMfa(ReadOnlySpan<byte> methods)
    {
        for (; methods.Length >= 3; methods = methods[1..])
        {
            if (Ascii.EqualsIgnoreCase(methods[..3], "mfa"u8))
            {
                return true;
            }
        }

        return false;
    }
}
