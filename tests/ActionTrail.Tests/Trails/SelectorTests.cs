using System.Text.Json;
using ActionTrail.Trails;

namespace ActionTrail.Tests.Trails;

public sealed class SelectorTests
{
    private static readonly string[] Texts = ["Get", "GetObject", "PutObject", "Object", "Oss", "true", "false", "Read", "Write", "Data", "Management", "x;y", ""];

    [Fact]
    public void Advanced_selectors_decide_as_a_naive_reading_of_the_event_does()
    {
        var random = new Random(11);
        var taken = 0;
        for (var round = 0; round < 4000; round++)
        {
            var json = RandomEvent(random);
            var selectors = Enumerable.Range(0, 1 + random.Next(3)).Select(_ => RandomSelector(random)).ToList();
            var trail = Trail() with { AdvancedSelectors = selectors };
            var takes = Takes(trail, json);
            Assert.Equal(NaivelyTakes(selectors, json), takes);
            Assert.Equal(takes, Takes(trail with { AdvancedSelectors = SelectorJson.ParseAdvanced(SelectorJson.Format(selectors)) }, json));
            taken += takes ? 1 : 0;
        }

        Assert.InRange(taken, 400, 3600);
    }

    [Fact]
    public void Data_event_selectors_add_data_events_whatever_the_trail_takes_else()
    {
        var trail = Trail() with { EventRW = TrailEventRW.Write, DataEvents = Data("""{"isTrailAllRegion":false,"trailRegionIds":["here","home"],"eventSelectors":[{"ServiceName":"Oss","ReadWriteType":"Read","EventName":{"Equals":["GetObject"]},"ResourceArn":{"NotEquals":["secret"]}}]}""") };
        string Event(string category = "Data", string service = "Oss", string name = "GetObject", string rw = "Read", string region = "\"here\"", string resource = "a;b") =>
            $$"""{"eventCategory":"{{category}}","serviceName":"{{service}}","eventName":"{{name}}","eventRW":"{{rw}}","acsRegion":{{region}},"resourceName":"{{resource}}"}""";

        Assert.True(Takes(trail, Event()));
        Assert.True(Takes(trail, Event(region: "null")));
        Assert.True(Takes(trail, Event(category: "Management", rw: "Write")));
        foreach (var other in (string[])[Event(category: "Management"), Event(service: "Ecs"), Event(name: "PutObject"), Event(rw: "Write"), Event(region: "\"there\""), Event(resource: "a;secret")])
            Assert.False(Takes(trail, other));
        Assert.False(Takes(trail with { DataEvents = null }, Event()));
    }

    [Theory]
    [InlineData("""{"eventSelectors":[{"serviceName":"Oss"}],"isTrailAllRegion":true}""")]
    [InlineData("""{"eventSelectors":[],"isTrailAllRegion":true}""", "/eventSelectors")]
    [InlineData("""{"eventSelectors":[{"serviceName":"Oss"}]}""", "/trailRegionIds")]
    [InlineData("""{"eventSelectors":[{"serviceName":"Oss"}],"isTrailAllRegion":true,"trailRegionIds":["here"]}""", "/trailRegionIds")]
    [InlineData("""{"eventSelectors":[{"serviceName":"Oss"}],"trailRegionIds":["no region"]}""", "/trailRegionIds/0")]
    [InlineData("""{"eventSelectors":[{"readWriteType":"All"}],"isTrailAllRegion":true}""", "/eventSelectors/0/serviceName")]
    [InlineData("""{"eventSelectors":[{"serviceName":"Oss","eventName":{"equals":["a"],"notEquals":["b"]}}],"isTrailAllRegion":true}""", "/eventSelectors/0/eventName")]
    [InlineData("""{"eventSelectors":[{"serviceName":"Oss","resourceArn":{"equals":[""]}}],"isTrailAllRegion":true}""", "/eventSelectors/0/resourceArn/equals/0")]
    [InlineData("""{"eventSelectors":[{"serviceName":"Oss","readWriteType":"all","foo":1}],"isTrailAllRegion":1}""", "/eventSelectors/0/readWriteType", "/eventSelectors/0/foo", "/isTrailAllRegion")]
    public void Data_event_selectors_have_rules(string json, params string[] pointers)
    {
        var errors = new List<TrailFieldError>();
        using var document = JsonDocument.Parse(json);
        var selectors = SelectorJson.ReadDataEvents(document.RootElement, "", errors);
        Assert.Equal(pointers, (errors.Count > 0 ? errors : SelectorRules.Check(selectors)).Select(static e => e.Pointer));
    }

    [Theory]
    [InlineData(20, 10, true)]
    [InlineData(21, 1, false)]
    [InlineData(1, 11, false)]
    public void Data_event_selectors_have_limits(int count, int values, bool valid)
    {
        var one = new DataEventSelector("Oss", TrailEventRW.All, new ValueCondition { EqualTo = Many(values, 3) }, ValueCondition.Any);
        Assert.Equal(valid, SelectorRules.Check(new DataEventSelectors(IsTrailAllRegion: true, [], [.. Enumerable.Repeat(one, count)])).Count == 0);
    }

    [Theory]
    [InlineData(500, 10, true)]
    [InlineData(501, 10, false)]
    [InlineData(2, 2048, true)]
    [InlineData(2, 2049, false)]
    [InlineData(499, 64, false)]
    public void Advanced_selectors_have_limits(int values, int length, bool valid)
    {
        var draft = TrailBench.Draft() with { AdvancedSelectors = [new(null, [new("eventCategory") { EqualTo = ["Data"] }, new("eventName") { NotStartsWith = Many(values - 1, length) }])] };
        var errors = TrailRules.Check(draft);
        Assert.Equal(valid, errors.Count == 0);
        Assert.All(errors, static e => Assert.StartsWith("/advancedSelectors", e.Pointer, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""[{"fieldSelectors":[{"field":"eventCategory","equals":["Management"]}]}]""")]
    [InlineData("""[{"fieldSelectors":[{"field":"eventName","equals":["A"]}]}]""", "/advancedSelectors/0/fieldSelectors")]
    [InlineData("""[{"fieldSelectors":[{"field":"eventCategory","equals":["Platform"]}]}]""", "/advancedSelectors/0/fieldSelectors/0/equals/0")]
    [InlineData("""[{"fieldSelectors":[{"field":"eventCategory","notEquals":["Data"]}]}]""", "/advancedSelectors/0/fieldSelectors/0")]
    [InlineData("""[{"fieldSelectors":[{"field":"eventCategory","equals":["Data"]},{"field":"readOnly","equals":["yes"]}]}]""", "/advancedSelectors/0/fieldSelectors/1/equals")]
    [InlineData("""[{"fieldSelectors":[{"field":"eventCategory","equals":["Data"]},{"field":"eventName"}]}]""", "/advancedSelectors/0/fieldSelectors/1")]
    [InlineData("""[{"fieldSelectors":[{"field":"eventCategory","equals":["Data"]},{"field":"eventname","equals":["A"]}]}]""", "/advancedSelectors/0/fieldSelectors/1/field")]
    [InlineData("""[{"fieldSelectors":[{"field":"eventCategory","equals":["Data"]},{"field":"eventCategory","equals":["Data"]}]}]""", "/advancedSelectors/0/fieldSelectors/1/field")]
    [InlineData("""[]""", "/advancedSelectors")]
    public void Advanced_selectors_have_rules(string json, params string[] pointers)
    {
        var errors = new List<TrailFieldError>();
        using var document = JsonDocument.Parse(json);
        var selectors = SelectorJson.ReadAdvanced(document.RootElement, "/advancedSelectors", errors);
        Assert.Empty(errors);
        Assert.Equal(pointers, TrailRules.Check(TrailBench.Draft() with { AdvancedSelectors = selectors }).Select(static e => e.Pointer));
    }

    [Fact]
    public async Task A_trail_keeps_one_kind_of_selectors_and_its_data_events_through_its_row()
    {
        var bench = await TrailBench.StartAsync();
        List<AdvancedSelector> advanced = [new("one", [new("eventCategory") { EqualTo = ["Data"] }, new("resources.ARN") { NotEndsWith = ["é\"\\"] }])];
        await bench.CreateAsync(TrailBench.Draft() with { AdvancedSelectors = advanced });
        var data = Data("""{"isTrailAllRegion":true,"eventSelectors":[{"serviceName":"Oss"}]}""");
        Assert.Equal(TrailOutcomeKind.Ok, (await bench.Trails.PutDataEventsAsync(TrailBench.Account, "trail-one", data, ifMatch: null, default)).Kind);
        var stored = await bench.Trails.FindAsync(TrailBench.Account, "trail-one", default);
        Assert.Equal(SelectorJson.Format(advanced), SelectorJson.Format(stored!.AdvancedSelectors!));
        Assert.Equal(SelectorJson.Format(data), SelectorJson.Format(stored.DataEvents!));

        var simple = new TrailSelectors { Include = new() { EventNames = ["A"] } };
        var changed = (await bench.Trails.UpdateAsync(TrailBench.Account, "trail-one", new TrailChange { Selectors = simple }, ifMatch: null, default)).Trail!;
        Assert.Null(changed.AdvancedSelectors);
        Assert.NotNull(changed.DataEvents);
        changed = (await bench.Trails.UpdateAsync(TrailBench.Account, "trail-one", new TrailChange { AdvancedSelectors = advanced }, ifMatch: null, default)).Trail!;
        Assert.Same(TrailSelectors.Everything, changed.Selectors);
        Assert.NotNull(changed.AdvancedSelectors);
        Assert.Null((await bench.Trails.DeleteDataEventsAsync(TrailBench.Account, "trail-one", ifMatch: null, default)).Trail!.DataEvents);
    }

    private static List<string> Many(int count, int length) => [.. Enumerable.Range(0, count).Select(i => $"{i}".PadLeft(length, 'v'))];

    private static DataEventSelectors Data(string json)
    {
        var errors = new List<TrailFieldError>();
        using var document = JsonDocument.Parse(json);
        var selectors = SelectorJson.ReadDataEvents(document.RootElement, "", errors);
        Assert.Empty(errors);
        Assert.Empty(SelectorRules.Check(selectors));
        return selectors;
    }

    private static string RandomEvent(Random random)
    {
        string One() => random.Next(8) == 0 ? "null" : $"\"{Texts[random.Next(Texts.Length)]}\"";
        return $$"""
            {"eventCategory":{{One()}},"eventName":{{One()}},"eventType":{{One()}},"eventSource":{{One()}},"serviceName":{{One()}},"eventRW":{{One()}},"acsRegion":{{One()}},
             "resourceType":{{One()}},"resourceName":{{One()}},"referencedResources":{"Oss":[{{One()}},7]},"errorCode":{{One()}},"sourceIpAddress":{{One()}},
             "userIdentity":{"userName":{{One()}},"type":{{One()}},"accessKeyId":{{One()}},"more":{"userName":"Get"} } }
            """;
    }

    private static AdvancedSelector RandomSelector(Random random) => new(null, [.. AdvancedFields.All.Where(_ => random.Next(9) == 0).Select(field =>
    {
        IReadOnlyList<string> Some(int odds) => random.Next(odds) > 0 ? [] : [.. Enumerable.Range(0, 1 + random.Next(3)).Select(_ => Texts[random.Next(Texts.Length - 1)])];
        return new FieldSelector(field) { EqualTo = Some(2), StartsWith = Some(3), EndsWith = Some(3), NotEqualTo = Some(4), NotStartsWith = Some(5), NotEndsWith = Some(5) };
    })]);

    /// <summary>The meaning as docs/directories.md has it, over the parsed document.</summary>
    private static bool NaivelyTakes(IEnumerable<AdvancedSelector> selectors, string json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        foreach (var selector in selectors)
        {
            var all = true;
            foreach (var field in selector.Fields)
            {
                var values = Values(root, field.Field);
                var asked = field.EqualTo.Count + field.StartsWith.Count + field.EndsWith.Count > 0;
                var hit = false;
                var miss = false;
                foreach (var value in values)
                {
                    foreach (var wanted in field.EqualTo)
                        hit |= value == wanted;
                    foreach (var wanted in field.StartsWith)
                        hit |= value.Length >= wanted.Length && value[..wanted.Length] == wanted;
                    foreach (var wanted in field.EndsWith)
                        hit |= value.Length >= wanted.Length && value[^wanted.Length..] == wanted;
                    foreach (var wanted in field.NotEqualTo)
                        miss |= value == wanted;
                    foreach (var wanted in field.NotStartsWith)
                        miss |= value.Length >= wanted.Length && value[..wanted.Length] == wanted;
                    foreach (var wanted in field.NotEndsWith)
                        miss |= value.Length >= wanted.Length && value[^wanted.Length..] == wanted;
                }

                all &= (hit || !asked) && !miss;
            }

            if (all)
                return true;
        }

        return false;
    }

    private static List<string> Values(JsonElement root, string field)
    {
        string? Text(JsonElement of, string name) => of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
        var resources = root.GetProperty("referencedResources").GetProperty("Oss");
        string?[] found = field switch
        {
            "eventCategory" => [Text(root, field) ?? "Management"],
            "readOnly" => [Text(root, "eventRW") switch { "Read" => "true", "Write" => "false", _ => null }],
            "region" => [Text(root, "acsRegion")],
            "resourceType" or "resources.type" => [.. (Text(root, "resourceType") ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries), "Oss"],
            "resourceName" or "resources.ARN" =>
                [.. (Text(root, "resourceName") ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries), .. resources.EnumerateArray().Where(static r => r.ValueKind == JsonValueKind.String).Select(static r => r.GetString())],
            "userName" or "accessKeyId" => [Text(root.GetProperty("userIdentity"), field)],
            "userType" => [Text(root.GetProperty("userIdentity"), "type")],
            _ => [Text(root, field)],
        };
        return [.. found.OfType<string>()];
    }

    private static bool Takes(Trail trail, string json) => EventSelectionTests.Takes(trail, json);

    private static Trail Trail() => new()
    {
        Account = "acme",
        Name = "trail-one",
        TrailId = "trail-one.0000000000001",
        Container = "audit-logs",
        HomeRegion = "home",
        CreateTime = DateTimeOffset.UnixEpoch,
        UpdateTime = DateTimeOffset.UnixEpoch,
    };
}
