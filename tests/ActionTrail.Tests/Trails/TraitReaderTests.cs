using System.Text;
using ActionTrail.Tests.Events;
using ActionTrail.Trails;

namespace ActionTrail.Tests.Trails;

/// <summary>One reader over many events says of each what <see cref="EventTraits.Read(ReadOnlySpan{byte})"/> says.</summary>
public sealed class TraitReaderTests
{
    public static TheoryData<string, string?> Selectors => new()
    {
        { "{}", null },
        { """{"eventNames":["A"],"exclude":{"services":["a;b"]}}""", null },
        { """{"sensitiveOnly":true}""", null },
        { """{"resourceTypes":["A","b"]}""", null },
        { """{"exclude":{"resourceTypes":["A"]}}""", null },
        { "{}", "userName" },
        { "{}", "errorCode" },
        { "{}", "resourceName" },
    };

    [Theory]
    [MemberData(nameof(Selectors))]
    public void Events_of_any_kind_are_taken_and_named_as_before(string selectors, string? field)
    {
        var trail = new Trail { Account = "acme", Name = "trail-one", TrailId = "1", HomeRegion = "home", CreateTime = default, UpdateTime = default, Selectors = TrailJson.Parse(selectors) };
        if (field is not null)
            trail = trail with { AdvancedSelectors = [new("one", [new FieldSelector("eventCategory") { EqualTo = ["Management"] }, new FieldSelector(field) { NotEqualTo = ["A"] }])] };
        var selection = new EventSelection(trail);
        var (reader, events, taken) = (new TraitReader(selection), new RandomEvent(seed: 5), 0);
        for (var round = 0; round < 3000; round++)
        {
            var body = events.Next();
            var (expected, actual) = (EventTraits.Read(body), reader.Read(body, out var id));
            Assert.Equal(expected.EventId ?? "", Encoding.UTF8.GetString(id));
            Assert.Equal((expected.EventName, expected.ServiceName, expected.EventRW), (actual.EventName, actual.ServiceName, actual.EventRW));
            Assert.Equal((expected.Region, expected.Category), (actual.Region, actual.Category));
            Assert.Equal(selection.Takes(expected), selection.Takes(actual));
            taken += selection.Takes(expected) ? 1 : 0;
        }

        Assert.InRange(taken, 1, 2999);
    }

    [Fact]
    public void Values_that_come_back_are_the_same_strings_and_an_event_costs_no_memory()
    {
        var trail = new Trail { Account = "acme", Name = "trail-one", TrailId = "1", HomeRegion = "home", CreateTime = default, UpdateTime = default };
        var reader = new TraitReader(new EventSelection(trail));
        var body = """{"eventId":"e-1","eventName":"DeleteDisk","serviceName":"Ecs","eventRW":"Write","acsRegion":"cn-hangzhou","requestParameters":{"a":["b"]}}"""u8.ToArray();
        var name = reader.Read(body, out _).EventName;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            reader.Read(body, out _);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Same(name, reader.Read(body, out _).EventName);
    }
}
