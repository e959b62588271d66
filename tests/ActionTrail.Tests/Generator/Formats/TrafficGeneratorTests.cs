using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActionTrail.Generator.Formats;

namespace ActionTrail.Tests.Generator.Formats;

public sealed class TrafficGeneratorTests
{
    private static readonly TrafficOptions Options = new() { Start = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero) };

    public static TheoryData<TrafficFormat> Formats => [.. TrafficFormats.All];

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_same_seed_gives_the_same_messages_and_another_seed_gives_others(TrafficFormat format)
    {
        var odd = Options with { Quirks = 0.3 };
        var first = FormatCorpus.Messages(format, 40, 7, odd);
        var again = FormatCorpus.Messages(format, 40, 7, odd);
        Assert.Equal(first.Select(m => Convert.ToBase64String(m.Body)), again.Select(m => Convert.ToBase64String(m.Body)));
        Assert.Equal(first.SelectMany(m => m.Events), again.SelectMany(m => m.Events));
        Assert.Equal(first.SelectMany(m => m.Properties), again.SelectMany(m => m.Properties));
        Assert.NotEqual(first[0].Body, FormatCorpus.Messages(format, 1, 8, odd)[0].Body);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_message_holds_one_record_for_each_of_its_facts_and_every_account_belongs_to_the_organisation(TrafficFormat format)
    {
        foreach (var message in FormatCorpus.Messages(format, 60, 3, Options))
        {
            var records = Records(message);
            Assert.Equal(message.Events.Count, records.Count);
            Assert.All(message.Events, e => Assert.Contains(e.AccountId, Options.Organisation.Accounts));
            // An answer may come a little after the end of the span that the question fell into.
            Assert.All(message.Events, e => Assert.InRange(e.EventTime, Options.Start, Options.Start.AddDays(1).AddMinutes(1)));
            var json = Encoding.UTF8.GetString(message.Body) + string.Concat(message.Properties.Values);
            Assert.All(message.Events, e => Assert.All((string?[])[e.EventId, e.EventName, e.SourceIpAddress], text => Assert.Contains(text ?? "", json, StringComparison.Ordinal)));
            Assert.All(message.Events, e => Assert.All((e.UserName ?? "").Split(':'), part => Assert.Contains(part, json, StringComparison.Ordinal)));
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_record_has_a_planted_secret_exactly_when_its_facts_say_so(TrafficFormat format)
    {
        foreach (var message in FormatCorpus.Messages(format, 80, 4, Options))
        {
            var records = Records(message);
            for (var i = 0; i < records.Count; i++)
                Assert.Equal(message.Events[i].HasSecret, records[i].GetRawText().Contains(PlantedSecrets.Marker, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Secrets_of_every_kind_show_up()
    {
        var text = string.Concat(TrafficFormats.All.SelectMany(format => FormatCorpus.Messages(format, 150, 2, Options)).Select(m => Encoding.UTF8.GetString(m.Body)));
        foreach (var kind in (string[])["sessionToken\":\"IQoJb3JpZ2luX2Vjplanted-", "masterUserPassword\":\"planted-", "adminPassword\\\":\\\"planted-", "\\\"keyName\\\":\\\"key1\\\",\\\"value\\\":\\\"planted-",
                     "&sig=planted-", "AccountKey=planted-", "SecurityToken\":\"IQoJb3JpZ2luX2Vjplanted-", "Bearer eyJhbGciOiJSUzI1NiJ9.", "privateKeyData\":\"planted-", "serviceSasToken\\\":\\\"sv="])
            Assert.Contains(kind, text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Oddities_change_how_a_message_is_written_but_not_how_many_events_it_holds(TrafficFormat format)
    {
        var seen = new HashSet<char>();
        foreach (var message in FormatCorpus.Messages(format, 120, 5, Options with { Quirks = 0.5 }))
        {
            seen.Add((char)message.Body[0]);
            Assert.Equal(message.Events.Count, Records(message).Count);
        }
        // A byte-order mark, gzip, JSON text in a string; the body of a binary CloudEvent is the application's own.
        if (format != TrafficFormat.CloudEventsBinary)
            Assert.Superset(new HashSet<char> { '\u00EF', '\u001F', '"' }, seen);
    }

    [Fact]
    public void Cloudtrail_records_have_the_sizes_and_shares_of_real_ones()
    {
        var records = FormatCorpus.Messages(TrafficFormat.CloudTrail, 400, 1, Options).SelectMany(Records).ToList();
        var sizes = records.Select(r => Encoding.UTF8.GetByteCount(r.GetRawText())).Order().ToList();
        Assert.InRange(sizes[sizes.Count / 2], 1_000, 1_500);
        Assert.InRange(Share(r => r.GetProperty("readOnly").GetBoolean()), 0.7, 0.9);
        Assert.InRange(Share(r => r.TryGetProperty("errorCode", out _)), 0.06, 0.14);
        Assert.InRange(Share(r => !r.GetProperty("userIdentity").TryGetProperty("type", out _)), 0.005, 0.03);
        foreach (var type in (string[])["Root", "IAMUser", "AssumedRole", "AWSService", "WebIdentityUser"])
            Assert.Contains(records, r => r.GetProperty("userIdentity").TryGetProperty("type", out var found) && found.GetString() == type);
        foreach (var type in (string[])["AwsApiCall", "AwsServiceEvent", "AwsConsoleSignIn"])
            Assert.Contains(records, r => r.GetProperty("eventType").GetString() == type);

        double Share(Func<JsonElement, bool> what) => (double)records.Count(what) / records.Count;
    }

    [Fact]
    public void Azure_operations_come_in_pairs_with_one_correlation_id_and_all_eight_categories_occur()
    {
        var records = FormatCorpus.Messages(TrafficFormat.AzureActivity, 200, 1, Options).SelectMany(Records).ToList();
        var pairs = records.Where(r => Text(r, "category") == "Administrative").GroupBy(r => Text(r, "correlationId")).ToList();
        Assert.NotEmpty(pairs);
        foreach (var pair in pairs)
        {
            Assert.Equal(2, pair.Count());
            Assert.Equal("Start", Text(pair.First(), "resultType"));
            Assert.Contains(Text(pair.Last(), "resultType"), (string[])["Success", "Failure"]);
            if (Text(pair.Last(), "resultType") != "Failure")
                continue;
            using var status = JsonDocument.Parse(pair.Last().GetProperty("properties").GetProperty("statusMessage").GetString()!);
            Assert.Equal($"Failed.{status.RootElement.GetProperty("error").GetProperty("code").GetString()}", Text(pair.Last(), "resultSignature"));
        }
        Assert.Equal(["Administrative", "Alert", "Autoscale", "Policy", "Recommendation", "ResourceHealth", "Security", "ServiceHealth"], records.Select(r => Text(r, "category")).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_binary_CloudEvent_has_its_attributes_in_the_properties_and_its_data_in_the_body()
    {
        foreach (var message in FormatCorpus.Messages(TrafficFormat.CloudEventsBinary, 50, 1, Options))
        {
            Assert.Equal("1.0", message.Properties["cloudEvents:specversion"]);
            Assert.Equal(message.Events[0].EventId, message.Properties["cloudEvents:id"]);
            Assert.Equal(message.Events[0].EventName, message.Properties["cloudEvents:type"]);
            Assert.DoesNotContain("cloudEvents:data", message.Properties.Keys);
            using var data = JsonDocument.Parse(message.Body);
            Assert.False(data.RootElement.TryGetProperty("specversion", out _));
        }
    }

    [Fact]
    public void The_mix_holds_every_format_and_the_same_seed_gives_the_same_mix()
    {
        using var mix = new MixedTraffic(3, Options);
        using var again = new MixedTraffic(3, Options);
        var formats = new HashSet<TrafficFormat>();
        for (var i = 0; i < 1_000; i++)
        {
            var message = mix.Next();
            formats.Add(message.Format);
            Assert.Equal(SHA256.HashData(message.Body), SHA256.HashData(again.Next().Body));
        }
        Assert.Equal(TrafficFormats.All, formats.Order());
    }

    [Fact]
    public async Task The_mix_comes_at_the_wanted_rate()
    {
        using var mix = new MixedTraffic(3, Options);
        var clock = new CountingClock();
        var events = 0;
        await foreach (var message in mix.AtRateAsync(100, clock, CancellationToken.None))
        {
            events += message.Events.Count;
            if (events > 500)
                break;
            Assert.InRange(clock.Elapsed.TotalSeconds, (events - message.Events.Count) / 100.0 - 0.01, (events / 100.0) + 0.01);
        }
        await Assert.ThrowsAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in mix.AtRateAsync(100, clock, new CancellationToken(canceled: true)))
                Assert.Fail("a cancelled stream gives nothing");
        });
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        TrafficOptions[] wrong = [Options with { RecordsPerMessage = 0 }, Options with { People = 0 }, Options with { Quirks = 1.1 }, Options with { ErrorShare = -1 }, Options with { Span = TimeSpan.FromTicks(-1) },
            Options with { Organisation = Options.Organisation with { Projects = [] } }];
        Assert.All(wrong, options => Assert.Throws<ArgumentException>(() => new TrafficGenerator(TrafficFormat.CloudTrail, 1, options)));
        Assert.Throws<ArgumentException>(() => new MixedTraffic(1, Options, new Dictionary<TrafficFormat, double>()));
    }

    [Theory]
    [InlineData("all", 13)]
    [InlineData("native", 1)]
    [InlineData("CloudTrail, google,google", 2)]
    [InlineData("", -1)]
    [InlineData("native,xml", -1)]
    public void A_list_of_names_is_read_or_refused(string text, int count)
    {
        Assert.Equal(count >= 0, TrafficFormats.TryParse(text, out var formats));
        if (count >= 0)
            Assert.Equal(count, formats.Count);
        Assert.Equal("azure-activity", TrafficFormats.NameOf(TrafficFormat.AzureActivity));
    }

    private static string Text(JsonElement record, string name) => record.GetProperty(name).GetString()!;

    // The records of a message, whatever it is wrapped in.
    private static List<JsonElement> Records(HubMessage message)
    {
        var body = message.Body;
        if (body[0] == 0x1F)
        {
            using var unzipped = new MemoryStream();
            using (var gzip = new GZipStream(new MemoryStream(body), CompressionMode.Decompress))
                gzip.CopyTo(unzipped);
            body = unzipped.ToArray();
        }
        var text = Encoding.UTF8.GetString(body).TrimStart('\uFEFF');
        if (text[0] == '"')
        {
            using var wrapped = JsonDocument.Parse(text);
            text = wrapped.RootElement.GetString()!;
        }
        var records = new List<JsonElement>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var document = JsonDocument.Parse(line);
            Collect(document.RootElement.Clone(), records);
        }
        return records;
    }

    private static void Collect(JsonElement element, List<JsonElement> records)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
                Collect(item, records);
        }
        else if (element.TryGetProperty("records", out var wrapped) || element.TryGetProperty("Records", out wrapped))
        {
            Collect(wrapped, records);
        }
        else
        {
            records.Add(element);
        }
    }

    /// <summary>A clock on which a wait is over at once and time moves by exactly the wait.</summary>
    private sealed class CountingClock : TimeProvider
    {
        public TimeSpan Elapsed { get; private set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Elapsed.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime > TimeSpan.Zero)
                Elapsed += dueTime;
            return base.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
