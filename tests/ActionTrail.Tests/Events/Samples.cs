namespace ActionTrail.Tests.Events;

/// <summary>Events with values of our own.</summary>
internal static class Samples
{
    public const string Minimal = """{"eventId":"e-1","eventName":"StopVm","eventTime":"2026-06-15T11:59:58Z","serviceName":"Compute","recipientAccountId":"acct-1"}""";

    public const string Full = """
        {"eventId":"6f0d2c1a-1","eventVersion":1,"eventTime":"2026-06-15T08:15:30Z","eventType":"ApiCall","eventCategory":"Management","eventName":"StopVm","eventRW":"Write","eventSource":"compute.example.net","serviceName":"Compute","apiVersion":"2026-01-01","acsRegion":"north-1","isGlobal":false,"requestId":"req-77","requestParameters":{"VmId":"vm-1","Force":true,"Tags":[{"k":"a","v":"b"}]},"responseElements":{"State":"Stopping"},"resourceType":"Vm;Disk","resourceName":"vm-1;disk-9","referencedResources":{"Net":["net-1","net-2"],"Vm":["vm-1"]},"errorCode":"","errorMessage":"","sourceIpAddress":"203.0.113.9","userAgent":"cli/2.1 (linux)","additionalEventData":{"Scheme":"https"},"eventAttributes":{"SensitiveAction":"true"},"vpcId":"vpc-3","userIdentity":{"type":"assumed-role","accountId":"acct-2","principalId":"role-5:nightly","userName":"operators:nightly","accessKeyId":"AK-3","sessionContext":{"attributes":{"mfaAuthenticated":"false"}}},"x-unknown":{"b": [1, 2.50, 1e999],"ü":"\u00e4"}}
        """;

    public static string With(string member) => Minimal[..^1] + "," + member + "}";
}
