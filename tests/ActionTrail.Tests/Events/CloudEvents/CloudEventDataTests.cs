using System.Text;
using ActionTrail.Events;

namespace ActionTrail.Tests.Events.CloudEvents;

/// <summary>Data that are themselves a record which is known here.</summary>
public class CloudEventDataTests
{
    private const string AzureRecord = """{"time":"2026-06-15T10:00:00Z","resourceId":"/subscriptions/sub-1/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm","operationName":"Microsoft.Compute/virtualMachines/delete","category":"Administrative","resultType":"Success","correlationId":"c-1"}""";

    private const string TrailRecord = """{"eventVersion":"1.08","eventID":"7f0c6d1e-0000-4000-8000-000000000001","eventTime":"2026-06-15T10:00:00Z","eventSource":"ec2.amazonaws.com","eventName":"StopInstances","awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.5","userIdentity":{"type":"IAMUser","accountId":"123456789012","userName":"ann"},"recipientAccountId":"123456789012"}""";

    private const string Grid = """{"specversion":"1.0","id":"11111111-2222-3333-4444-555555555555","source":"/subscriptions/SUB-1","subject":"/subscriptions/SUB-1/resourceGroups/g/providers/Microsoft.KeyVault/vaults/safe","type":"Microsoft.Resources.ResourceDeleteFailure","time":"2026-06-15T10:00:00.1234567Z","data":{"authorization":{"scope":"/subscriptions/SUB-1","action":"Microsoft.KeyVault/vaults/delete","evidence":{"role":"Owner","principalType":"User"}},"claims":"{\"http://schemas.microsoft.com/identity/claims/objectidentifier\":\"o-5\",\"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn\":\"rosa@example.com\",\"appid\":\"app-3\"}","correlationId":"c-9","httpRequest":{"clientIpAddress":"198.51.100.4","method":"DELETE"},"resourceProvider":"Microsoft.KeyVault","resourceUri":"/subscriptions/SUB-1/resourceGroups/g/providers/Microsoft.KeyVault/vaults/safe","operationName":"Microsoft.KeyVault/vaults/delete","status":"Failed","subscriptionId":"SUB-1","tenantId":"T-1"}}""";

    [Fact]
    public void An_event_of_our_own_is_taken_over_byte_for_byte_with_the_attributes_behind_it()
    {
        var (body, account, _, values, _) = Assert.Single(RecordingSink.Of(CloudEventSamples.With(("data", Samples.Full), ("accountid", "\"other\""))).Accepted);

        Assert.Equal(Samples.Full.Trim()[..^1] + ""","cloudEvent":{"specversion":"1.0","id":"i-1","source":"/machines/7","type":"com.example.thing.changed","time":"2026-06-15T11:00:00Z","accountid":"other"}}""", body);
        Assert.Equal("acct-2", account);
        Assert.Equal(values, RecordingSink.Of(Samples.Full).Accepted[0].Values);
    }

    [Theory]
    [InlineData("\"eventId\":\"\",")]
    [InlineData("\"eventId\":null,")]
    [InlineData("")]
    public void What_it_lacks_is_filled_in_from_the_envelope(string idMember)
    {
        var inner = "{" + idMember + """ "eventName":"StopVm","eventTime":"2026-06-15T11:59:58Z","serviceName":"Compute" }""";
        var plain = CloudEventSamples.Mapped(CloudEventSamples.With());

        var mapped = CloudEventSamples.Mapped(CloudEventSamples.With(("data", inner)));

        Assert.Equal((plain.At("eventId"), "acct-1", "StopVm"), (mapped.At("eventId"), mapped.At("recipientAccountId"), mapped.At("eventName")));
        Assert.Equal("com.example.thing.changed", mapped.At("cloudEvent/type"));
    }

    [Fact]
    public void An_event_that_came_as_a_cloud_event_before_keeps_both_envelopes()
    {
        var once = Assert.Single(RecordingSink.Of(CloudEventSamples.With(("data", Samples.Minimal))).Accepted).Body;
        var twice = CloudEventSamples.Mapped(CloudEventSamples.With(("data", once), ("id", "\"i-2\"")));

        Assert.Equal(("i-1", "i-2", "e-1"), (twice.At("cloudEvent/id"), twice.At("cloudEvent_/id"), twice.At("eventId")));
    }

    [Fact]
    public void An_event_in_base64_is_taken_over_too()
    {
        var base64 = Convert.ToBase64String(Encoding.UTF8.GetBytes(Samples.Minimal));

        var body = Assert.Single(RecordingSink.Of(CloudEventSamples.With(("datacontenttype", "\"application/json\""), ("data_base64", $"\"{base64}\""))).Accepted).Body;

        Assert.StartsWith(Samples.Minimal[..^1] + ",\"cloudEvent\":{", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"eventName":"A","eventTime":"2026-06-15T11:59:58Z"}""", RejectCode.Missing, "/data/serviceName")]
    [InlineData("""{"eventName":"A","eventTime":"noon","serviceName":"S"}""", RejectCode.BadValue, "/data/eventTime")]
    [InlineData("""{"eventName":"A","eventTime":"2019-06-15T11:59:58Z","serviceName":"S"}""", RejectCode.TooOld, "/data/eventTime")]
    [InlineData("""{"eventName":"A","eventTime":"2026-06-15T11:59:58Z","serviceName":"S","userIdentity":{"type":1}}""", RejectCode.WrongType, "/data/userIdentity/type")]
    [InlineData("""{"eventName":"A","eventTime":"2026-06-15T11:59:58Z","serviceName":"S","recipientAccountId":""}""", RejectCode.Missing, "/data/recipientAccountId")]
    [InlineData("""{"time":"noon","operationName":"A","resourceId":"/subscriptions/s"}""", RejectCode.BadValue, "/data/time")]
    [InlineData("""{"time":"2019-06-15T11:59:58Z","operationName":"A","resourceId":"/subscriptions/s"}""", RejectCode.TooOld, "/data/time")]
    [InlineData("""{"time":"2026-06-15T11:59:58Z","operationName":"A"}""", RejectCode.Missing, "/data/resourceId")]
    public void A_fault_inside_is_named_where_it_is(string data, RejectCode code, string field)
    {
        var reason = RecordingSink.Of(CloudEventSamples.With(("data", data))).Only();

        Assert.Equal((code, field), (reason.Code, reason.Field));
    }

    [Theory]
    [InlineData(AzureRecord)]
    [InlineData(TrailRecord)]
    public void A_known_record_inside_is_mapped_as_if_it_had_come_alone_and_the_envelope_is_kept(string record)
    {
        var alone = CloudEventSamples.Mapped(record);
        var message = CloudEventSamples.With(("data", record));
        var wrapped = CloudEventSamples.Mapped(message);

        foreach (var member in alone.EnumerateObject().Where(m => m.Name != "originalRecord"))
            Assert.Equal(member.Value.GetRawText(), wrapped.GetProperty(member.Name).GetRawText());
        Assert.Equal(message, wrapped.GetProperty("originalRecord").GetRawText());
        Assert.Equal("originalRecord", wrapped.EnumerateObject().Last().Name);
    }

    [Theory]
    [InlineData("""{"time":"noon","category":"toys"}""")]
    [InlineData("""{"operationName":"X"}""")]
    [InlineData("""{"awsRegion":"here"}""")]
    [InlineData("""{"eventName":"party"}""")]
    [InlineData("""{"specversion":"1.0","id":"x"}""")]
    [InlineData("""{"records":[{"a":1}]}""")]
    public void Data_of_an_application_that_share_a_name_with_a_format_stay_data(string data) =>
        Assert.Equal(data, CloudEventSamples.Mapped(CloudEventSamples.With(("data", data))).GetProperty("requestParameters").GetRawText());

    [Theory]
    [InlineData("eventId", "11111111-2222-3333-4444-555555555555")]
    [InlineData("eventName", "Microsoft.KeyVault/vaults/delete")]
    [InlineData("eventTime", "2026-06-15T10:00:00Z")]
    [InlineData("serviceName", "Microsoft.KeyVault")]
    [InlineData("recipientAccountId", "sub-1")]
    [InlineData("resourceName", "safe")]
    [InlineData("sharedEventId", "c-9")]
    [InlineData("sourceIpAddress", "198.51.100.4")]
    [InlineData("userIdentity/userName", "rosa@example.com")]
    [InlineData("userIdentity/principalId", "o-5")]
    [InlineData("errorCode", "Failed")]
    [InlineData("eventAttributes/SensitiveAction", "true")]
    [InlineData("originalRecord/type", "Microsoft.Resources.ResourceDeleteFailure")]
    public void A_resource_event_of_event_grid_is_mapped_like_the_activity_it_reports(string path, string value) =>
        Assert.Equal(value, CloudEventSamples.Mapped($"[{Grid}]").At(path));

    [Theory]
    [InlineData("\"time\":\"2026-06-15T10:00:00.1234567Z\"", "\"time\":\"2019-06-15t10:00:00z\"", "/time")]
    [InlineData("/subscriptions/SUB-1", "/somewhere", "/data/resourceUri")]
    public void A_fault_of_a_resource_event_is_named_where_it_is(string part, string other, string field) =>
        Assert.Equal(field, RecordingSink.Of(Grid.Replace("\"subscriptionId\":\"SUB-1\",\"tenantId\":\"T-1\"", "\"x\":1", StringComparison.Ordinal).Replace(part, other, StringComparison.Ordinal)).Only().Field);

    [Fact]
    public void A_success_of_event_grid_has_no_error_code() =>
        Assert.Null(CloudEventSamples.Mapped(Grid.Replace("DeleteFailure", "DeleteSuccess", StringComparison.Ordinal).Replace("\"Failed\"", "\"Succeeded\"", StringComparison.Ordinal)).At("errorCode"));
}
