using System.Text.Json.Nodes;

namespace ActionTrail.Generator.Formats;

/// <summary>
/// CloudEvents 1.0 in structured form: an application's own audit events, Event Grid's events about Azure resources, and ActionTrail events that
/// somebody forwards. The account is in the extension <c>accountid</c>, in the source's subscription, or in the event inside.
/// </summary>
internal sealed class CloudEventRecords(Scene scene) : IRecordMaker
{
    private static readonly string[] Types =
        ["com.contoso.orders.order.read", "com.contoso.orders.order.created", "com.contoso.orders.order.cancelled", "com.contoso.hr.payslip.read", "com.contoso.hr.employee.updated", "com.contoso.portal.signin"];

    public void Make(List<MadeRecord> records)
    {
        var (json, facts) = scene.Below(100) switch { < 60 => Own(), < 85 => EventGrid(), _ => Forwarded() };
        records.Add(new MadeRecord(scene.Bytes(json), facts));
    }

    /// <summary>An event of an application, which has plain data and all context in its attributes.</summary>
    public (JsonObject Json, ExpectedEvent Facts) Own()
    {
        var (account, person, time, id) = (scene.One(scene.Organisation.NativeAccounts), scene.Person(), scene.Time(), scene.Guid());
        var type = scene.Pick(Types);
        var (address, hasToken) = (scene.AddressOf(person), scene.Happens(0.15));
        var data = new JsonObject
        {
            ["requestId"] = scene.Guid(),
            ["sourceIpAddress"] = address,
            ["userAgent"] = "contoso-portal/4.2",
            ["userIdentity"] = new JsonObject { ["type"] = "ram-user", ["userName"] = person.Upn },
            ["items"] = 1 + scene.Below(9),
        };
        if (hasToken)
            data["authorization"] = $"Bearer {PlantedSecrets.Jwt(ref scene.Chance)}";
        var json = new JsonObject
        {
            ["specversion"] = "1.0",
            ["id"] = id,
            ["source"] = $"/apps/{type.Split('.')[2]}",
            ["type"] = type,
            ["time"] = Scene.Iso(time, 3),
            ["subject"] = $"orders/{scene.Digits(7)}",
            ["datacontenttype"] = "application/json",
            ["accountid"] = account,
            ["authtype"] = "user",
            ["authid"] = person.ObjectId,
            ["traceparent"] = $"00-{scene.Hex(32)}-{scene.Hex(16)}-01",
            ["data"] = data,
        };
        return (json, new ExpectedEvent { EventId = id, AccountId = account, EventTime = time, EventName = type, UserName = person.Upn, SourceIpAddress = address, HasSecret = hasToken });
    }

    private (JsonObject, ExpectedEvent) EventGrid()
    {
        var (subscription, person, time, id) = (scene.One(scene.Organisation.Subscriptions), scene.Person(), scene.Time(), scene.Guid());
        var (address, fails) = (scene.AddressOf(person), scene.Fails());
        var operation = scene.Pick<string>(["Microsoft.Compute/virtualMachines/write", "Microsoft.Storage/storageAccounts/write", "Microsoft.Network/networkSecurityGroups/write"]);
        var resource = $"/subscriptions/{subscription}/resourceGroups/rg-{scene.Below(20)}/providers/{operation[..^6]}/res-{scene.Below(300)}";
        var json = new JsonObject
        {
            ["specversion"] = "1.0",
            ["id"] = id,
            ["source"] = $"/subscriptions/{subscription}",
            ["subject"] = resource,
            ["type"] = fails ? "Microsoft.Resources.ResourceWriteFailure" : "Microsoft.Resources.ResourceWriteSuccess",
            ["time"] = Scene.Iso(time, 7),
            ["data"] = new JsonObject
            {
                ["authorization"] = new JsonObject { ["scope"] = resource, ["action"] = operation, ["evidence"] = new JsonObject { ["role"] = "Contributor", ["principalType"] = "User" } },
                ["claims"] = new JsonObject { ["http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"] = person.Upn, ["http://schemas.microsoft.com/identity/claims/objectidentifier"] = person.ObjectId, ["ipaddr"] = address },
                ["correlationId"] = scene.Guid(),
                ["httpRequest"] = new JsonObject { ["clientRequestId"] = scene.Guid(), ["clientIpAddress"] = address, ["method"] = "PUT", ["url"] = $"https://management.azure.com{resource}?api-version=2023-03-01" },
                ["resourceProvider"] = operation[..operation.IndexOf('/', StringComparison.Ordinal)],
                ["resourceUri"] = resource,
                ["operationName"] = operation,
                ["status"] = fails ? "Failed" : "Succeeded",
                ["subscriptionId"] = subscription,
                ["tenantId"] = scene.Organisation.TenantId,
            },
        };
        return (json, new ExpectedEvent { EventId = id, AccountId = subscription, EventTime = time, EventName = operation, UserName = person.Upn, SourceIpAddress = address });
    }

    private (JsonObject, ExpectedEvent) Forwarded()
    {
        var inside = new List<MadeRecord>();
        new DataEventRecords(scene).Make(inside);
        var facts = inside[0].Facts;
        return (new JsonObject
        {
            ["specversion"] = "1.0",
            ["id"] = facts.EventId,
            ["source"] = "acs.actiontrail",
            ["type"] = "actiontrail:ActionTrail:ApiCall",
            ["time"] = Scene.Iso(facts.EventTime, 0),
            ["datacontenttype"] = "application/json",
            ["aliyunaccountid"] = facts.AccountId,
            ["data"] = JsonNode.Parse(inside[0].Json),
        }, facts);
    }
}
