using System.Text.Json.Nodes;

namespace ActionTrail.Generator.Formats;

/// <summary>The audit log of Entra ID: who changed which user, group or application, with old and new values.</summary>
internal sealed class EntraAuditRecords(Scene scene) : IRecordMaker
{
    private static readonly (string Operation, string Category, string Target)[] Activities =
    [
        ("Update user", "UserManagement", "User"), ("Add member to group", "GroupManagement", "Group"), ("Update service principal", "ApplicationManagement", "ServicePrincipal"),
        ("Reset user password", "UserManagement", "User"), ("Add member to role", "RoleManagement", "Role"), ("Add user", "UserManagement", "User"),
        ("Update application – Certificates and secrets management", "ApplicationManagement", "Application"), ("Consent to application", "ApplicationManagement", "ServicePrincipal"),
        ("Update conditional access policy", "Policy", "Policy"), ("Disable account", "UserManagement", "User"),
    ];

    private readonly WeightedChoice _activity = WeightedChoice.Zipf(Activities.Length, 0.7);

    public void Make(List<MadeRecord> records)
    {
        var (operation, category, target) = Activities[_activity.Draw(ref scene.Chance)];
        var (actor, whom, time) = (scene.Person(), scene.Person(), scene.Time());
        var id = $"Directory_{scene.Letters(8)}_{scene.Digits(9)}";
        var byApp = actor.IsMachine;
        var address = scene.AddressOf(actor);
        var fails = scene.Fails();
        var hasSecret = operation == "Reset user password";
        var correlation = scene.Guid();
        var initiatedBy = byApp
            ? new JsonObject { ["app"] = new JsonObject { ["appId"] = Scene.GuidOf(actor.Seed & 7), ["displayName"] = actor.Role, ["servicePrincipalId"] = actor.ObjectId } }
            : new JsonObject { ["user"] = new JsonObject { ["id"] = actor.ObjectId, ["displayName"] = actor.DisplayName, ["userPrincipalName"] = actor.Upn, ["ipAddress"] = address, ["roles"] = new JsonArray() } };
        var modified = new JsonArray(new JsonObject { ["displayName"] = "AccountEnabled", ["oldValue"] = "[true]", ["newValue"] = "[false]" });
        if (hasSecret)
            modified.Add(new JsonObject { ["displayName"] = "InviteLink", ["oldValue"] = null, ["newValue"] = PlantedSecrets.SasUrl(ref scene.Chance, "contosohr", "letters/welcome.pdf") });
        var json = new JsonObject
        {
            ["time"] = Scene.Iso(time, 7),
            ["resourceId"] = $"/tenants/{scene.Organisation.TenantId}/providers/Microsoft.aadiam",
            ["operationName"] = operation,
            ["operationVersion"] = "1.0",
            ["category"] = "AuditLogs",
            ["tenantId"] = scene.Organisation.TenantId,
            ["resultSignature"] = "None",
            ["resultDescription"] = fails ? "The directory refused the change." : "",
            ["durationMs"] = 0,
            ["correlationId"] = correlation,
            ["identity"] = byApp ? actor.Role : actor.DisplayName,
            ["Level"] = "4",
            ["properties"] = new JsonObject
            {
                ["id"] = id,
                ["category"] = category,
                ["correlationId"] = correlation,
                ["result"] = fails ? "failure" : "success",
                ["resultReason"] = "",
                ["activityDisplayName"] = operation,
                ["activityDateTime"] = Scene.Iso(time, 7),
                ["loggedByService"] = "Core Directory",
                ["operationType"] = "Update",
                ["initiatedBy"] = initiatedBy,
                ["targetResources"] = new JsonArray(new JsonObject { ["id"] = whom.ObjectId, ["displayName"] = whom.DisplayName, ["type"] = target, ["userPrincipalName"] = target == "User" ? whom.Upn : null, ["modifiedProperties"] = modified, ["administrativeUnits"] = new JsonArray() }),
                ["additionalDetails"] = new JsonArray(new JsonObject { ["key"] = "UserType", ["value"] = "Member" }),
            },
        };
        if (!byApp)
            json["callerIpAddress"] = address;
        records.Add(AzureQuirks.Finish(scene, json, new ExpectedEvent
        {
            EventId = id,
            AccountId = scene.Organisation.TenantId,
            EventTime = time,
            EventName = operation,
            UserName = byApp ? actor.Role : actor.Upn,
            SourceIpAddress = byApp ? null : address,
            HasSecret = hasSecret,
        }));
    }
}

/// <summary>The sign-in log of Entra ID: one of seven fails.</summary>
internal sealed class EntraSignInRecords(Scene scene) : IRecordMaker
{
    private static readonly (string Code, string Reason)[] Failures =
    [
        ("50126", "Error validating credentials due to invalid username or password."), ("50140", "The user was interrupted by the question whether to stay signed in."),
        ("53003", "Access has been blocked by Conditional Access policies."), ("50074", "Strong authentication is required."), ("700016", "The application was not found in the directory."),
    ];

    public void Make(List<MadeRecord> records)
    {
        var (person, time, id, correlation) = (scene.Person(), scene.Time(), scene.Guid(), scene.Guid());
        var address = scene.AddressOf(person);
        (string Code, string Reason)? failure = scene.Happens(Math.Min(1, scene.Options.ErrorShare * 1.4)) ? scene.Pick(Failures) : null;
        var json = new JsonObject
        {
            ["time"] = Scene.Iso(time, 7),
            ["resourceId"] = $"/tenants/{scene.Organisation.TenantId}/providers/Microsoft.aadiam",
            ["operationName"] = "Sign-in activity",
            ["operationVersion"] = "1.0",
            ["category"] = scene.Happens(0.8) ? "SignInLogs" : "NonInteractiveUserSignInLogs",
            ["tenantId"] = scene.Organisation.TenantId,
            ["resultType"] = failure?.Code ?? "0",
            ["resultSignature"] = failure is null ? "SUCCESS" : "None",
            ["resultDescription"] = failure?.Reason ?? "",
            ["durationMs"] = 0,
            ["callerIpAddress"] = address,
            ["correlationId"] = correlation,
            ["identity"] = person.DisplayName,
            ["Level"] = 4,
            ["location"] = scene.Pick<string>(["DE", "US", "JP", "BR"]),
            ["properties"] = new JsonObject
            {
                ["id"] = id,
                ["createdDateTime"] = time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'+00:00'", System.Globalization.CultureInfo.InvariantCulture),
                ["userDisplayName"] = person.DisplayName,
                ["userPrincipalName"] = person.Upn,
                ["userId"] = person.ObjectId,
                ["appId"] = Scene.GuidOf(person.Seed & 7),
                ["appDisplayName"] = scene.Pick<string>(["Azure Portal", "Microsoft Azure CLI", "Office 365 Exchange Online", "Contoso Orders"]),
                ["ipAddress"] = address,
                ["status"] = new JsonObject { ["errorCode"] = int.Parse(failure?.Code ?? "0", System.Globalization.CultureInfo.InvariantCulture), ["failureReason"] = failure?.Reason },
                ["clientAppUsed"] = "Browser",
                ["userAgent"] = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36",
                ["deviceDetail"] = new JsonObject { ["deviceId"] = "", ["operatingSystem"] = "Windows 10", ["browser"] = "Chrome 122.0.0" },
                ["location"] = new JsonObject { ["city"] = "Hamburg", ["state"] = "Hamburg", ["countryOrRegion"] = "DE", ["geoCoordinates"] = new JsonObject { ["latitude"] = 53.55, ["longitude"] = 9.99 } },
                ["conditionalAccessStatus"] = failure?.Code == "53003" ? "failure" : "success",
                ["appliedConditionalAccessPolicies"] = new JsonArray(new JsonObject { ["id"] = scene.Guid(), ["displayName"] = "MFA for everyone", ["enforcedGrantControls"] = new JsonArray("Mfa"), ["enforcedSessionControls"] = new JsonArray(), ["result"] = "success" }),
                ["authenticationRequirement"] = person.UsesMfa ? "multiFactorAuthentication" : "singleFactorAuthentication",
                ["isInteractive"] = true,
                ["tokenIssuerType"] = "AzureAD",
                ["riskLevelAggregated"] = "none",
                ["riskState"] = "none",
                ["resourceDisplayName"] = "windows azure service management api",
                ["resourceId"] = "797f4846-ba00-4fd7-ba43-dac1f8f63013",
            },
        };
        records.Add(AzureQuirks.Finish(scene, json, new ExpectedEvent
        {
            EventId = id,
            AccountId = scene.Organisation.TenantId,
            EventTime = time,
            EventName = "Sign-in activity",
            UserName = person.Upn,
            SourceIpAddress = address,
        }));
    }
}
