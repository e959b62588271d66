using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActionTrail.Generator;

namespace ActionTrail.Tests.Generator;

public sealed class EventGeneratorTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly GeneratorOptions Options = new() { Start = Start, Span = TimeSpan.FromDays(90) };

    [Fact]
    public void The_same_seed_and_options_give_the_same_bytes_and_another_seed_gives_others()
    {
        Assert.Equal(Make(7, Options, 500), Make(7, Options, 500));
        Assert.NotEqual(Make(7, Options, 1)[0], Make(8, Options, 1)[0]);
    }

    [Fact]
    public void The_first_hundred_events_of_a_seed_are_what_they_always_were()
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(Make(1, Options, 100))));
        Assert.Equal("a9ae58fb6822a745e7f522ce38a94ed22929b52de0601397e743388bc353f13f", Convert.ToHexStringLower(hash));
    }

    [Fact]
    public void Every_event_is_one_JSON_object_with_all_required_fields_well_formed()
    {
        foreach (var text in Make(3, Options, 3_000))
        {
            using var document = JsonDocument.Parse(text);
            var e = document.RootElement;
            foreach (var name in (string[])["eventId", "eventTime", "eventType", "eventName", "eventRW", "eventSource", "serviceName", "acsRegion", "requestId", "sourceIpAddress", "userAgent", "recipientAccountId", "resourceType", "resourceName"])
                Assert.False(string.IsNullOrEmpty(e.GetProperty(name).GetString()), $"{name} in {text}");
            Assert.Equal(1, e.GetProperty("eventVersion").GetInt32());
            Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", e.GetProperty("eventId").GetString());
            var time = DateTimeOffset.ParseExact(e.GetProperty("eventTime").GetString()!, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
            Assert.InRange(time, Start, Start.AddDays(90));
            Assert.Contains(e.GetProperty("userIdentity").GetProperty("type").GetString(), (string[])["ram-user", "assumed-role", "root-account", "system"]);
            Assert.NotEmpty(e.GetProperty("userIdentity").GetProperty("userName").GetString()!);
            Assert.Equal(JsonValueKind.Object, e.GetProperty("requestParameters").ValueKind);
            Assert.Single(e.EnumerateObject(), p => p.Name == "userIdentity");
        }
    }

    [Fact]
    public void The_facts_of_the_last_event_are_those_in_its_bytes()
    {
        using var generator = new EventGenerator(11, Options with { Accounts = GeneratorOptions.ManyAccounts(5) });
        var buffer = new ArrayBufferWriter<byte>();
        for (var i = 0; i < 2_000; i++)
        {
            buffer.ResetWrittenCount();
            generator.Next(buffer);
            using var document = JsonDocument.Parse(buffer.WrittenMemory);
            var e = document.RootElement;
            var facts = generator.Last;
            Assert.Equal(facts.EventId, e.GetProperty("eventId").GetString());
            Assert.Equal(facts.AccountId, e.GetProperty("recipientAccountId").GetString());
            Assert.Equal(facts.EventName, e.GetProperty("eventName").GetString());
            Assert.Equal(facts.ServiceName, e.GetProperty("serviceName").GetString());
            Assert.Equal(facts.Region, e.GetProperty("acsRegion").GetString());
            Assert.Equal(facts.UserName, e.GetProperty("userIdentity").GetProperty("userName").GetString());
            Assert.Equal(facts.AccessKeyId, Text(e.GetProperty("userIdentity"), "accessKeyId"));
            Assert.Equal(facts.ResourceType, e.GetProperty("resourceType").GetString());
            Assert.Equal(facts.ResourceName, e.GetProperty("resourceName").GetString());
            Assert.Equal(facts.SourceIpAddress, e.GetProperty("sourceIpAddress").GetString());
            Assert.Equal(facts.IsWrite ? "Write" : "Read", e.GetProperty("eventRW").GetString());
            Assert.Equal(facts.IsSensitive, e.TryGetProperty("eventAttributes", out _));
            Assert.Equal(facts.ErrorCode, Text(e, "errorCode"));
        }
    }

    [Fact]
    public void Event_ids_do_not_repeat()
    {
        using var generator = new EventGenerator(5, Options);
        var buffer = new ArrayBufferWriter<byte>();
        var ids = new HashSet<string>();
        for (var i = 0; i < 20_000; i++)
        {
            buffer.ResetWrittenCount();
            generator.Next(buffer);
            Assert.True(ids.Add(generator.Last.EventId));
        }
    }

    [Fact]
    public void The_mix_looks_like_a_real_trail()
    {
        Assert.InRange(EventGenerator.EventNames.Count, 280, 340);
        using var generator = new EventGenerator(42, Options);
        var facts = new List<GeneratedEvent>();
        var buffer = new ArrayBufferWriter<byte>();
        const int Count = 30_000;
        long bytes = 0;
        for (var i = 0; i < Count; i++)
        {
            buffer.ResetWrittenCount();
            generator.Next(buffer);
            bytes += buffer.WrittenCount;
            facts.Add(generator.Last);
        }

        Assert.InRange((double)bytes / Count, 1_200, 1_400);
        Assert.InRange(Share(f => !f.IsWrite), 0.74, 0.88);
        Assert.InRange(Share(f => f.ErrorCode is not null), 0.07, 0.09);
        Assert.InRange(Share(f => f.IsSensitive), 0.02, 0.2);
        Assert.True(facts.DistinctBy(f => f.ServiceName).Count() >= 15);
        Assert.True(facts.DistinctBy(f => f.EventName).Count() > EventGenerator.EventNames.Count * 0.9);
        Assert.True(facts.DistinctBy(f => f.Region).Count() >= 5);
        Assert.True(facts.DistinctBy(f => f.ResourceName).Count() > 3_000);
        Assert.Contains(facts, f => f.AccessKeyId?.StartsWith("STS.", StringComparison.Ordinal) == true && f.UserName.Contains(':', StringComparison.Ordinal));
        Assert.Contains(facts, f => f.EventName == "ConsoleSignin" && f.AccessKeyId is null);

        var byUser = facts.CountBy(f => f.UserName).Select(pair => pair.Value).OrderDescending().ToList();
        Assert.InRange(byUser.Count, 150, 220);
        Assert.True(byUser[0] > 10 * byUser[byUser.Count / 2], "a few users make most events");

        double Share(Func<GeneratedEvent, bool> where) => (double)facts.Count(where) / Count;
    }

    [Fact]
    public void The_mean_size_follows_the_option()
    {
        var sizes = Make(9, Options with { MeanBytes = 4_000 }, 2_000).Select(Encoding.UTF8.GetByteCount).ToList();
        Assert.InRange(sizes.Average(), 3_700, 4_300);
    }

    [Fact]
    public void A_counted_span_is_filled_in_order_of_time_and_a_given_time_is_taken()
    {
        using var generator = new EventGenerator(4, Options with { Span = TimeSpan.FromHours(10), EventsInSpan = 1_000 });
        var buffer = new ArrayBufferWriter<byte>();
        var times = new List<DateTimeOffset>();
        for (var i = 0; i < 1_000; i++)
        {
            generator.Next(buffer);
            times.Add(generator.Last.EventTime);
            if (i > 0)
                Assert.True(times[i] >= times[i - 1].AddMinutes(-2));
        }
        Assert.InRange(times[0], Start, Start.AddMinutes(3));
        Assert.InRange(times[^1], Start.AddHours(10).AddMinutes(-3), Start.AddHours(10));

        var moment = new DateTimeOffset(2026, 5, 4, 5, 6, 7, TimeSpan.FromHours(2));
        generator.Next(buffer, moment);
        Assert.Equal(moment, generator.Last.EventTime);
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused()
    {
        foreach (var wrong in (GeneratorOptions[])[Options with { Accounts = [] }, Options with { Users = 0 }, Options with { Resources = -1 }, Options with { Span = TimeSpan.FromTicks(-1) }, Options with { EventsInSpan = 0 }])
            Assert.Throws<ArgumentException>(() => new EventGenerator(1, wrong));
    }

    [Fact]
    public void Many_accounts_are_distinct_and_the_first_is_met_most()
    {
        var accounts = GeneratorOptions.ManyAccounts(1_000);
        Assert.Equal(1_000, accounts.Distinct().Count());
        Assert.All(accounts, a => Assert.Matches("^1[0-9]{15}$", a));
        using var generator = new EventGenerator(2, Options with { Accounts = accounts });
        var met = new Dictionary<string, int>();
        var buffer = new ArrayBufferWriter<byte>();
        for (var i = 0; i < 5_000; i++)
        {
            buffer.ResetWrittenCount();
            generator.Next(buffer);
            met[generator.Last.AccountId] = met.GetValueOrDefault(generator.Last.AccountId) + 1;
        }
        Assert.Equal(accounts[0], met.MaxBy(pair => pair.Value).Key);
        Assert.True(met.Count > 300);
    }

    private static List<string> Make(int seed, GeneratorOptions options, int count)
    {
        using var generator = new EventGenerator(seed, options);
        var events = new List<string>();
        var buffer = new ArrayBufferWriter<byte>();
        for (var i = 0; i < count; i++)
        {
            buffer.ResetWrittenCount();
            generator.Next(buffer);
            events.Add(Encoding.UTF8.GetString(buffer.WrittenSpan));
        }
        return events;
    }

    private static string? Text(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) ? value.GetString() : null;
}
