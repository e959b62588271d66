using System.Text;
using ActionTrail.Events;
using ActionTrail.Layout;

namespace ActionTrail.Tests.Events.CloudEvents;

public class CloudEventMappingTests
{
    [Theory]
    [InlineData("eventVersion", "1")]
    [InlineData("eventTime", "2026-06-15T09:30:00Z")]
    [InlineData("eventType", "ApiCall")]
    [InlineData("eventCategory", "Management")]
    [InlineData("eventName", "com.example.order.shipped")]
    [InlineData("eventRW", "Write")]
    [InlineData("eventSource", "https://shop.example/orders")]
    [InlineData("serviceName", "orders")]
    [InlineData("resourceName", "order/17")]
    [InlineData("requestId", "req-1")]
    [InlineData("requestParameters/carrier", "bike")]
    [InlineData("recipientAccountId", "acct-1")]
    [InlineData("userIdentity/principalId", "u-9")]
    [InlineData("userIdentity/type", "ram-user")]
    [InlineData("additionalEventData/authtype", "user")]
    [InlineData("additionalEventData/dataschema", "https://shop.example/schema")]
    [InlineData("additionalEventData/id", "A-1")]
    [InlineData("additionalEventData/time", "2026-06-15T11:30:00.250+02:00")]
    [InlineData("additionalEventData/traceparent", "00-aa-bb-01")]
    [InlineData("additionalEventData/partitionkey", "17")]
    [InlineData("additionalEventData/sequence", "5")]
    [InlineData("additionalEventData/flag", "True")]
    [InlineData("additionalEventData/timeIsReceiveTime", null)]
    [InlineData("errorCode", null)]
    public void A_structured_event_is_mapped_row_by_row(string path, string? value) =>
        Assert.Equal(value, CloudEventSamples.Mapped(CloudEventSamples.Order).At(path));

    [Fact]
    public void The_record_is_kept_byte_for_byte_and_what_is_stored_is_found()
    {
        var (body, account, time, values, _) = Assert.Single(RecordingSink.Of(CloudEventSamples.Order).Accepted);

        Assert.EndsWith($",\"originalRecord\":{CloudEventSamples.Order}}}", body, StringComparison.Ordinal);
        Assert.Contains("\"requestParameters\":{\"carrier\": \"bike\",\"requestId\":\"req-1\"}", body, StringComparison.Ordinal);
        Assert.Equal(("acct-1", new DateTimeOffset(2026, 6, 15, 9, 30, 0, TimeSpan.Zero).ToUnixTimeMilliseconds()), (account, time));
        Assert.Contains((EventAttribute.ResourceName, Hash64.Of("order/17")), values);
        Assert.True(EventMatcher.Has(Encoding.UTF8.GetBytes(body), EventAttribute.PrincipalId, "u-9"u8));
        Assert.Equal(body, Assert.Single(RecordingSink.Of(CloudEventSamples.Order).Accepted).Body);
    }

    [Fact]
    public void A_guid_is_the_id_itself_any_other_id_counts_within_its_source()
    {
        const string Guid = "6F9619FF-8b86-d011-b42d-00cf4fc964ff";
        string? Id(string id, string source) => CloudEventSamples.Mapped(CloudEventSamples.With(("id", $"\"{id}\""), ("source", $"\"{source}\""), ("type", "\"t\""))).At("eventId");

        Assert.Equal(Guid, Id(Guid, "/a"));
        Assert.Equal(Id("1", "/a"), Id("1", "/a"));
        Assert.NotEqual(Id("1", "/a"), Id("1", "/b"));
        Assert.NotEqual(Id("1", "/a"), Id("2", "/a"));
        Assert.Equal(36, Id("ü 1", "/a")!.Length);
    }

    [Theory]
    [InlineData("ecs:ActionTrail:ConsoleOperation", "ConsoleOperation", "Write")]
    [InlineData("actiontrail:ActionTrail:ApiCall", "ApiCall", "Write")]
    [InlineData("actiontrail:ActionTrail:", "ApiCall", "Write")]
    [InlineData("com.example.user.signin", "ConsoleSignin", "Write")]
    [InlineData("com.example.UserLoggedIn", "ConsoleSignin", "Write")]
    [InlineData("com.example.user.sign-in.v2", "ConsoleSignin", "Write")]
    [InlineData("com.example.user_logout", "ConsoleSignout", "Write")]
    [InlineData("com.example.sign.in.form", "ApiCall", "Write")]
    [InlineData("com.example.object.read", "ApiCall", "Read")]
    [InlineData("com.example.GetObject.v1", "ApiCall", "Read")]
    [InlineData("com.example.ObjectDownloaded", "ApiCall", "Read")]
    [InlineData("com.example.listObjects", "ApiCall", "Read")]
    [InlineData("com.example.widget", "ApiCall", "Write")]
    [InlineData("com.example.getaway.booked", "ApiCall", "Write")]
    [InlineData("v1", "ApiCall", "Write")]
    [InlineData("...", "ApiCall", "Write")]
    public void The_type_says_what_kind_of_event_it_is(string type, string eventType, string eventRW)
    {
        var mapped = CloudEventSamples.Mapped(CloudEventSamples.With(("type", $"\"{type}\"")));

        Assert.Equal((type, eventType, eventRW), (mapped.At("eventName"), mapped.At("eventType"), mapped.At("eventRW")));
    }

    [Theory]
    [InlineData("/machines/7", "7")]
    [InlineData("https://shop.example", "shop.example")]
    [InlineData("https://shop.example/a/orders/?x=/1#f", "orders")]
    [InlineData("urn:event:from:billing", "billing")]
    [InlineData("acs.ecs", "acs.ecs")]
    [InlineData("/", "/")]
    [InlineData("mailto:a@b", "mailto:a@b")]
    [InlineData("/subscriptions/SUB-1/resourceGroups/g/providers/MICROSOFT.STORAGE/storageAccounts/lab", "Microsoft.Storage")]
    public void The_source_names_the_service(string source, string service) =>
        Assert.Equal(service, CloudEventSamples.Mapped(CloudEventSamples.With(("source", $"\"{source}\""))).At("serviceName"));

    [Theory]
    [InlineData("acct-1", "recipientaccountid", "\"acct-1\"", "accountid", "\"acct-2\"")]
    [InlineData("acct-3", "accountid", "\"acct-3\"", "data", "{\"recipientAccountId\":\"acct-4\"}")]
    [InlineData("77", "accountid", "77", "data", "null")]
    [InlineData("1234", "aliyunaccountid", "\"1234\"", "accountid", "")]
    [InlineData("acct-4", "data", "{\"recipientAccountId\":\"acct-4\",\"userIdentity\":{\"accountId\":\"acct-5\"}}", "accountid", "")]
    [InlineData("acct-5", "data", "{\"userIdentity\":{\"accountId\":\"acct-5\",\"userName\":\"ann\"}}", "accountid", "")]
    [InlineData("sub-1", "source", "\"/subscriptions/SUB-1/resourceGroups/g\"", "accountid", "")]
    [InlineData("sub-2", "subject", "\"/subscriptions/Sub-2\"", "accountid", "null")]
    public void The_account_is_named_by_an_extension_the_data_or_an_azure_subscription(string account, string name, string json, string other, string otherJson) =>
        Assert.Equal(account, CloudEventSamples.Mapped(CloudEventSamples.With((other, otherJson), (name, json))).At("recipientAccountId"));

    [Fact]
    public void Without_a_time_the_event_has_the_receive_time_and_says_so()
    {
        var mapped = CloudEventSamples.Mapped(CloudEventSamples.With(("time", "")));

        Assert.Equal(("2026-06-15T12:00:00Z", "True"), (mapped.At("eventTime"), mapped.At("additionalEventData/timeIsReceiveTime")));
    }

    [Theory]
    [InlineData("2026-06-15t11:00:00z")]
    [InlineData("2026-06-15T11:00:00.1234567890123Z")]
    [InlineData("2026-06-15T13:00:00+02:00")]
    public void Times_are_read_as_rfc_3339_has_them(string time) =>
        Assert.Equal("2026-06-15T11:00:00Z", CloudEventSamples.Mapped(CloudEventSamples.With(("time", $"\"{time}\""))).At("eventTime"));

    [Theory]
    [InlineData("user", "ram-user")]
    [InlineData("app_user", "ram-user")]
    [InlineData("service_account", "assumed-role")]
    [InlineData("api_key", "assumed-role")]
    [InlineData("system", "system")]
    [InlineData("unauthenticated", "unauthenticated")]
    public void The_kind_of_principal_is_translated(string authtype, string type) =>
        Assert.Equal(type, CloudEventSamples.Mapped(CloudEventSamples.With(("authtype", $"\"{authtype}\""))).At("userIdentity/type"));

    [Theory]
    [InlineData("\"Denied\"", "Denied")]
    [InlineData("418", "418")]
    [InlineData("0", null)]
    [InlineData("\"\"", null)]
    public void An_error_code_in_the_data_is_one_unless_it_says_success(string json, string? code) =>
        Assert.Equal(code, CloudEventSamples.Mapped(CloudEventSamples.With(("data", $$"""{"errorCode":{{json}},"userIdentity":{"userName":"ann","accountId":"not valid!","type":"ram-user"} }"""))).At("errorCode"));

    [Fact]
    public void An_azure_source_is_a_resource_that_can_be_searched_for()
    {
        const string Source = "/subscriptions/SUB-1/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/Lab";
        var mapped = CloudEventSamples.Mapped(CloudEventSamples.With(("source", $"\"{Source}\""), ("accountid", ""), ("type", "\"Microsoft.Storage.BlobCreated\"")));

        Assert.Equal(("Microsoft.Storage/storageAccounts", "Lab", "sub-1"), (mapped.At("resourceType"), mapped.At("resourceName"), mapped.At("recipientAccountId")));
        Assert.Equal(Source.ToLowerInvariant(), mapped.GetProperty("referencedResources").GetProperty("microsoft.storage/storageaccounts")[0].GetString());
    }

    [Theory]
    [InlineData("data", "\"hello\"", "\"text/plain\"", "additionalEventData/data", "hello")]
    [InlineData("data", "\"<a/>\"", "\"application/xml\"", "additionalEventData/data", "<a/>")]
    [InlineData("data", "\"{\\\"a\\\":1}\"", "\"text/plain\"", "additionalEventData/data", "{\"a\":1}")]
    [InlineData("data", "[1,2]", "", "additionalEventData/data", "[1,2]")]
    [InlineData("data", "17", "", "additionalEventData/data", "17")]
    [InlineData("data", "\"{\\\"a\\\":1}\"", "\"application/json\"", "requestParameters/a", "1")]
    [InlineData("data", "{\"a\":1}", "\"application/vnd.example+json\"", "requestParameters/a", "1")]
    [InlineData("data_base64", "\"eyJhIjoxfQ==\"", "\"application/json\"", "requestParameters/a", "1")]
    [InlineData("data_base64", "\"77u/eyJhIjoxfQ==\"", "\"TEXT/JSON;charset=utf-8\"", "requestParameters/a", "1")]
    [InlineData("data_base64", "\"eyJhIjoxfQ==\"", "\"image/png\"", "additionalEventData/data_base64", "eyJhIjoxfQ==")]
    [InlineData("data_base64", "\"eyJhIjoxfQ==\"", "", "additionalEventData/data_base64", "eyJhIjoxfQ==")]
    [InlineData("data_base64", "\"\"", "\"application/json\"", "requestParameters", null)]
    [InlineData("data", "null", "\"application/json\"", "requestParameters", null)]
    public void Data_are_read_as_their_content_type_says(string name, string json, string contentType, string path, string? value) =>
        Assert.Equal(value, CloudEventSamples.Mapped(CloudEventSamples.With((name, json), ("datacontenttype", contentType))).At(path));

    [Fact]
    public void Large_data_are_kept_in_the_original_record_only()
    {
        var mapped = CloudEventSamples.Mapped(CloudEventSamples.With(("data", $$"""{"a":"{{new string('x', 70_000)}}"}""")));

        Assert.Null(mapped.At("requestParameters"));
        Assert.Equal(70_000, mapped.At("originalRecord/data/a")!.Length);
    }

    [Theory]
    [InlineData("specversion", "", RejectCode.Missing)]
    [InlineData("specversion", "1.0", RejectCode.WrongType)]
    [InlineData("specversion", "\"0.3\"", RejectCode.BadValue)]
    [InlineData("specversion", "\"1.0.2\"", RejectCode.BadValue)]
    [InlineData("id", "", RejectCode.Missing)]
    [InlineData("id", "null", RejectCode.Missing)]
    [InlineData("id", "\"\"", RejectCode.Missing)]
    [InlineData("id", "17", RejectCode.WrongType)]
    [InlineData("source", "\"\"", RejectCode.Missing)]
    [InlineData("source", "{}", RejectCode.WrongType)]
    [InlineData("type", "\" \"", RejectCode.Missing)]
    [InlineData("time", "\"yesterday\"", RejectCode.BadValue)]
    [InlineData("time", "\"2026-06-15\"", RejectCode.BadValue)]
    [InlineData("time", "\"2026-02-30T11:00:00Z\"", RejectCode.BadValue)]
    [InlineData("time", "1781510400", RejectCode.WrongType)]
    [InlineData("time", "\"2020-06-15T11:00:00Z\"", RejectCode.TooOld)]
    [InlineData("time", "\"2030-06-15T11:00:00Z\"", RejectCode.TooFarAhead)]
    [InlineData("subject", "7", RejectCode.WrongType)]
    [InlineData("datacontenttype", "[]", RejectCode.WrongType)]
    [InlineData("accountid", "", RejectCode.Missing)]
    [InlineData("accountid", "\"no account\"", RejectCode.BadValue)]
    [InlineData("my-ext", "\"x\"", RejectCode.BadValue)]
    [InlineData("myExt", "\"x\"", RejectCode.BadValue)]
    [InlineData("data_base64", "\"*\"", RejectCode.BadValue)]
    [InlineData("data_base64", "{}", RejectCode.WrongType)]
    public void A_broken_rule_names_its_attribute(string name, string json, RejectCode code)
    {
        var without = name == "specversion" && json.Length == 0;
        var reason = CloudEventSamples.Sent(CloudEventSamples.With((name, json)), without ? "application/cloudevents+json" : null).Only();

        Assert.Equal((code, "/" + name), (reason.Code, reason.Field));
    }

    [Theory]
    [InlineData("\"type\":\"a\",\"type\":\"b\"", "/type")]
    [InlineData("\"ext\":1,\"ext\":1", "/ext")]
    [InlineData("\"data\":1,\"data_base64\":\"AAAA\"", "/data_base64")]
    [InlineData("\"datacontenttype\":\"application/json\",\"data_base64\":\"AAAA\"", "/data_base64")]
    [InlineData("\"a~/b\":1", "/a~0~1b")]
    public void Members_that_contradict_each_other_are_refused(string members, string field) =>
        Assert.Equal(field, RecordingSink.Of(CloudEventSamples.With()[..^1] + "," + members + "}").Only().Field);

    [Fact]
    public void Batches_lines_and_arrays_hold_several_and_a_bad_one_harms_no_other()
    {
        var good = CloudEventSamples.With();
        var bad = CloudEventSamples.With(("id", "\"\""));

        Assert.Equal(2, RecordingSink.Of($"[{good},{bad},{CloudEventSamples.Order}]").Accepted.Count);
        Assert.Equal(2, RecordingSink.Of($"{good}\n{bad}\n{good}").Accepted.Count);
        Assert.Equal(bad, Assert.Single(RecordingSink.Of($"[{good},{bad}]").Rejected).Record);
    }
}
