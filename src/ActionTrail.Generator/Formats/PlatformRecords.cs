using System.Text.Json.Nodes;

namespace ActionTrail.Generator.Formats;

/// <summary>Inner-ActionTrail events: what the provider's staff and machines did to a customer's resources.</summary>
internal sealed class PlatformRecords(Scene scene) : IRecordMaker
{
    private static readonly (string Product, string Name, string Type, string Method)[] Actions =
    [
        ("OSS", "GetObject", "ACS::OSS::Bucket", "Regular Read"), ("ECS", "LiveMigrateInstance", "ACS::ECS::Instance", "Regular Write"), ("RDS", "ReadSlowLog", "ACS::RDS::DBInstance", "Regular Read"),
        ("KMS", "DescribeKey", "ACS::KMS::Key", "Regular Read"), ("ACK", "RestartControlPlane", "ACS::ACK::Cluster", "Regular Write"), ("ECS", "LockInstance", "ACS::ECS::Instance", "Emergency Write"),
    ];

    public void Make(List<MadeRecord> records)
    {
        var (product, name, type, method) = scene.Pick(Actions);
        var (account, time, id) = (scene.One(scene.Organisation.NativeAccounts), Scene.WholeSeconds(scene.Time()), scene.Guid());
        var kind = name == "LockInstance" ? "ALIYUN_INITIATED_PENALTY" : scene.Happens(0.6) ? "CUSTOMER_INITIATED_SUPPORT" : "ALIYUN_INITIATED_SERVICE";
        var employee = kind == "ALIYUN_INITIATED_SERVICE" ? "" : scene.Hex(32);
        records.Add(new MadeRecord(scene.Bytes(new JsonObject
        {
            ["EventID"] = id,
            ["EventVersion"] = "1.0.0",
            ["EventTime"] = Scene.Iso(time, 0),
            ["EventName"] = name,
            ["EventProduct"] = product,
            ["EventType"] = kind,
            ["EventDescription"] = kind == "CUSTOMER_INITIATED_SUPPORT" ? $"Ticket:{scene.Letters(8)}" : "Scheduled maintenance",
            ["EmployeeID"] = employee,
            ["EventMethod"] = method,
            ["EventLevel"] = kind == "ALIYUN_INITIATED_PENALTY" ? "WARNING" : "NOTICE",
            ["EventLocation"] = scene.Pick<string>(["CN", "SG", "DE"]),
            ["ResourceType"] = type,
            ["ResourceID"] = $"{product.ToLowerInvariant()}-{scene.Name(12)}",
            ["ResourceRegionID"] = "cn-hangzhou",
            ["ResourceOwnerID"] = account,
            ["EventAdditionalDetail"] = scene.Text(new JsonObject { ["session"] = scene.Hex(16), ["command"] = method.EndsWith("Read", StringComparison.Ordinal) ? "view" : "change" }),
        }), new ExpectedEvent
        {
            EventId = id,
            AccountId = account,
            EventTime = time,
            EventName = name,
            UserName = employee.Length == 0 ? null : employee,
        }));
    }
}
