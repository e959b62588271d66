using ActionTrail.Tests.Events.Google;

namespace ActionTrail.Tests.Events.Corpus;

/// <summary>LogEntries of Google Cloud.</summary>
internal static class GoogleRows
{
    public static readonly string Good = GoogleRecords.Entry("activity", "\"methodName\":\"storage.buckets.create\",\"resourceName\":\"projects/_/buckets/b\"").Trim();

    public static OddRecords All => new("Google", Good, "shop-1", "2026-06-15T09:31:00.000Z", "derived")
    {
        { "nothing odd", Good, "ok" },
        { "no time", "timestamp", null, "Missing /timestamp" },
        { "receive time only", WithoutTime("\"2026-06-15T09:32:00.5Z\""), "ok at=2026-06-15T09:32:00.500Z" },
        { "receive time only, bad", WithoutTime("\"now\""), "BadValue /receiveTimestamp" },
        { "receive time only, too old", WithoutTime("\"2020-06-15T09:32:00Z\""), "TooOld /receiveTimestamp" },
        { "time a number", "timestamp", "1781515860", "BadValue /timestamp" },
        { "time an object", "timestamp", """{"seconds":1}""", "Missing /timestamp" },
        { "too old", "timestamp", "\"2020-06-15T09:31:00Z\"", "TooOld /timestamp" },
        { "too far ahead", "timestamp", "\"2027-06-15T09:31:00Z\"", "TooFarAhead /timestamp" },
        { "nanoseconds and an offset", "timestamp", "\"2026-06-15T11:31:00.123456789+02:00\"", "ok at=2026-06-15T09:31:00.123Z" },
        { "two times", "+", "\"timestamp\":\"2026-06-15T09:31:00Z\"", "BadValue /timestamp" },
        { "no insert id", "insertId", null, "ok" },
        { "insert id a number", "insertId", "5", "ok" },
        { "insert id an object", "insertId", "{}", "ok" },
        { "no payload", "protoPayload", null, "UnknownFormat /protoPayload" },
        { "payload text", "protoPayload", "\"x\"", "UnknownFormat /protoPayload" },
        { "payload null", "protoPayload", "null", "UnknownFormat /protoPayload" },
        { "payload a list", "protoPayload", "[]", "UnknownFormat /protoPayload" },
        { "payload empty", "protoPayload", "{}", "UnknownFormat /protoPayload" },
        { "payload of another type", "protoPayload/@type", "\"type.googleapis.com/google.appengine.logging.v1.RequestLog\"", "UnknownFormat /protoPayload" },
        { "payload without type", "protoPayload/@type", null, "ok" },
        { "payload whose type is an object", "protoPayload/@type", "{}", "ok" },
        { "two payloads", "+", "\"protoPayload\":{}", "BadValue /protoPayload" },
        { "a text payload", """{"insertId":"i","logName":"projects/p/logs/app","textPayload":"started","timestamp":"2026-06-15T09:31:00Z"}""", "UnknownFormat /protoPayload" },
        { "no method", "protoPayload/methodName", null, "Missing /protoPayload/methodName" },
        { "method null", "protoPayload/methodName", "null", "Missing /protoPayload/methodName" },
        { "method a number", "protoPayload/methodName", "5", "ok" },
        { "no service", "protoPayload/serviceName", null, "Missing /protoPayload/serviceName" },
        { "service a list", "protoPayload/serviceName", "[]", "Missing /protoPayload/serviceName" },
        { "project of the log", "resource/labels/project_id", null, "ok" },
        { "project with a colon", "resource/labels/project_id", "\"example.com:shop\"", "ok account=example.com.shop" },
        { "project bad", "resource/labels/project_id", "\"a b\"", "BadValue /resource/labels/project_id" },
        { "project a number", "resource/labels/project_id", "42", "ok account=42" },
        { "project an object", "resource/labels/project_id", "{}", "ok" },
        { "log of an organization", Owner("organizations/77"), "ok account=organizations-77" },
        { "log of a folder", Owner("folders/8"), "ok account=folders-8" },
        { "log of a billing account", Owner("billingAccounts/01-AB"), "ok account=billingAccounts-01-AB" },
        { "log of something else", Owner("planets/3"), "Missing /resource/labels/project_id" },
        { "log of nobody", Owner("projects/"), "Missing /resource/labels/project_id" },
        { "log of a bad name", Owner("projects/a b"), "BadValue /logName" },
        { "log name a number", Owner("x").Replace("\"x/logs/cloudaudit.googleapis.com%2Factivity\"", "5", StringComparison.Ordinal), "Missing /resource/labels/project_id" },
        { "log name with an escaped slash", "logName", "\"projects\\/shop-1\\/logs\\/cloudaudit.googleapis.com%2fpolicy\"", "ok" },
        { "log name empty", "logName", "\"\"", "ok" },
        { "resource text", "resource", "\"x\"", "ok" },
        { "labels a list", "resource/labels", "[]", "ok" },
        { "labels twice the same", "resource", """{"type":"t","labels":{"project_id":"shop-1","project_id":"shop-2"}}""", "BadValue /resource/labels/project_id" },
        { "status text", "protoPayload/status", "\"OK\"", "ok" },
        { "status code as text", "protoPayload/status", """{"code":"7","message":5}""", "ok" },
        { "status code an object", "protoPayload/status", """{"code":{}}""", "ok" },
        { "permissions an object", "protoPayload/authorizationInfo", "{}", "ok" },
        { "permissions of all kinds", "protoPayload/authorizationInfo", """[null,1,"x",[],{},{"permissionType":5,"resource":{}},{"resourceAttributes":"x","resource":"r"}]""", "ok" },
        { "two thousand permissions", "protoPayload/authorizationInfo", "[" + string.Join(',', Enumerable.Range(0, 2000).Select(static i => $$"""{"resource":"r{{i}}"}""")) + "]", "ok" },
        { "caller text", "protoPayload/authenticationInfo", "\"x\"", "ok" },
        { "caller's key a slash", "protoPayload/authenticationInfo", """{"serviceAccountKeyName":"/","principalEmail":1}""", "ok" },
        { "metadata a list", "protoPayload/requestMetadata", "[]", "ok" },
        { "address a number", "protoPayload/requestMetadata", """{"callerIp":7}""", "ok" },
        { "location text", "protoPayload/resourceLocation", "\"eu\"", "ok" },
        { "locations of numbers", "protoPayload/resourceLocation", """{"currentLocations":[5,null]}""", "ok" },
        { "no locations", "protoPayload/resourceLocation", """{"currentLocations":[]}""", "ok" },
        { "zone a dash", "resource/labels/zone", "\"-\"", "ok" },
        { "request text", "protoPayload/request", "\"x\"", "ok" },
        { "operation text", "operation", "\"x\"", "ok" },
        { "severity a number", "severity", "200", "ok" },
        { "half a pair", "protoPayload/request", """{"a":"\ud800"}""", "BadEncoding" },
        { "method twice", "protoPayload", """{"@type":"x.google.cloud.audit.AuditLog","methodName":"a","methodName":"b","serviceName":"s"}""", "BadValue /protoPayload/methodName" },
        { "59 levels, and one by the wrapping", "free", new string('[', 58) + new string(']', 58), "ok" },
        { "60 levels, and one by the wrapping", "free", new string('[', 59) + new string(']', 59), "TooDeep" },
    };

    private static string WithoutTime(string receiveTime) => Good.Replace("\"timestamp\":\"2026-06-15T09:31:00Z\"", $"\"receiveTimestamp\":{receiveTime}", StringComparison.Ordinal);

    private static string Owner(string name) => Good.Replace("\"project_id\":\"shop-1\"", "", StringComparison.Ordinal).Replace("projects/shop-1", name, StringComparison.Ordinal);
}
