using ActionTrail.Cli.Output;

namespace ActionTrail.Cli.Lookup;

/// <summary>The columns of events; docs/cli.md lists them, and a test compares.</summary>
internal static class EventColumns
{
    public const string TableDefault = "eventTime,eventName,serviceName,user,resourceName,sourceIpAddress,errorCode";

    public static IReadOnlyList<Column> All { get; } =
    [
        Column.At("eventTime", 24, "eventTime"),
        Column.At("eventId", 36, "eventId"),
        Column.At("eventName", 40, "eventName"),
        Column.At("serviceName", 28, "serviceName"),
        Column.At("user", 32, "userIdentity.userName", "userIdentity.principalId", "userIdentity.type"),
        Column.At("eventRW", 7, "eventRW"),
        Column.At("resourceType", 40, "resourceType"),
        Column.At("resourceName", 48, "resourceName"),
        Column.At("region", 20, "acsRegion"),
        Column.At("sourceIpAddress", 39, "sourceIpAddress"),
        Column.At("errorCode", 32, "errorCode"),
        Column.At("eventType", 16, "eventType"),
        Column.At("requestId", 36, "requestId"),
        Column.At("accountId", 36, "recipientAccountId", "userIdentity.accountId"),
        Column.At("principalId", 36, "userIdentity.principalId"),
        Column.At("accessKeyId", 36, "userIdentity.accessKeyId"),
        Column.At("errorMessage", 60, "errorMessage"),
        Column.At("userAgent", 60, "userAgent"),
    ];

    /// <summary>What is shown when nobody chose: a screenful in a table, everything in CSV.</summary>
    public static IReadOnlyList<Column> For(OutputForm form, string? wanted) =>
        wanted is null && form == OutputForm.Csv ? All : Column.Choose(wanted ?? TableDefault, All);
}
