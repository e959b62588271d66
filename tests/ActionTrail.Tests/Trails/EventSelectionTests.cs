using System.Text;
using System.Text.Json;
using ActionTrail.Events;
using ActionTrail.Trails;

namespace ActionTrail.Tests.Trails;

public sealed class EventSelectionTests
{
    private const string Event = """
        {"other":{"eventName":"No"},"eventId":"e-1","eventName":"DeleteDisk","serviceName":"Ecs","eventRW":"Write","acsRegion":"cn-hangzhou",
         "resourceType":"ACS::ECS::Disk;ACS::ECS::Snapshot","referencedResources":{"ACS::ECS::Instance":["i-1","i-2"]},
         "eventAttributes":{"More":[{"SensitiveAction":false}],"SensitiveAction":"true"}}
        """;

    private const string Bare = """{"eventName":"GetUser","serviceName":"Ram","eventAttributes":{"SensitiveAction":"false"}}""";

    [Fact]
    public void Traits_are_read_from_the_right_places()
    {
        var traits = EventTraits.Read(Encoding.UTF8.GetBytes(Event));
        Assert.Equal(("e-1", "DeleteDisk", "Ecs", "Write", "cn-hangzhou", true), (traits.EventId, traits.EventName, traits.ServiceName, traits.EventRW, traits.Region, traits.IsSensitive));
        Assert.Equal(["ACS::ECS::Disk", "ACS::ECS::Snapshot", "ACS::ECS::Instance"], traits.ResourceTypes);
    }

    [Theory]
    [InlineData("""{"eventAttributes":{"SensitiveAction":true}}""", true)]
    [InlineData("""{"eventAttributes":{"SensitiveAction":"True"}}""", false)]
    [InlineData("""{"eventAttributes":{"SensitiveAction":null}}""", false)]
    [InlineData("""{"eventAttributes":[{"SensitiveAction":true}]}""", false)]
    [InlineData("""{"SensitiveAction":true}""", false)]
    [InlineData("""{"a":{"eventAttributes":{"SensitiveAction":true}}}""", false)]
    public void Sensitive_means_the_attribute_is_true(string json, bool sensitive) =>
        Assert.Equal(sensitive, EventTraits.Read(Encoding.UTF8.GetBytes(json)).IsSensitive);

    [Theory]
    [InlineData("""{"eventName":5,"serviceName":null,"acsRegion":"","resourceType":{},"referencedResources":"x","eventAttributes":1}""")]
    [InlineData("{}")]
    public void What_is_absent_or_of_another_type_is_null(string json)
    {
        var traits = EventTraits.Read(Encoding.UTF8.GetBytes(json));
        Assert.Equal((null, null, null, false), (traits.EventName, traits.ServiceName, traits.Region, traits.IsSensitive));
        Assert.Empty(traits.ResourceTypes);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("{\"a\":")]
    public void What_is_no_object_throws(string json) => Assert.ThrowsAny<JsonException>(() => EventTraits.Read(Encoding.UTF8.GetBytes(json)));

    /// <summary>The truth table of one rule at a time: does it take the event with everything, and the one with little?</summary>
    [Theory]
    [InlineData("{}", true, true)]
    [InlineData("""{"eventNames":["DeleteDisk"]}""", true, false)]
    [InlineData("""{"eventNames":["deletedisk"]}""", false, false)]
    [InlineData("""{"eventNames":["A","GetUser","DeleteDisk"]}""", true, true)]
    [InlineData("""{"services":["Ram"]}""", false, true)]
    [InlineData("""{"resourceTypes":["ACS::ECS::Snapshot"]}""", true, false)]
    [InlineData("""{"resourceTypes":["ACS::ECS::Instance"]}""", true, false)]
    [InlineData("""{"resourceTypes":["ACS::ECS::Disk;ACS::ECS::Snapshot"]}""", false, false)]
    [InlineData("""{"regions":["cn-hangzhou"]}""", true, false)]
    [InlineData("""{"sensitiveOnly":true}""", true, false)]
    [InlineData("""{"eventNames":["DeleteDisk"],"services":["Ram"]}""", false, false)]
    [InlineData("""{"exclude":{"eventNames":["GetUser"]}}""", true, false)]
    [InlineData("""{"exclude":{"services":["Ecs"]}}""", false, true)]
    [InlineData("""{"exclude":{"resourceTypes":["ACS::ECS::Instance"]}}""", false, true)]
    [InlineData("""{"exclude":{"regions":["cn-hangzhou"]}}""", false, true)]
    [InlineData("""{"services":["Ecs"],"exclude":{"eventNames":["DeleteDisk"]}}""", false, false)]
    public void Selectors_take_and_leave(string selectors, bool full, bool bare)
    {
        var trail = Trail() with { Selectors = TrailJson.Parse(selectors) };
        Assert.Equal((full, bare), (Takes(trail, Event), Takes(trail, Bare)));
    }

    [Theory]
    [InlineData(TrailEventRW.All, true, true)]
    [InlineData(TrailEventRW.Write, true, false)]
    [InlineData(TrailEventRW.Read, false, false)]
    public void An_event_that_does_not_say_is_neither_read_nor_write(TrailEventRW eventRW, bool full, bool bare)
    {
        var trail = Trail() with { EventRW = eventRW };
        Assert.Equal((full, bare), (Takes(trail, Event), Takes(trail, Bare)));
    }

    [Theory]
    [InlineData("All", true, true)]
    [InlineData("cn-hangzhou", true, false)]
    [InlineData("home", false, true)]
    [InlineData("cn-beijing", false, false)]
    public void An_event_without_region_belongs_to_the_home_region(string trailRegion, bool full, bool bare)
    {
        var trail = Trail() with { TrailRegion = trailRegion };
        Assert.Equal((full, bare), (Takes(trail, Event), Takes(trail, Bare)));
    }

    [Theory]
    [InlineData("{}", true, false, true, false)]
    [InlineData("""{"categories":["Data"]}""", false, true, false, false)]
    [InlineData("""{"categories":["Management","Data"]}""", true, true, false, false)]
    [InlineData("""{"categories":["Platform"]}""", false, false, false, false)]
    [InlineData("""{"exclude":{"categories":["Insight"]}}""", true, false, false, false)]
    [InlineData("""{"categories":["Data"],"exclude":{"categories":["Data"]}}""", false, false, false, false)]
    public void Data_events_are_taken_when_asked_for_and_platform_events_never(string selectors, bool management, bool data, bool insight, bool platform)
    {
        var trail = Trail() with { Selectors = TrailJson.Parse(selectors) };
        bool Of(string category) => Takes(trail, $"{{\"eventName\":\"A\",\"eventCategory\":{category}}}");
        Assert.Equal((management, data, insight, platform), (Of("\"Management\""), Of("\"Data\""), Of("\"Insight\""), Of("\"Platform\"")));
        Assert.Equal(management, Of("null"));
        Assert.Equal(selectors, TrailJson.Format(trail.Selectors));
    }

    /// <summary>A trail and a lookup must mean the same by an attribute: both readers agree on random events with escapes, lists and odd types.</summary>
    [Fact]
    public void Traits_agree_with_what_lookups_find()
    {
        string[] values = ["\"A\"", "\"a;b\"", "\";A;;b;\"", "\"\\u0041\"", "\"é\\n\"", "\"\"", "null", "\"Read\"", "\"Write\"", "\"true\""];
        string[] objects = ["{}", "{\"A\":[\"x\"],\"b\":[]}", "{\"\\u0041\":[]}", "{\"SensitiveAction\":true}", "{\"SensitiveAction\":\"true\"}", "{\"SensitiveAction\":\"false\",\"A\":1}", "null"];
        var random = new Random(7);
        for (var round = 0; round < 2000; round++)
        {
            string One(string[] from) => from[random.Next(from.Length)];
            var json = $$"""
                {"eventId":"e-{{round}}","x":{"eventName":"A"},"eventName":{{One(values)}},"serviceName":{{One(values)}},"eventRW":{{One(values)}},
                 "acsRegion":{{One(values)}},"resourceType":{{One(values)}},"referencedResources":{{One(objects[..3])}},"eventAttributes":{{One(objects)}}}
                """;
            var body = Encoding.UTF8.GetBytes(json);
            var traits = EventTraits.Read(body);
            Assert.Equal(EventMatcher.EventId(body), traits.EventId);
            foreach (var text in (string[])["A", "a", "b", "a;b", ";A;;b;", "é\n", "Read", "Write", "true"])
            {
                bool Finds(EventAttribute attribute) => EventMatcher.Has(body, attribute, Encoding.UTF8.GetBytes(text));
                Assert.Equal(Finds(EventAttribute.EventName), traits.EventName == text);
                Assert.Equal(Finds(EventAttribute.ServiceName), traits.ServiceName == text);
                Assert.Equal(Finds(EventAttribute.Region), traits.Region == text);
                Assert.Equal(Finds(EventAttribute.ResourceType), traits.ResourceTypes.Contains(text));
                if (text is "Read" or "Write")
                    Assert.Equal(Finds(EventAttribute.EventRW), traits.EventRW == text);
            }

            Assert.Equal(EventMatcher.Has(body, EventAttribute.SensitiveAction, "true"u8), traits.IsSensitive);
        }
    }

    /// <summary>What deliveries decide, whose reader is another, is the same.</summary>
    internal static bool Takes(Trail trail, string json)
    {
        var (selection, body) = (new EventSelection(trail), Encoding.UTF8.GetBytes(json));
        var takes = selection.Takes(EventTraits.Read(body));
        Assert.Equal(takes, selection.Takes(new TraitReader(selection).Read(body, out _)));
        return takes;
    }

    private static Trail Trail() => new()
    {
        Account = "acme",
        Name = "trail-one",
        TrailId = "trail-one.0",
        Container = "audit-logs",
        HomeRegion = "home",
        CreateTime = DateTimeOffset.UnixEpoch,
        UpdateTime = DateTimeOffset.UnixEpoch,
    };
}
