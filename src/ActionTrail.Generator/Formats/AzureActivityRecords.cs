using System.Globalization;
using System.Text.Json.Nodes;

namespace ActionTrail.Generator.Formats;

/// <summary>
/// Records of the Azure activity log as Azure Monitor streams them. Two of three operations are Administrative and come as a pair, Start and Success or
/// Failure, with one correlation id; the rest are of the seven other categories, which nobody calls.
/// </summary>
internal sealed class AzureActivityRecords(Scene scene) : IRecordMaker
{
    private static readonly (string Code, string Message)[] Failures =
    [
        ("AuthorizationFailed", "The client does not have authorization to perform the action over the scope."),
        ("ResourceGroupNotFound", "The resource group could not be found."),
        ("Conflict", "Another operation on this resource is in progress."),
        ("SkuNotAvailable", "The requested size is currently not available in the location."),
        ("RequestDisallowedByPolicy", "The resource was disallowed by policy."),
    ];

    private static readonly string[] Operations =
    [
        "Microsoft.Compute/virtualMachines/write", "Microsoft.Storage/storageAccounts/listKeys/action", "Microsoft.Compute/virtualMachines/start/action",
        "Microsoft.Network/networkSecurityGroups/securityRules/write", "Microsoft.Compute/virtualMachines/deallocate/action", "Microsoft.Resources/deployments/write",
        "Microsoft.Authorization/roleAssignments/write", "Microsoft.KeyVault/vaults/write", "Microsoft.Compute/disks/delete", "Microsoft.Storage/storageAccounts/write",
        "Microsoft.Web/sites/restart/action", "Microsoft.Insights/diagnosticSettings/delete", "Microsoft.Authorization/locks/delete", "Microsoft.Sql/servers/databases/write",
        "Microsoft.Storage/storageAccounts/listServiceSas/action", "Microsoft.Web/sites/config/write", "Microsoft.ContainerService/managedClusters/write", "Microsoft.Sql/servers/write",
    ];

    private readonly WeightedChoice _operation = WeightedChoice.Zipf(Operations.Length, 0.8);
    private readonly AzureSignals _signals = new(scene);

    public void Make(List<MadeRecord> records)
    {
        if (scene.Happens(0.33))
            records.Add(_signals.Make());
        else
            AddPair(records);
    }

    private void AddPair(List<MadeRecord> records)
    {
        var operation = Operations[_operation.Draw(ref scene.Chance)];
        var call = new Call(scene.One(scene.Organisation.Subscriptions), scene.Person(), operation, scene.Guid(), scene.Time());
        var parts = operation.Split('/');
        var types = parts[1..(parts[^1] == "action" ? ^2 : ^1)];
        var resource = $"/subscriptions/{call.Subscription}/resourceGroups/rg-{scene.Below(20)}/providers/{parts[0]}"
            + string.Concat(types.Select(type => string.Create(CultureInfo.InvariantCulture, $"/{type}/{type[..2].ToLowerInvariant()}-{scene.Below(500)}")));
        var address = scene.AddressOf(call.Person);
        (string Code, string Message)? failure = scene.Fails() ? scene.Pick(Failures) : null;
        var durationMs = 20 + scene.Below(4_000);

        records.Add(Record(call, resource, address, "Start", "Started.", durationMs: 0, failure: null));
        records.Add(Record(call with { Time = call.Time.AddMilliseconds(durationMs) }, resource, address, failure is null ? "Success" : "Failure",
            failure is { } f ? $"Failed.{f.Code}" : "Succeeded.", durationMs, failure));
    }

    private MadeRecord Record(Call call, string resource, string address, string result, string signature, int durationMs, (string Code, string Message)? failure)
    {
        var isEnd = result != "Start";
        var properties = new JsonObject
        {
            ["statusCode"] = failure?.Code ?? (isEnd ? "OK" : "Accepted"),
            ["serviceRequestId"] = scene.Guid(),
            ["eventCategory"] = "Administrative",
            ["entity"] = resource,
            ["message"] = call.Operation,
            ["hierarchy"] = $"{scene.Organisation.TenantId}/contoso/{call.Subscription}",
        };
        if (failure is { } failed)
            properties["statusMessage"] = scene.Text(new JsonObject { ["error"] = new JsonObject { ["code"] = failed.Code, ["message"] = failed.Message } });
        var hasSecret = PlantSecret(call.Operation, properties, isEnd && failure is null);
        var json = new JsonObject
        {
            ["time"] = Scene.Iso(call.Time, 7),
            ["resourceId"] = resource.ToUpperInvariant(),
            ["operationName"] = call.Operation.ToUpperInvariant(),
            ["category"] = "Administrative",
            ["resultType"] = result,
            ["resultSignature"] = signature,
            ["durationMs"] = durationMs,
            ["callerIpAddress"] = address,
            ["correlationId"] = call.Correlation,
            ["identity"] = Identity(call, resource),
            ["level"] = failure is null ? "Information" : "Error",
            ["location"] = "global",
            ["tenantId"] = scene.Organisation.TenantId,
            ["properties"] = properties,
        };
        return AzureQuirks.Finish(scene, json, new ExpectedEvent
        {
            AccountId = call.Subscription,
            EventTime = call.Time,
            EventName = call.Operation.ToUpperInvariant(),
            UserName = call.Person.IsMachine ? null : call.Person.Upn,
            SourceIpAddress = address,
            HasSecret = hasSecret,
        });
    }

    // Keys in the answer, passwords in the request: both travel as JSON text inside properties.
    private bool PlantSecret(string operation, JsonObject properties, bool isAnswered)
    {
        var operationEnd = operation[operation.IndexOf('/', StringComparison.Ordinal)..];
        switch (operationEnd)
        {
            case "/storageAccounts/listKeys/action" when isAnswered:
                properties["responseBody"] = scene.Text(new JsonObject { ["keys"] = new JsonArray(Key("key1"), Key("key2")) });
                return true;
            case "/storageAccounts/listServiceSas/action" when isAnswered:
                properties["responseBody"] = scene.Text(new JsonObject { ["serviceSasToken"] = PlantedSecrets.SasUrl(ref scene.Chance, "contosodata", "exports").Split('?')[1] });
                return true;
            case "/virtualMachines/write":
                properties["requestbody"] = scene.Text(new JsonObject { ["properties"] = new JsonObject { ["osProfile"] = new JsonObject { ["adminUsername"] = "azureuser", ["adminPassword"] = PlantedSecrets.Password(ref scene.Chance) } } });
                return true;
            case "/servers/write":
                properties["requestbody"] = scene.Text(new JsonObject { ["properties"] = new JsonObject { ["administratorLogin"] = "sqladmin", ["administratorLoginPassword"] = PlantedSecrets.Password(ref scene.Chance) } });
                return true;
            case "/sites/config/write":
                properties["requestbody"] = scene.Text(new JsonObject { ["properties"] = new JsonObject { ["AzureWebJobsStorage"] = PlantedSecrets.ConnectionString(ref scene.Chance, "contosoweb") } });
                return true;
            default:
                return false;
        }
    }

    private JsonObject Key(string name) => new() { ["keyName"] = name, ["value"] = PlantedSecrets.Key(ref scene.Chance), ["permissions"] = "FULL" };

    private JsonObject Identity(Call call, string resource)
    {
        var person = call.Person;
        var claims = new JsonObject
        {
            ["aud"] = "https://management.core.windows.net/",
            ["iss"] = $"https://sts.windows.net/{scene.Organisation.TenantId}/",
            ["iat"] = call.Time.AddMinutes(-20).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            ["exp"] = call.Time.AddMinutes(45).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            ["appid"] = Scene.GuidOf(person.Seed & 7),
            ["appidacr"] = person.IsMachine ? "2" : "0",
            ["uti"] = scene.Name(22),
            ["ver"] = "1.0",
            ["http://schemas.microsoft.com/identity/claims/tenantid"] = scene.Organisation.TenantId,
            ["http://schemas.microsoft.com/identity/claims/objectidentifier"] = person.ObjectId,
        };
        if (person.IsMachine)
        {
            claims["idtyp"] = "app";
            claims["xms_tcdt"] = "1415644249";
        }
        else
        {
            claims["http://schemas.microsoft.com/claims/authnmethodsreferences"] = person.UsesMfa ? "pwd,mfa" : "pwd";
            claims["http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"] = person.Upn;
            claims["http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name"] = person.Upn;
            claims["http://schemas.microsoft.com/identity/claims/scope"] = "user_impersonation";
            claims["name"] = person.DisplayName;
            claims["ipaddr"] = person.HomeAddress;
        }

        return new JsonObject
        {
            ["authorization"] = new JsonObject
            {
                ["scope"] = resource,
                ["action"] = call.Operation,
                ["evidence"] = new JsonObject
                {
                    ["role"] = scene.Pick<string>(["Contributor", "Owner", "Network Contributor"]),
                    ["roleAssignmentScope"] = $"/subscriptions/{call.Subscription}",
                    ["roleAssignmentId"] = scene.Hex(32),
                    ["roleDefinitionId"] = "b24988ac618042a0ab8820f7382dd24c",
                    ["principalId"] = person.ObjectId.Replace("-", "", StringComparison.Ordinal),
                    ["principalType"] = person.IsMachine ? "ServicePrincipal" : "User",
                },
            },
            ["claims"] = claims,
        };
    }

    private sealed record Call(string Subscription, Person Person, string Operation, string Correlation, DateTimeOffset Time);
}
