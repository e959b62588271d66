using System.Text.Json.Nodes;

namespace ActionTrail.Generator.Formats;

/// <summary>Activity-log records of the categories that nobody calls: what Azure found, did or wants to tell.</summary>
internal sealed class AzureSignals(Scene scene)
{
    private static readonly string[] Regions = ["westeurope", "northeurope", "eastus", "uksouth"];

    public MadeRecord Make() => scene.Below(100) switch
    {
        < 30 => Policy(),
        < 50 => ResourceHealth(),
        < 65 => Alert(),
        < 80 => Autoscale(),
        < 90 => Recommendation(),
        < 95 => ServiceHealth(),
        _ => Security(),
    };

    private MadeRecord Policy()
    {
        var person = scene.Person();
        var resource = Machine(out var subscription);
        var record = Record("Policy", $"MICROSOFT.AUTHORIZATION/POLICIES/{scene.Pick<string>(["AUDIT", "DENY", "AUDITIFNOTEXISTS"])}/ACTION", resource, "Success", new JsonObject
        {
            ["isComplianceCheck"] = "False",
            ["resourceLocation"] = scene.Pick(Regions),
            ["ancestors"] = scene.Organisation.TenantId,
            ["policies"] = $"[{{\"policyDefinitionId\":\"/providers/Microsoft.Authorization/policyDefinitions/{scene.Guid()}/\",\"policyDefinitionEffect\":\"audit\"}}]",
            ["eventCategory"] = "Policy",
            ["entity"] = resource,
            ["hierarchy"] = "",
        }, subscription);
        record.Json["callerIpAddress"] = person.HomeAddress;
        record.Json["identity"] = new JsonObject { ["claims"] = new JsonObject { ["http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"] = person.Upn, ["http://schemas.microsoft.com/identity/claims/tenantid"] = scene.Organisation.TenantId } };
        return Finish((record.Json, record.Facts with { UserName = person.Upn, SourceIpAddress = person.HomeAddress }));
    }

    private MadeRecord ResourceHealth() => Finish(Record("ResourceHealth", $"Microsoft.Resourcehealth/healthevent/{scene.Pick<string>(["Updated", "Activated", "Resolved"])}/action", Machine(out var subscription), "Updated",
        Wrapped("ResourceHealth", new JsonObject
        {
            ["title"] = "This virtual machine is starting as requested by an authorized user or process.",
            ["details"] = "VirtualMachineStartInitiatedByControlPlane",
            ["currentHealthStatus"] = "Available",
            ["previousHealthStatus"] = "Unknown",
            ["type"] = "Downtime",
            ["cause"] = scene.Pick<string>(["PlatformInitiated", "UserInitiated"]),
        }), subscription));

    private MadeRecord Alert()
    {
        var subscription = Subscription();
        return Finish(Record("Alert", "Microsoft.Insights/ActivityLogAlerts/Activated/action", $"/SUBSCRIPTIONS/{subscription.ToUpperInvariant()}/RESOURCEGROUPS/RG-{scene.Below(20)}/PROVIDERS/MICROSOFT.INSIGHTS/ACTIVITYLOGALERTS/ROLE CHANGES", "Succeeded.",
            Wrapped("Alert", new JsonObject
            {
                ["subscriptionId"] = subscription,
                ["eventDataId"] = scene.Guid(),
                ["resourceId"] = $"/subscriptions/{subscription}/providers/microsoft.insights/diagnosticSettings/eventhub",
                ["operationName"] = "microsoft.insights/diagnosticSettings/write",
                ["status"] = "Started",
            }), subscription));
    }

    private MadeRecord Autoscale()
    {
        var subscription = Subscription();
        var set = $"/subscriptions/{subscription}/resourceGroups/rg-{scene.Below(20)}/providers/Microsoft.Compute/virtualMachineScaleSets/web";
        return Finish(Record("Autoscale", $"Microsoft.Insights/AutoscaleSettings/Scale{scene.Pick<string>(["up", "down"])}/Action", $"/SUBSCRIPTIONS/{subscription.ToUpperInvariant()}/RESOURCEGROUPS/RG-1/PROVIDERS/MICROSOFT.INSIGHTS/AUTOSCALESETTINGS/WEB-SCALE", "Succeeded",
            Wrapped("Autoscale", new JsonObject { ["Description"] = "The autoscale engine attempting to scale resource", ["ResourceName"] = set, ["OldInstancesCount"] = "2", ["NewInstancesCount"] = "3", ["ActiveAutoscaleProfile"] = "{}" }), subscription));
    }

    private MadeRecord Recommendation() => Finish(Record("Recommendation", "Microsoft.Advisor/recommendations/available/action", Machine(out var subscription), "Active", new JsonObject
    {
        ["recommendationSchemaVersion"] = "1.0",
        ["recommendationCategory"] = scene.Pick<string>(["Security", "Cost", "HighAvailability"]),
        ["recommendationImpact"] = "Medium",
        ["recommendationName"] = "Storage accounts should restrict network access",
        ["recommendationType"] = scene.Guid(),
    }, subscription));

    private MadeRecord ServiceHealth()
    {
        var subscription = Subscription();
        var region = scene.Pick(Regions);
        return Finish(Record("ServiceHealth", "Microsoft.ServiceHealth/incident/action", $"/subscriptions/{subscription}", "Active",
            Wrapped("ServiceHealth", new JsonObject
            {
                ["title"] = $"Network Infrastructure - {region}",
                ["service"] = "Service Fabric",
                ["region"] = region,
                ["communication"] = "A part of the customers in the region may see connectivity drops.",
                ["incidentType"] = "Incident",
                ["trackingId"] = $"{scene.Letters(4)}-{scene.Letters(3)}",
                ["impactedServices"] = $"[{{\"ImpactedRegions\":[{{\"RegionName\":\"{region}\"}}],\"ServiceName\":\"Service Fabric\"}}]",
                ["stage"] = "Active",
                ["version"] = "0.1.1",
            }), subscription));
    }

    private MadeRecord Security() => Finish(Record("Security", "Microsoft.Security/locations/alerts/activate/action", Machine(out var subscription), "Active",
        Wrapped("Security", new JsonObject { ["accountLogonId"] = "0x2r4", ["commandLine"] = @"c:\mydirectory\doubleextension.pdf.exe", ["compromisedEntity"] = "WIN-2", ["severity"] = "Medium", ["actionTaken"] = "Detected" }), subscription));

    private static JsonObject Wrapped(string category, JsonObject properties) => new() { ["eventCategory"] = category, ["eventProperties"] = properties };

    private string Subscription() => scene.One(scene.Organisation.Subscriptions);

    private string Machine(out string subscription)
    {
        subscription = Subscription();
        return $"/SUBSCRIPTIONS/{subscription.ToUpperInvariant()}/RESOURCEGROUPS/RG-{scene.Below(20)}/PROVIDERS/MICROSOFT.COMPUTE/VIRTUALMACHINES/VM-{scene.Below(300)}";
    }

    private (JsonObject Json, ExpectedEvent Facts) Record(string category, string operation, string resource, string result, JsonObject properties, string subscription)
    {
        var time = scene.Time();
        return (new JsonObject
        {
            ["time"] = Scene.Iso(time, 7),
            ["resourceId"] = resource,
            ["correlationId"] = scene.Guid(),
            ["operationName"] = operation,
            ["level"] = "Information",
            ["resultType"] = result,
            ["category"] = category,
            ["properties"] = properties,
        }, new ExpectedEvent { AccountId = subscription, EventTime = time, EventName = operation });
    }

    private MadeRecord Finish((JsonObject Json, ExpectedEvent Facts) record) => AzureQuirks.Finish(scene, record.Json, record.Facts);
}
