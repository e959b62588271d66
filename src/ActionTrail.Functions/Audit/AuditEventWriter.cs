using System.Buffers;
using System.Globalization;
using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.Functions.Rest;

namespace ActionTrail.Functions.Audit;

/// <summary>Writes our own audit events in the ActionTrail event form: service <c>ActionTrail</c>.</summary>
internal static class AuditEventWriter
{
    public const string ServiceName = "ActionTrail";

    /// <param name="facts">The call.</param>
    /// <param name="eventId">Unique id that the caller cannot know before the event is stored.</param>
    /// <param name="problem">Why it was refused; null when it was not.</param>
    /// <param name="at">When it was answered, UTC.</param>
    public static byte[] Write(AuditFacts facts, string eventId, ProblemType? problem, DateTimeOffset at)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            Open(json, eventId, facts.RequestId, facts.AccountId, facts.Operation.ToString(), AccessRules.IsWrite(facts.Operation), at, facts.ApiVersion);
            json.WriteString("eventType"u8, "ApiCall");
            json.WriteString("eventSource"u8, facts.Host.Length == 0 ? "localhost" : facts.Host);
            json.WriteString("sourceIpAddress"u8, facts.SourceIpAddress);
            json.WriteString("userAgent"u8, facts.UserAgent);
            WriteIdentity(json, facts);
            json.WriteStartObject("requestParameters"u8);
            foreach (var (name, value) in facts.Parameters)
                json.WriteString(name, value);
            json.WriteEndObject();
            if (ResourceType(facts.Operation) is { } type && !string.IsNullOrEmpty(facts.ResourceName))
            {
                json.WriteString("resourceType"u8, type);
                json.WriteString("resourceName"u8, facts.ResourceName);
            }

            if (problem is not null)
            {
                json.WriteString("errorCode"u8, problem.Code);
                json.WriteString("errorMessage"u8, problem.Title);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>An event of the service itself, e.g. the report of a purge, in the operator's account.</summary>
    /// <param name="eventId">Unique id.</param>
    /// <param name="eventName">What happened.</param>
    /// <param name="at">When, UTC.</param>
    /// <param name="eventData">Writes the members of <c>additionalEventData</c>.</param>
    public static byte[] WriteServiceEvent(string eventId, string eventName, DateTimeOffset at, Action<Utf8JsonWriter> eventData)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            Open(json, eventId, eventId, Account.Operator, eventName, isWrite: true, at, "v1");
            json.WriteString("eventType"u8, "AliyunServiceEvent");
            json.WriteString("eventSource"u8, "actiontrail");
            json.WriteString("sourceIpAddress"u8, "Internal");
            json.WriteString("userAgent"u8, "actiontrail");
            json.WriteStartObject("userIdentity"u8);
            json.WriteString("type"u8, "system");
            json.WriteString("userName"u8, "actiontrail");
            json.WriteString("accountId"u8, Account.Operator);
            json.WriteEndObject();
            json.WriteStartObject("additionalEventData"u8);
            eventData(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Open(Utf8JsonWriter json, string eventId, string requestId, string accountId, string eventName, bool isWrite, DateTimeOffset at, string apiVersion)
    {
        json.WriteStartObject();
        json.WriteString("eventId"u8, eventId);
        json.WriteNumber("eventVersion"u8, 1);
        json.WriteString("eventTime"u8, at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        json.WriteString("eventCategory"u8, "Management");
        json.WriteString("eventName"u8, eventName);
        json.WriteString("eventRW"u8, isWrite ? "Write" : "Read");
        json.WriteString("serviceName"u8, ServiceName);
        json.WriteString("apiVersion"u8, apiVersion);
        json.WriteString("acsRegion"u8, "global");
        json.WriteBoolean("isGlobal"u8, value: true);
        json.WriteString("requestId"u8, requestId);
        json.WriteString("recipientAccountId"u8, accountId);
    }

    private static void WriteIdentity(Utf8JsonWriter json, AuditFacts facts)
    {
        json.WriteStartObject("userIdentity"u8);
        json.WriteString("type"u8, facts switch
        {
            { Caller.Role: Role.Operator } => "root-account",
            { AccessKeyId: not null } => "ram-user",
            { Caller.Subject: not null } => "assumed-role",
            _ => "unknown",
        });
        json.WriteString("accountId"u8, facts.Caller?.HomeAccountId ?? facts.AccountId);
        if (facts.Caller is { } caller)
            json.WriteString("principalId"u8, caller.PrincipalId);
        if (facts.AccessKeyId is not null)
            json.WriteString("accessKeyId"u8, facts.AccessKeyId);
        if (facts.Caller?.UserName is { } userName)
            json.WriteString("userName"u8, userName);
        json.WriteEndObject();
    }

    private static string? ResourceType(Operation operation) => operation switch
    {
        Operation.CreateAccount or Operation.GetAccount or Operation.UpdateAccount => "ACS::ActionTrail::Account",
        Operation.CreateAccessKey or Operation.GetAccessKey or Operation.UpdateAccessKey or Operation.DeleteAccessKey or Operation.RotateAccessKey
            or Operation.GetAccessKeyLastUsedInfo => "ACS::ActionTrail::AccessKey",
        Operation.CreateTrail or Operation.GetTrail or Operation.UpdateTrail or Operation.DeleteTrail or Operation.StartLogging
            or Operation.StopLogging or Operation.GetTrailStatus or Operation.ListDeliveries or Operation.RedeliverWindow
            or Operation.RedeliverTrail or Operation.PutDataEventSelector or Operation.GetDataEventSelector
            or Operation.DeleteDataEventSelector or Operation.DescribeTrailDeliveryMetricData
            or Operation.CreateDeliveryHistoryJob or Operation.GetDeliveryHistoryJob or Operation.DeleteDeliveryHistoryJob
            or Operation.CancelDeliveryHistoryJob or Operation.RetryDeliveryHistoryJob => "ACS::ActionTrail::Trail",
        Operation.GetLogstore or Operation.UpdateLogstore or Operation.DeleteLogstore => "ACS::ActionTrail::Logstore",
        Operation.CreateDirectory or Operation.GetDirectory or Operation.DeleteDirectory or Operation.ListMembers or Operation.AcceptInvitation
            or Operation.DeclineInvitation or Operation.ListDelegatedAdministrators => "ACS::ActionTrail::Directory",
        Operation.CreateMember or Operation.GetMember or Operation.RemoveMember or Operation.InviteAccount
            or Operation.RegisterDelegatedAdministrator or Operation.DeregisterDelegatedAdministrator => "ACS::ActionTrail::Account",
        Operation.ReplayQuarantineRecord or Operation.GetQuarantineRecord => "ACS::ActionTrail::QuarantineRecord",
        _ => null,
    };
}
