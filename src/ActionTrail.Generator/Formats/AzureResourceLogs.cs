using System.Globalization;
using System.Text.Json.Nodes;

namespace ActionTrail.Generator.Formats;

/// <summary>AuditEvent of Key Vault: mostly reads of secrets and keys by programs.</summary>
internal sealed class KeyVaultRecords(Scene scene) : IRecordMaker
{
    private static readonly string[] Operations = ["SecretGet", "KeyGet", "SecretList", "VaultGet", "KeySign", "KeyUnwrap", "SecretSet", "CertificateGet", "KeyCreate", "SecretDelete", "VaultAccessPolicyChangedEventGridNotification"];
    private readonly WeightedChoice _operation = WeightedChoice.Zipf(Operations.Length, 1);

    public void Make(List<MadeRecord> records)
    {
        var operation = Operations[_operation.Draw(ref scene.Chance)];
        var (subscription, person, time) = (scene.One(scene.Organisation.Subscriptions), scene.Person(), scene.Time());
        var vault = $"kv-contoso-{scene.Below(12)}";
        var (fails, address) = (scene.Fails(), scene.AddressOf(person));
        var kind = operation.StartsWith("Key", StringComparison.Ordinal) ? "keys" : "secrets";
        var item = $"https://{vault}.vault.azure.net/{kind}/{scene.Pick<string>(["orders-db", "mail-relay", "signing", "backup"])}/{scene.Hex(32)}";
        var claim = new JsonObject { ["http://schemas.microsoft.com/identity/claims/objectidentifier"] = person.ObjectId, ["appid"] = Scene.GuidOf(person.Seed & 7) };
        if (!person.IsMachine)
            claim["http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"] = person.Upn;
        records.Add(AzureQuirks.Finish(scene, new JsonObject
        {
            ["time"] = Scene.Iso(time, 7),
            ["category"] = "AuditEvent",
            ["operationName"] = operation,
            ["resultType"] = fails ? "Failure" : "Success",
            ["resultSignature"] = fails ? "Forbidden" : "OK",
            ["resultDescription"] = fails ? "Caller is not authorized to perform action on resource." : "",
            ["durationMs"] = (5 + scene.Below(60)).ToString(CultureInfo.InvariantCulture),
            ["correlationId"] = scene.Guid(),
            ["callerIpAddress"] = address,
            ["identity"] = new JsonObject { ["claim"] = claim },
            ["resourceId"] = $"/SUBSCRIPTIONS/{subscription.ToUpperInvariant()}/RESOURCEGROUPS/RG-{scene.Below(20)}/PROVIDERS/MICROSOFT.KEYVAULT/VAULTS/{vault.ToUpperInvariant()}",
            ["operationVersion"] = "7.4",
            ["properties"] = new JsonObject
            {
                ["id"] = item,
                ["clientInfo"] = "azsdk-net-Security.KeyVault.Secrets/4.6.0 (.NET 8.0.2; Linux)",
                ["requestUri"] = $"{item}?api-version=7.4",
                ["httpStatusCode"] = fails ? 403 : 200,
                ["isAccessPolicyMatch"] = !fails,
                ["tlsVersion"] = "TLS1_3",
            },
        }, new ExpectedEvent
        {
            AccountId = subscription,
            EventTime = time,
            EventName = operation,
            UserName = person.IsMachine ? null : person.Upn,
            SourceIpAddress = address,
        }));
    }
}

/// <summary>Resource logs of Azure Storage. The address that was asked for shows the shared access signature where one was used.</summary>
internal sealed class StorageLogRecords(Scene scene) : IRecordMaker
{
    private static readonly (string Operation, string Category)[] Operations =
        [("GetBlob", "StorageRead"), ("GetBlobProperties", "StorageRead"), ("ListBlobs", "StorageRead"), ("PutBlob", "StorageWrite"), ("PutBlock", "StorageWrite"), ("DeleteBlob", "StorageDelete")];

    private readonly WeightedChoice _operation = WeightedChoice.Zipf(Operations.Length, 0.9);

    public void Make(List<MadeRecord> records)
    {
        var (operation, category) = Operations[_operation.Draw(ref scene.Chance)];
        var (subscription, person, time) = (scene.One(scene.Organisation.Subscriptions), scene.Person(), scene.Time());
        var (fails, address, usesSas) = (scene.Fails(), scene.AddressOf(person), scene.Happens(0.25));
        var account = $"contosodata{scene.Below(9)}";
        var path = $"exports/{scene.Name(8)}/part-{scene.Below(900)}.parquet";
        var resource = $"/subscriptions/{subscription}/resourceGroups/rg-{scene.Below(20)}/providers/Microsoft.Storage/storageAccounts/{account}/blobServices/default";
        var port = 1_024 + scene.Below(60_000);
        records.Add(AzureQuirks.Finish(scene, new JsonObject
        {
            ["time"] = Scene.Iso(time, 7),
            ["resourceId"] = resource,
            ["category"] = category,
            ["operationName"] = operation,
            ["operationVersion"] = "2024-11-04",
            ["schemaVersion"] = "1.0",
            ["statusCode"] = fails ? 403 : 200,
            ["statusText"] = fails ? "AuthorizationFailure" : "Success",
            ["durationMs"] = 2 + scene.Below(80),
            ["callerIpAddress"] = $"{address}:{port}",
            ["correlationId"] = scene.Guid(),
            ["identity"] = usesSas
                ? new JsonObject { ["type"] = "SAS", ["tokenHash"] = $"system-1({scene.Hex(64).ToUpperInvariant()})" }
                : new JsonObject { ["type"] = "OAuth", ["requester"] = new JsonObject { ["objectId"] = person.ObjectId, ["upn"] = person.Upn, ["tenantId"] = scene.Organisation.TenantId, ["appId"] = Scene.GuidOf(person.Seed & 7), ["tokenIssuer"] = $"https://sts.windows.net/{scene.Organisation.TenantId}/" } },
            ["location"] = "West Europe",
            ["properties"] = new JsonObject
            {
                ["accountName"] = account,
                ["userAgentHeader"] = "azsdk-net-Storage.Blobs/12.19.1 (.NET 8.0.2; Linux)",
                ["serviceType"] = "blob",
                ["objectKey"] = $"/{account}/{path}",
                ["lastModifiedTime"] = Scene.Iso(time.AddDays(-3), 7),
                ["requestHeaderSize"] = 497,
                ["responseHeaderSize"] = 371,
                ["tlsVersion"] = "TLS 1.3",
            },
            ["uri"] = usesSas ? PlantedSecrets.SasUrl(ref scene.Chance, account, path) : $"https://{account}.blob.core.windows.net/{path}",
            ["protocol"] = "HTTPS",
            ["resourceType"] = "Microsoft.Storage/storageAccounts/blobServices",
        }, new ExpectedEvent
        {
            AccountId = subscription,
            EventTime = time,
            EventName = operation,
            SourceIpAddress = address,
            HasSecret = usesSas,
        }));
    }
}
