using System.Text;
using System.Text.Json;
using ActionTrail.Events;
using ActionTrail.Trails;

namespace ActionTrail.Tests.Events.Platform;

public class PlatformEventTests
{
    private const string Support = """
        {"EventID":"p-1","EventVersion":"1.0.0","EventTime":"2026-06-15T09:30:15Z","EventName":"ReadDiskMetadata","EventProduct":"ECS","EventType":"CUSTOMER_INITIATED_SUPPORT","EventDescription":"T-2026-77","EmployeeID":"enc-4711","EventMethod":"Regular Read","EventLevel":"NOTICE","EventLocation":"SG","ResourceType":"ACS::ECS::Disk","ResourceID":"d-1","ResourceRegionID":"cn-hangzhou","ResourceOwnerID":"1594986938260001","EventAdditionalDetail":"{\"ticket\":\"T-2026-77\"}"}
        """;

    [Theory]
    [InlineData("eventId", "p-1")]
    [InlineData("eventTime", "2026-06-15T09:30:15Z")]
    [InlineData("eventName", "ReadDiskMetadata")]
    [InlineData("eventSource", "ECS")]
    [InlineData("serviceName", "ECS")]
    [InlineData("eventType", "PlatformEvent")]
    [InlineData("eventCategory", "Platform")]
    [InlineData("eventRW", "Read")]
    [InlineData("requestId", "T-2026-77")]
    [InlineData("acsRegion", "cn-hangzhou")]
    [InlineData("recipientAccountId", "1594986938260001")]
    [InlineData("userIdentity/type", "platform-employee")]
    [InlineData("userIdentity/userName", "enc-4711")]
    [InlineData("resourceType", "ACS::ECS::Disk")]
    [InlineData("resourceName", "d-1")]
    [InlineData("additionalEventData/eventVersion", "1.0.0")]
    [InlineData("additionalEventData/eventType", "CUSTOMER_INITIATED_SUPPORT")]
    [InlineData("additionalEventData/level", "NOTICE")]
    [InlineData("additionalEventData/method", "Regular Read")]
    [InlineData("additionalEventData/location", "SG")]
    [InlineData("additionalEventData/description", "T-2026-77")]
    [InlineData("additionalEventData/detail", "{\"ticket\":\"T-2026-77\"}")]
    public void A_platform_event_is_mapped_row_by_row(string path, string value) => Assert.Equal(value, MappedRecord.Of(Support)[path]);

    [Theory]
    [InlineData(EventAttribute.User, "enc-4711")]
    [InlineData(EventAttribute.PrincipalId, "enc-4711")]
    [InlineData(EventAttribute.RequestId, "T-2026-77")]
    [InlineData(EventAttribute.EventType, "PlatformEvent")]
    [InlineData(EventAttribute.ResourceName, "d-1")]
    public void Lookups_find_it(EventAttribute attribute, string value) => Assert.True(MappedRecord.Of(Support).IsFoundBy(attribute, value));

    [Fact]
    public void Its_own_schema_is_rebuilt_from_the_original_byte_for_byte()
    {
        using var stored = JsonDocument.Parse(MappedRecord.Of(Support).Body);
        Assert.Equal(Support, stored.RootElement.GetProperty("originalRecord").GetRawText());
    }

    [Fact]
    public void No_ordinary_trail_delivers_it()
    {
        var traits = EventTraits.Read(Encoding.UTF8.GetBytes(MappedRecord.Of(Support).Body));
        foreach (var selectors in (string[])["{}", """{"categories":["Platform"]}""", """{"services":["ECS"]}"""])
        {
            Assert.False(new EventSelection(Trail(selectors)).Takes(traits));
        }

        Assert.Contains(
            TrailRules.Check(new TrailDraft { Name = "trail-one", Container = "audit-logs", Selectors = TrailJson.Parse("""{"categories":["Data","Platform"]}""") }),
            error => error.Pointer == "/selectors/categories/1");
    }

    [Fact]
    public void Without_an_employee_it_was_a_machine()
    {
        var mapped = MappedRecord.Of(Support.Replace("enc-4711", "", StringComparison.Ordinal).Replace("Regular Read", "Migrate", StringComparison.Ordinal).Replace("\"T-2026-77\",", "\"Host failed, moved.\",", StringComparison.Ordinal));
        Assert.Equal(("system", null, "Write"), (mapped["userIdentity/type"], mapped["userIdentity/userName"], mapped["eventRW"]));
        Assert.Equal((null, "Host failed, moved."), (mapped["requestId"], mapped["additionalEventData/description"]));
    }

    [Theory]
    [InlineData("\"2026-06-15T17:30:15+08:00\"")]
    [InlineData("1781515815")]
    [InlineData("\"1781515815000\"")]
    public void Times_may_also_be_unix_times(string time) => Assert.Equal(
        new DateTimeOffset(2026, 6, 15, 9, 30, 15, TimeSpan.Zero).ToUnixTimeMilliseconds(),
        MappedRecord.Of(Support.Replace("\"2026-06-15T09:30:15Z\"", time, StringComparison.Ordinal)).TimeMs);

    [Theory]
    [InlineData("\"EventTime\":\"2026-06-15T09:30:15Z\",", "", "/EventTime", RejectCode.Missing)]
    [InlineData("2026-06-15T09:30:15Z", "soon", "/EventTime", RejectCode.BadValue)]
    [InlineData("2026-06-15T09:30:15Z", "2020-06-15T09:30:15Z", "/EventTime", RejectCode.TooOld)]
    [InlineData("ReadDiskMetadata", "", "/EventName", RejectCode.Missing)]
    [InlineData("\"EventProduct\":\"ECS\",", "", "/EventProduct", RejectCode.Missing)]
    [InlineData("1594986938260001", "", "/ResourceOwnerID", RejectCode.Missing)]
    [InlineData("1594986938260001", "a b", "/ResourceOwnerID", RejectCode.BadValue)]
    [InlineData("\"EventLevel\":\"NOTICE\"", "\"EventLevel\":\"NOTICE\",\"EventLevel\":\"WARNING\"", "/EventLevel", RejectCode.BadValue)]
    [InlineData("NOTICE", "\\ud800", null, RejectCode.BadEncoding)]
    public void One_that_cannot_be_mapped_names_field_and_rule(string part, string instead, string? field, RejectCode code)
    {
        var record = Support.Replace(part, instead, StringComparison.Ordinal);
        var sink = RecordingSink.Of($"[{Support},{record}]");
        Assert.Single(sink.Accepted);
        var (raw, reason, _) = Assert.Single(sink.Rejected);
        Assert.Equal((record, code, field), (raw, reason.Code, reason.Field));
    }

    [Fact]
    public void Mutated_ones_are_mapped_or_refused_and_harm_no_neighbour() => Assert.InRange(Mutation.Survive([Support], seed: 13, rounds: 3_000), 500, 3_000);

    private static Trail Trail(string selectors) => new()
    {
        Account = "acme",
        Name = "trail-one",
        TrailId = "trail-one.0",
        Container = "audit-logs",
        HomeRegion = "home",
        CreateTime = DateTimeOffset.UnixEpoch,
        UpdateTime = DateTimeOffset.UnixEpoch,
        Selectors = TrailJson.Parse(selectors),
    };
}
