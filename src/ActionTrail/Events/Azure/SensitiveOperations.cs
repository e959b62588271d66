namespace ActionTrail.Events.Azure;

/// <summary>
/// The operations that count as sensitive, as data: who may do what, who can hide traces, who gets at secrets, what cannot be undone. Paths of
/// Resource Manager are known by their last two segments, all others by the whole name. Names compare without case.
/// </summary>
internal static class SensitiveOperations
{
    private static readonly string[] Endings =
    [
        // Who may do what.
        "roleAssignments/write", "roleAssignments/delete", "roleDefinitions/write", "roleDefinitions/delete", "elevateAccess/action", "denyAssignments/write", "denyAssignments/delete",
        "roleEligibilityScheduleRequests/write", "roleAssignmentScheduleRequests/write", "roleManagementPolicies/write", "roleManagementPolicyAssignments/write",
        "classicAdministrators/write", "classicAdministrators/delete", "registrationAssignments/write", "registrationDefinitions/write", "federatedIdentityCredentials/write",
        "federatedIdentityCredentials/delete", "userAssignedIdentities/write", "assign/action", "managementGroups/write", "managementGroups/delete", "managementGroups/subscriptions/write",
        "roles/write", "rolebindings/write", "rolebindings/delete", "clusterroles/write", "clusterrolebindings/write", "clusterrolebindings/delete", "sqlRoleAssignments/write", "sqlRoleDefinitions/write",
        "changeTenant/action", "transferSubscription/action",

        // Guard rails and traces.
        "policyAssignments/write", "policyAssignments/delete", "policyDefinitions/delete", "policyExemptions/write", "locks/write", "locks/delete", "diagnosticSettings/write",
        "diagnosticSettings/delete", "logProfiles/delete", "activityLogAlerts/delete", "metricAlerts/delete", "alertRules/delete", "actionGroups/delete", "scheduledQueryRules/delete",
        "dataCollectionRules/delete", "workspaces/delete", "dataSources/delete", "flowLogs/write", "flowLogs/delete", "networkWatchers/delete", "eventhubs/delete", "automationRules/delete",
        "alertsSuppressionRules/write", "alertsSuppressionRules/delete", "securityContacts/write", "securityContacts/delete", "pricings/write", "pricings/delete", "autoProvisioningSettings/write",
        "settings/write", "auditingSettings/write", "extendedAuditingSettings/write", "securityAlertPolicies/write", "dataConnectors/delete", "immutabilityPolicies/delete",
        "immutabilityPolicies/write", "clearLegalHold/action",

        // Secrets and keys.
        "vaults/write", "vaults/delete", "deletedVaults/purge/action", "accessPolicies/write", "accessPolicies/delete", "managedHSMs/delete", "keys/delete", "secrets/delete", "certificates/delete", "getSecret/action",
        "purge/action", "listKeys/action", "listKey/action", "listAccountSas/action", "listServiceSas/action", "regenerateKey/action", "regenerateKeys/action", "listConnectionStrings/action",
        "listCredentials/action", "listClusterAdminCredential/action", "listClusterUserCredential/action", "listClusterMonitoringUserCredential/action", "listCredential/action", "generateCredentials/action",
        "listAdminKeys/action", "listQueryKeys/action", "createQueryKey/action", "listSecrets/action", "listUserKeys/action", "publishxml/action", "authorizationRules/write",
        "revokeUserDelegationKeys/action", "generateUserDelegationKey/action", "tokens/write", "encryptionProtector/write", "rotateKeys/action", "list/action",

        // The way in from outside.
        "networkSecurityGroups/write", "networkSecurityGroups/delete", "securityRules/write", "securityRules/delete", "firewallRules/write", "firewallRules/delete", "firewallPolicies/write",
        "firewallPolicies/delete", "azureFirewalls/write", "azureFirewalls/delete", "ruleCollectionGroups/write", "ruleCollectionGroups/delete", "networkRuleSets/write", "virtualNetworkRules/write",
        "virtualNetworkPeerings/write", "ddosProtectionPlans/delete", "bastionHosts/delete", "startPacketCapture/action", "packetCaptures/write", "vpnConnections/write",
        "privateEndpointConnectionsApproval/action", "webApplicationFirewallPolicies/delete", "frontDoorWebApplicationFirewallPolicies/delete",

        // Running code and taking copies.
        "runCommand/action", "runCommands/write", "extensions/write", "login/action", "loginAsAdmin/action", "retrieveBootDiagnosticsData/action", "beginGetAccess/action", "disableTde/action", "export/action",
        "runbooks/write", "publish/action", "webhooks/write", "webhooks/action", "hybridRunbookWorkerGroups/write", "host/action", "resetPassword/action", "reimage/action", "capture/action", "serialPorts/connect/action",
        "snapshots/write",

        // What cannot be undone.
        "subscriptions/delete", "resourceGroups/delete", "storageAccounts/delete", "servers/delete", "databases/delete", "managedClusters/delete", "virtualMachines/delete", "disks/delete", "snapshots/delete",
        "virtualNetworks/delete", "protectedItems/delete", "backupPolicies/delete", "backupPolicies/write", "backupconfig/write", "protectionContainers/delete", "recoveryPoints/delete", "restorePointCollections/delete", "databaseAccounts/delete",
        "namespaces/delete", "registries/delete", "dnsZones/delete", "containers/delete",
    ];

    private static readonly string[] Whole =
    [
        // Entra ID: roles and privileges.
        "Add member to role", "Remove member from role", "Add eligible member to role", "Add scoped member to role", "Add member to role in PIM completed (permanent)",
        "Add member to role in PIM completed (timebound)", "Add eligible member to role in PIM completed (permanent)", "Add eligible member to role in PIM completed (timebound)",
        "Add member to role outside of PIM (permanent)", "Update role setting in PIM", "Disable PIM alert", "Add role definition", "Update role definition", "Delete role definition", "Delete role assignment", "Add role assignment",
        "User has elevated their access to User Access Administrator for their Azure Resources", "Add owner to group", "Add member to restricted management administrative unit",

        // Applications and what they may do.
        "Add service principal credentials", "Remove service principal credentials", "Update application - Certificates and secrets management", "Update application \u2013 Certificates and secrets management",
        "Update service principal credentials", "Delete application", "Hard delete application", "Add owner to application", "Add owner to service principal", "Consent to application",
        "Add app role assignment to service principal", "Add app role assignment grant to user", "Add delegated permission grant", "Add OAuth2PermissionGrant", "Update OAuth2PermissionGrant", "Remove OAuth2PermissionGrant",
        "Add federated identity credential", "Update federated identity credential", "Add policy to service principal", "Set verified publisher",

        // Domains, federation, trust between tenants.
        "Set federation settings on domain", "Set domain authentication", "Add unverified domain", "Add verified domain", "Verify domain", "Remove verified domain", "Remove unverified domain", "Update domain", "Set company information",
        "Set DirSync feature", "Set Company Information", "Set partnership", "Add partner to company", "Remove partner from company", "Add a partner to cross-tenant access setting",
        "Update a partner cross-tenant access setting", "Update the default cross-tenant access setting", "Delete partner specific cross-tenant access setting", "Invite external user", "Update company settings",

        // Conditional access and sign-in rules.
        "Add conditional access policy", "Update conditional access policy", "Delete conditional access policy", "Add named location", "Update named location", "Delete named location", "Add policy", "Update policy", "Delete policy",
        "Update security defaults", "Authentication Methods Policy Update", "Update authentication methods policy", "Authentication Methods Policy Reset", "Update authorization policy", "Add trusted location",
        "Disable Strong Authentication", "Update StrongAuthenticationRequirement", "Add continuous access evaluation policy", "Update continuous access evaluation policy",

        // Accounts and their secrets.
        "Reset user password", "Reset password (by admin)", "Reset password (self-service)", "Change user password", "Admin registered security info", "Admin updated security info", "Admin deleted security info", "User registered security info",
        "User deleted security info", "User changed default security info", "Delete user", "Hard Delete user", "Disable account", "Enable account", "Create Temporary Access Pass method for user",
        "Admin started password reset", "Unblock user", "Fraud reported - no action taken", "Recover device local administrator password", "Read BitLocker key", "Add registered owner to device", "Add custom security attribute definition in an attribute set",

        // Key Vault.
        "VaultDelete", "VaultPatch", "VaultPut", "VaultPurge", "VaultAccessPolicyChangedEventGridNotification", "KeyDelete", "KeyPurge", "KeyBackup", "KeyExport", "KeyRelease", "SecretDelete", "SecretPurge", "SecretBackup",
        "CertificateDelete", "CertificatePurge", "CertificateBackup", "ManagedHsmDelete", "ManagedHsmPurge", "SecurityDomainDownload",

        // Storage.
        "SetContainerACL", "SetBlobServiceProperties", "DeleteContainer", "GetUserDelegationKey", "SetImmutabilityPolicy", "DeleteImmutabilityPolicy", "SetBlobLegalHold",

        // Kubernetes: verb and resource.
        "get secrets", "list secrets", "create secrets", "update secrets", "patch secrets", "delete secrets", "create pods/exec", "get pods/exec", "create pods/attach", "create pods/portforward", "create serviceaccounts/token",
        "create roles", "update roles", "patch roles", "create rolebindings", "update rolebindings", "patch rolebindings", "delete rolebindings", "create clusterroles", "update clusterroles", "patch clusterroles",
        "create clusterrolebindings", "update clusterrolebindings", "patch clusterrolebindings", "delete clusterrolebindings", "create certificatesigningrequests", "update certificatesigningrequests/approval",
        "create validatingwebhookconfigurations", "create mutatingwebhookconfigurations", "delete validatingwebhookconfigurations", "delete mutatingwebhookconfigurations", "delete namespaces", "delete events",

        // SQL.
        "ALTER DATABASE", "DROP DATABASE", "DATABASE ROLE MEMBER CHANGE GROUP", "SERVER ROLE MEMBER CHANGE GROUP", "DATABASE PERMISSION CHANGE GROUP", "SERVER PERMISSION CHANGE GROUP", "DATABASE PRINCIPAL CHANGE GROUP",
        "SERVER PRINCIPAL CHANGE GROUP", "AUDIT SESSION CHANGED", "CHANGE PASSWORD", "RESET PASSWORD",
    ];

    private static readonly AsciiTable<bool> ByEnding = new([.. Endings.Select(ending => (ending[(ending.LastIndexOf('/', ending.LastIndexOf('/') - 1) + 1)..], true)).Distinct()]);

    private static readonly AsciiTable<bool> ByName = new([.. Whole.Select(name => (name, true))]);

    public static bool Has(ReadOnlySpan<byte> operation)
    {
        operation = operation.Trim(" ."u8);
        var last = operation.LastIndexOf((byte)'/');
        var previous = last > 0 ? operation[..last].LastIndexOf((byte)'/') : -1;
        return (previous >= 0 && ByEnding.Has(operation[(previous + 1)..])) || ByName.Has(operation);
    }
}
