using System.Text.Json;
using ActionTrail.Trails;

namespace ActionTrail.Tests.Trails;

public sealed class TrailRulesTests
{
    [Theory]
    [InlineData("abcdef", true)]
    [InlineData("a-_123", true)]
    [InlineData("abcdefghijklmnopqrstuvwxyz0123456789", true)]
    [InlineData("abcdefghijklmnopqrstuvwxyz01234567890", false)]
    [InlineData("abcde", false)]
    [InlineData("1bcdef", false)]
    [InlineData("Abcdef", false)]
    [InlineData("abc.def", false)]
    [InlineData("abcdef\n", false)]
    public void Names_follow_the_grammar(string name, bool valid) => Judge(TrailBench.Draft(name), "/name", valid);

    [Theory]
    [InlineData("abc", true)]
    [InlineData("1-a", true)]
    [InlineData("ab", false)]
    [InlineData("a--b", false)]
    [InlineData("-abc", false)]
    [InlineData("abc-", false)]
    [InlineData("Abc", false)]
    [InlineData("a_b", false)]
    [InlineData("abc\n", false)]
    [InlineData("$web", false)]
    [InlineData("events", false)]
    [InlineData("quarantine", false)]
    [InlineData("azure-webjobs-hosts", false)]
    [InlineData("azure-webjobs-secrets", false)]
    public void Containers_follow_the_grammar_and_are_not_ours(string container, bool valid) => Judge(TrailBench.Draft() with { Container = container }, "/container", valid);

    [Theory]
    [InlineData("audit1", true)]
    [InlineData("audit/logs", true)]
    [InlineData("audit/logs/", true)]
    [InlineData("audit//logs", false)]
    [InlineData("/audit1", false)]
    [InlineData("audit", false)]
    [InlineData("audit/../x", false)]
    [InlineData("a2345678901234567890123456789012", true)]
    [InlineData("a23456789012345678901234567890123", false)]
    public void Prefixes_follow_the_grammar(string prefix, bool valid) => Judge(TrailBench.Draft() with { Prefix = prefix }, "/prefix", valid);

    [Fact]
    public void All_faults_of_a_draft_are_named_at_once()
    {
        var draft = new TrailDraft { Name = "x", Container = "X", Prefix = "1", EventRW = "read", TrailRegion = "", IsOrganizationTrail = true, AdvancedSelectors = [], Selectors = new() { Include = new() { EventNames = [""] } } };
        Assert.Equal(
            ["/name", "/container", "/prefix", "/eventRW", "/trailRegion", "/advancedSelectors", "/advancedSelectors", "/selectors/eventNames/0"],
            TrailRules.Check(draft).Select(static e => e.Pointer));
    }

    [Theory]
    [InlineData(250, 1, true)]
    [InlineData(251, 1, false)]
    [InlineData(1, 256, true)]
    [InlineData(1, 257, false)]
    [InlineData(120, 256, true)]
    [InlineData(130, 256, false)]
    public void Selectors_have_limits(int values, int length, bool valid)
    {
        var half = Enumerable.Repeat(new string('a', length), values / 2).ToList();
        var rest = Enumerable.Repeat(new string('b', length), values - half.Count).ToList();
        var errors = TrailRules.Check(TrailBench.Draft() with { Selectors = new() { Include = new() { EventNames = half }, Exclude = new() { Services = rest } } });
        Assert.Equal(valid, errors.Count == 0);
        Assert.All(errors, static e => Assert.StartsWith("/selectors", e.Pointer, StringComparison.Ordinal));
    }

    [Fact]
    public void A_body_is_read_with_every_fault_of_form_named()
    {
        var errors = new List<TrailFieldError>();
        var draft = TrailJson.ReadDraft(Parse("""
            {"name":5,"container":"logs","colour":1,"a/b~":2,"isOrganizationTrail":"no",
             "selectors":{"eventNames":["A",1,"\ud800"],"sensitiveOnly":1,"exclude":{"regions":"x","verbs":[]}}}
            """), errors);
        Assert.Equal("logs", draft.Container);
        Assert.Equal(
            ["/name", "/colour", "/a~1b~0", "/isOrganizationTrail", "/selectors/eventNames/1", "/selectors/eventNames/2", "/selectors/sensitiveOnly", "/selectors/exclude/regions", "/selectors/exclude/verbs"],
            errors.Select(static e => e.Pointer));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"x\"")]
    public void A_body_that_is_no_object_is_one_fault(string body)
    {
        var errors = new List<TrailFieldError>();
        TrailJson.ReadChange(Parse(body), errors);
        Assert.Equal("", Assert.Single(errors).Pointer);
    }

    [Fact]
    public void Null_in_a_change_takes_away_or_brings_the_default_back()
    {
        var errors = new List<TrailFieldError>();
        Assert.Equal(
            new TrailChange { Container = "", LogstoreProject = "", Stream = "", LogAnalytics = "", Prefix = "", Format = "ActionTrail", MaxObjectMegabytes = 0, EventRW = "All", TrailRegion = "All", LogFileValidation = true },
            TrailJson.ReadChange(
                Parse("""{"container":null,"logstoreProject":null,"stream":null,"logAnalytics":null,"prefix":null,"format":null,"maxObjectMegabytes":null,"eventRW":null,"trailRegion":null,"logFileValidation":null,"isOrganizationTrail":null}"""), errors));
        Assert.Empty(errors);
    }

    [Fact]
    public void Selectors_come_back_from_their_json()
    {
        var selectors = new TrailSelectors
        {
            Include = new() { EventNames = ["Run \"it\"", "é<>"], Services = ["Ecs"], ResourceTypes = ["ACS::ECS::Disk"], Regions = ["a"] },
            Exclude = new() { EventNames = ["x"], Services = ["y"], ResourceTypes = ["z"], Regions = ["w"] },
            SensitiveOnly = true,
        };
        Assert.Equivalent(selectors, TrailJson.Parse(TrailJson.Format(selectors)), strict: true);
        Assert.Equal("{}", TrailJson.Format(TrailSelectors.Everything));
        Assert.Equivalent(TrailSelectors.Everything, TrailJson.Parse("{}"), strict: true);
    }

    private static void Judge(TrailDraft draft, string pointer, bool valid)
    {
        var errors = TrailRules.Check(draft);
        Assert.Equal(valid ? [] : [pointer], errors.Select(static e => e.Pointer));
    }

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
