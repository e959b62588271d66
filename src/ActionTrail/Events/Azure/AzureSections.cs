using static ActionTrail.Events.Azure.AzureField;
using Section = ActionTrail.Events.Azure.AzureSection;

namespace ActionTrail.Events.Azure;

/// <summary>The names of all that is read, section by section. They compare without case, as the services spell them in several ways.</summary>
internal static class AzureSections
{
    private const string Soap = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/";
    private const string Microsoft = "http://schemas.microsoft.com/";

    private static readonly AsciiTable<AzureMember>[] Tables = Make();

    /// <summary>Fields of <c>additionalEventData</c> that are copied from <c>properties</c>, with the names they get there.</summary>
    public static readonly (AzureField Field, byte[] Name)[] Copied = [.. Enumerable.Range((int)Title, (int)Count - (int)Title).Select(i =>
        ((AzureField)i, System.Text.Encoding.ASCII.GetBytes(char.ToLowerInvariant(((AzureField)i).ToString()[0]) + ((AzureField)i).ToString()[1..])))];

    public static AsciiTable<AzureMember> Of(Section section) => Tables[(int)section];

    private static AsciiTable<AzureMember>[] Make()
    {
        var tables = new AsciiTable<AzureMember>[Enum.GetValues<Section>().Length];
        tables[(int)Section.Root] = Table(
            [("time", Time), ("timestamp", Timestamp), ("eventTimestamp", EventTimestamp), ("EventTimeString", TimeText), ("TimeGenerated", TimeGenerated),
            ("operationName", OperationName), ("eventName", EventName), ("category", Category), ("resourceId", ResourceId), ("tenantId", TenantId),
            ("subscriptionId", SubscriptionId), ("resultType", ResultType), ("status", Status), ("resultSignature", ResultSignature), ("subStatus", SubStatus),
            ("resultDescription", ResultDescription), ("description", Description), ("result", RootResult), ("durationMs", DurationMs),
            ("callerIpAddress", CallerIpAddress), ("correlationId", CorrelationId), ("ActivityId", ActivityId), ("level", Level), ("location", Location),
            ("region", Region), ("eventDataId", EventDataId), ("operationVersion", OperationVersion), ("uri", RequestUri), ("statusCode", StatusCode),
            ("statusText", StatusText), ("caller", Caller)],
            ("properties", new AzureMember(Properties, Section.Properties)), ("EventProperties", new AzureMember(None, Section.EventProperties)), ("identity", new AzureMember(Identity, Section.Identity)),
            ("claims", new AzureMember(Claims, Section.Claims)), ("authorization", new AzureMember(Authorization, Section.Authorization)), ("httpRequest", new AzureMember(HttpRequest, Section.HttpRequest)));
        tables[(int)Section.Properties] = Table(
            [("eventCategory", PropertiesCategory), ("eventDataId", PropertiesEventDataId), ("id", Id), ("entity", Entity), ("statusCode", PropertiesStatusCode),
            ("httpStatusCode", HttpStatus), ("httpStatus", HttpStatus), ("scStatus", HttpStatus), ("responseStatusCode", HttpStatus), ("responseCode", HttpStatus),
            ("serviceRequestId", ServiceRequestId), ("resourceLocation", ResourceLocation), ("region", PropertiesRegion), ("ipAddress", IpAddress),
            ("clientIp", IpAddress), ("cIp", IpAddress), ("client_ip", IpAddress), ("userAgent", UserAgent), ("userAgentHeader", UserAgent), ("clientInfo", ClientInfo),
            ("application_name", ApplicationName), ("hierarchy", Hierarchy), ("tenantId", PropertiesTenantId), ("result", PropertiesResult), ("appId", AppId),
            ("userId", UserId), ("userPrincipalName", UserPrincipalName), ("userDisplayName", UserDisplayName), ("servicePrincipalId", ServicePrincipalId),
            ("servicePrincipalName", ServicePrincipalName), ("servicePrincipalDisplayName", ServicePrincipalName), ("servicePrincipalCredentialKeyId", CredentialKeyId),
            ("loggedByService", LoggedByService), ("targetResourceType", TargetResourceType), ("targetResourceName", TargetResourceName),
            ("activityDisplayName", ActivityDisplayName), ("activityDateTime", ActivityTime), ("createdDateTime", ActivityTime), ("requestMethod", Method),
            ("httpMethod", Method), ("csMethod", Method), ("method", Method), ("csUsername", HttpUser), ("csHost", Host), ("host", Host),
            ("objectKey", ObjectKey), ("server_principal_name", SqlPrincipal), ("action_name", SqlAction), ("succeeded", Succeeded), ("database_name", SqlDatabase),
            ("object_name", SqlObject), ("event_id", SqlEventId), ("uniqueTokenIdentifier", ClaimTokenId), ("provisioningAction", ProvisioningAction), ("title", Title), ("message", Message),
            ("resultReason", ResultReason), ("appDisplayName", AppDisplayName), ("resourceDisplayName", ResourceDisplayName), ("clientAppUsed", ClientAppUsed),
            ("isInteractive", IsInteractive), ("conditionalAccessStatus", ConditionalAccessStatus), ("authenticationRequirement", AuthenticationRequirement),
            ("riskState", RiskState), ("riskDetail", RiskDetail), ("riskLevel", RiskLevel), ("riskLevelAggregated", RiskLevelAggregated),
            ("riskLevelDuringSignIn", RiskLevelDuringSignIn), ("riskEventType", RiskEventType), ("trackingId", TrackingId), ("incidentType", IncidentType),
            ("severity", Severity), ("compromisedEntity", CompromisedEntity), ("recommendationName", RecommendationName),
            ("recommendationCategory", RecommendationCategory), ("recommendationImpact", RecommendationImpact), ("ruleName", RuleName), ("direction", Direction),
            ("statement", Statement), ("currentHealthStatus", CurrentHealthStatus), ("previousHealthStatus", PreviousHealthStatus), ("cause", Cause)],
            ("requestbody", new AzureMember(RequestBody, IsJson: true)), ("responseBody", new AzureMember(ResponseBody, IsJson: true)), ("targetResources", new AzureMember(TargetResources, IsJson: true)),
            ("additionalDetails", new AzureMember(AdditionalDetails, IsJson: true)), ("statusMessage", new AzureMember(StatusMessage, Section.StatusMessage)), ("status", new AzureMember(None, Section.Status)),
            ("statusInfo", new AzureMember(None, Section.Status)), ("provisioningStatusInfo", new AzureMember(None, Section.Status)), ("errorInformation", new AzureMember(None, Section.Status)),
            ("eventProperties", new AzureMember(None, Section.EventProperties)), ("initiatedBy", new AzureMember(None, Section.InitiatedBy)), ("log", new AzureMember(None, Section.Kubernetes)),
            ("servicePrincipal", new AzureMember(None, Section.ServicePrincipal)), ("sourceIdentity", new AzureMember(None, Section.SourceIdentity)), ("targetIdentity", new AzureMember(None, Section.TargetIdentity)));
        tables[(int)Section.EventProperties] = Table(
            [("region", EventRegion), ("title", Title), ("trackingId", TrackingId), ("incidentType", IncidentType), ("currentHealthStatus", CurrentHealthStatus),
            ("previousHealthStatus", PreviousHealthStatus), ("cause", Cause), ("severity", Severity), ("compromisedEntity", CompromisedEntity),
            ("recommendationName", RecommendationName), ("recommendationCategory", RecommendationCategory), ("recommendationImpact", RecommendationImpact)]);
        tables[(int)Section.StatusMessage] = Table([("code", StatusMessageCode), ("message", StatusMessageText)], ("error", new AzureMember(None, Section.StatusMessage)));
        tables[(int)Section.Status] = Table(
            [("errorCode", FailureCode), ("failureReason", FailureReason), ("reason", FailureReason)], ("errorInformation", new AzureMember(None, Section.Status)));
        tables[(int)Section.InitiatedBy] = Table(
            [("id", InitiatingAppPrincipal), ("displayName", InitiatingAppName), ("name", InitiatingAppName)],
            ("user", new AzureMember(InitiatingUser, Section.InitiatingUser)), ("app", new AzureMember(InitiatingApp, Section.InitiatingApp)));
        tables[(int)Section.InitiatingUser] = Table([("id", InitiatingUserId), ("userPrincipalName", InitiatingUserName), ("ipAddress", InitiatingUserIp), ("displayName", UserDisplayName)]);
        tables[(int)Section.InitiatingApp] = Table([("appId", InitiatingAppId), ("servicePrincipalId", InitiatingAppPrincipal), ("displayName", InitiatingAppName), ("servicePrincipalName", ServicePrincipalName)]);
        tables[(int)Section.ServicePrincipal] = Table([("id", ServicePrincipalId), ("name", ServicePrincipalName), ("displayName", ServicePrincipalName)]);
        tables[(int)Section.SourceIdentity] = Table([("id", SourceIdentityId), ("name", SourceIdentityName), ("displayName", SourceIdentityName)]);
        tables[(int)Section.TargetIdentity] = Table([("id", TargetIdentityId), ("name", TargetIdentityName), ("displayName", TargetIdentityName), ("type", TargetIdentityType), ("identityType", TargetIdentityType)]);
        tables[(int)Section.HttpRequest] = Table([("clientIpAddress", HttpClientIp), ("method", Method)]);
        tables[(int)Section.Identity] = Table(
            [("type", CredentialType), ("tokenHash", TokenHash)], ("authorization", new AzureMember(Authorization, Section.Authorization)), ("claims", new AzureMember(Claims, Section.Claims)),
            ("claim", new AzureMember(Claims, Section.Claims)), ("requester", new AzureMember(None, Section.Requester)));
        tables[(int)Section.Authorization] = Table([("action", AuthorizedAction), ("scope", Scope)], ("evidence", new AzureMember(None, Section.Evidence)));
        tables[(int)Section.Evidence] = Table([("principalId", EvidencePrincipalId), ("principalType", EvidencePrincipalType)]);
        tables[(int)Section.Requester] = Table([("objectId", RequesterObjectId), ("upn", RequesterUpn), ("appId", RequesterAppId), ("tenantId", RequesterTenantId)]);
        tables[(int)Section.Claims] = Table(
            [(Microsoft + "identity/claims/tenantid", ClaimTenantId), ("tid", ClaimTenantId), (Microsoft + "identity/claims/objectidentifier", ClaimObjectId), ("oid", ClaimObjectId),
            (Soap + "upn", ClaimUpn), ("upn", ClaimUpn), (Soap + "name", ClaimFullName), ("name", ClaimName), (Soap + "emailaddress", ClaimEmail), ("appid", ClaimAppId),
            ("idtyp", ClaimTokenType), ("xms_mirid", ClaimManagedIdentity), ("uti", ClaimTokenId), ("iat", ClaimIssuedAt), ("iss", ClaimIssuer),
            (Microsoft + "claims/authnmethodsreferences", ClaimMethods), ("amr", ClaimMethods), ("ipaddr", ClaimIp)]);
        tables[(int)Section.Kubernetes] = Table(
            [("auditID", AuditId), ("stage", AuditStage), ("verb", AuditVerb), ("userAgent", AuditUserAgent)], ("sourceIPs", new AzureMember(AuditSourceIps, IsJson: true)),
            ("user", new AzureMember(None, Section.KubernetesUser)), ("objectRef", new AzureMember(None, Section.KubernetesObject)), ("responseStatus", new AzureMember(None, Section.KubernetesStatus)));
        tables[(int)Section.KubernetesUser] = Table([("username", AuditUser), ("uid", AuditUserId)]);
        tables[(int)Section.KubernetesObject] = Table([("resource", AuditResource), ("subresource", AuditSubresource), ("namespace", AuditNamespace), ("name", AuditName)]);
        tables[(int)Section.KubernetesStatus] = Table([("code", AuditStatusCode), ("reason", AuditReason), ("message", AuditMessage)]);
        return tables;
    }

    private static AsciiTable<AzureMember> Table((string Name, AzureField Field)[] texts, params (string Name, AzureMember Member)[] others) =>
        new([.. texts.Select(text => (text.Name, new AzureMember(text.Field))), .. others]);
}
