namespace ActionTrail.Tests.Events.Google;

/// <summary>LogEntries of the shapes that Cloud Audit Logs have, with values of our own.</summary>
internal static class GoogleRecords
{
    public const string SetPolicy = """
        {"insertId":"abc1xyz","logName":"projects/shop-1/logs/cloudaudit.googleapis.com%2Factivity","operation":{"id":"op-7","producer":"compute.googleapis.com","first":true},"protoPayload":{"@type":"type.googleapis.com/google.cloud.audit.AuditLog","authenticationInfo":{"principalEmail":"rosa@example.com","principalSubject":"user:rosa@example.com"},"authorizationInfo":[{"granted":true,"permission":"compute.instances.setIamPolicy","permissionType":"ADMIN_WRITE","resource":"projects/shop-1/zones/europe-west1-b/instances/till","resourceAttributes":{"type":"compute.instances"}},{"granted":true,"permission":"compute.instances.get","permissionType":"ADMIN_READ","resource":"projects/shop-1"}],"methodName":"v1.compute.instances.setIamPolicy","request":{"@type":"type.googleapis.com/x","policy":{"bindings":[]}},"response":{"etag":"e"},"requestMetadata":{"callerIp":"2001:db8::9","callerSuppliedUserAgent":"gcloud/500"},"resourceName":"projects/shop-1/zones/europe-west1-b/instances/till","resourceLocation":{"currentLocations":["europe-west1-b"]},"resourceOriginalState":{"etag":"old"},"serviceName":"compute.googleapis.com","status":{}},"receiveTimestamp":"2026-06-15T09:30:16.5Z","resource":{"labels":{"project_id":"shop-1","zone":"europe-west1-b","instance_id":"42"},"type":"gce_instance"},"severity":"NOTICE","timestamp":"2026-06-15T09:30:15.123456789Z"}
        """;

    /// <summary>An entry of another log with these members of the audit log.</summary>
    public static string Entry(string log, string audit, string labels = "\"project_id\":\"shop-1\"") => $$$"""
        {"insertId":"i-2","logName":"projects/shop-1/logs/cloudaudit.googleapis.com%2F{{{log}}}","protoPayload":{"@type":"type.googleapis.com/google.cloud.audit.AuditLog","serviceName":"storage.googleapis.com",{{{audit}}}},"resource":{"type":"gcs_bucket","labels":{{{{labels}}}}},"timestamp":"2026-06-15T09:31:00Z"}
        """;
}
