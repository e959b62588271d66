using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ActionTrail.Delivery;
using ActionTrail.Layout;
using ActionTrail.Tests.Events;
using ActionTrail.Tests.Segments;
using ActionTrail.Trails;
using FsCheck;
using FsCheck.Fluent;

namespace ActionTrail.Tests.Delivery;

/// <summary>The three layouts of delivered objects. The frozen ones are <c>tests/formats/v1/object-*</c>; they are never edited.</summary>
public sealed partial class ObjectFormatTests
{
    private const long Window = 1772366430000;

    private static readonly string[] Events =
    [
        """{"eventId":"e-1","eventVersion":1,"eventTime":"2026-03-01T12:00:01Z","eventName":"DeleteDisk","eventRW":"Write","eventCategory":"Management","eventSource":"ecs.cn-hangzhou.aliyuncs.com","serviceName":"Ecs","acsRegion":"cn-hangzhou","requestId":"r-1","sourceIpAddress":"192.0.2.10","recipientAccountId":"acme","userIdentity":{"type":"ram-user","userName":"älice"}}""",
        "{ \"eventId\" : \"e-2\",\r\n \"eventName\":\"Get\\u004fbject\", \"serviceName\":\"Oss\", \"eventRW\":\"Read\", \"eventCategory\":\"Data\",\"requestID\":\"theirs\",\"requestId\":\"ours\",\"readOnly\":false }",
        """{"eventId":"e-3","eventName":"StopLogging","serviceName":"cloudtrail","originalRecord":{"eventVersion":"1.08","eventID":"e-3","userIdentity":{"type":"Root"},"eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging","awsRegion":"eu-west-1"}}""",
        """{"eventId":"e-4","eventName":"Write","serviceName":"Vaults","originalRecord":{"operationName":"Write"}}""",
    ];

    [Theory]
    [InlineData("ActionTrail", "object-actiontrail.json", "ActionTrail/ActionTrail/cn-hangzhou/2026/03/01/ActionTrail_cn-hangzhou_20260301120030_")]
    [InlineData("CloudTrail", "object-cloudtrail.json", "AWSLogs/acme/CloudTrail/cn-hangzhou/2026/03/01/acme_CloudTrail_cn-hangzhou_20260301T1200Z_")]
    [InlineData("Ndjson", "object-ndjson.ndjson", "ActionTrail/ActionTrail/cn-hangzhou/2026/03/01/ActionTrail_cn-hangzhou_20260301120030_")]
    public async Task Every_layout_gives_the_frozen_content_and_name(string name, string file, string start)
    {
        var format = TrailRules.ParseFormat(name)!.Value;
        var (content, sha256, bytes) = await WriteAsync(format, [.. Events.Select(Encoding.UTF8.GetBytes)]);
        var fixture = Path.Combine(SegmentFixtureTests.Formats(), file);
        Assert.Equal(await File.ReadAllTextAsync(fixture), Encoding.UTF8.GetString(content));
        var stem = DeliveredObjectName.Stem(format, "audit/logs/", directoryId: null, "acme", "cn-hangzhou", Window, "acme.trail-one.0abc", part: 0);
        Assert.StartsWith("audit/logs/" + start, stem, StringComparison.Ordinal);
        Assert.Equal((await File.ReadAllTextAsync(fixture + ".name")).TrimEnd(), DeliveredObjectName.Of(format, stem, Events.Length, bytes, sha256));
    }

    [Fact]
    public void A_CloudTrail_name_has_the_form_that_readers_of_CloudTrail_look_for()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var part = 0; part < 50; part++)
        {
            foreach (var trail in (string[])["a.trail-one.1", "a.trail-two.1"])
            {
                var stem = DeliveredObjectName.Stem(ObjectFormat.CloudTrail, prefix: null, "rd-1", "acme", "eu-west-1", Window, trail, part);
                Assert.True(names.Add(stem));
                Assert.Matches(CloudTrailKey(), DeliveredObjectName.Of(ObjectFormat.CloudTrail, stem, 1, 2, new byte[32]));
            }
        }
    }

    [Fact]
    public void A_record_bears_the_names_of_CloudTrail_and_loses_nothing()
    {
        using var first = JsonDocument.Parse(Record(Encoding.UTF8.GetBytes(Events[0])));
        var record = first.RootElement;
        Assert.Equal(("e-1", "r-1", "cn-hangzhou", "192.0.2.10"), (Text(record, "eventID"), Text(record, "requestID"), Text(record, "awsRegion"), Text(record, "sourceIPAddress")));
        Assert.Equal(("1.11", "ecs.cn-hangzhou.aliyuncs.com", "Ecs", "Write"), (Text(record, "eventVersion"), Text(record, "eventSource"), Text(record, "serviceName"), Text(record, "eventRW")));
        Assert.Equal((false, true), (record.GetProperty("readOnly").GetBoolean(), record.GetProperty("managementEvent").GetBoolean()));
        Assert.False(record.TryGetProperty("eventId", out _));

        using var second = JsonDocument.Parse(Record(Encoding.UTF8.GetBytes(Events[1])));
        Assert.Equal(("theirs", "ours", "Oss"), (Text(second.RootElement, "requestID"), Text(second.RootElement, "requestId"), Text(second.RootElement, "eventSource")));
        Assert.False(second.RootElement.GetProperty("readOnly").GetBoolean());

        using var stored = JsonDocument.Parse(Events[2]);
        Assert.Equal(stored.RootElement.GetProperty("originalRecord").GetRawText(), Encoding.UTF8.GetString(Record(Encoding.UTF8.GetBytes(Events[2]))));
    }

    [Fact]
    public void Records_of_any_members_have_each_name_once_and_keep_every_value() =>
        Prop.ForAll<string[], int[]>(KeepsAll).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static bool KeepsAll(string[] names, int[] values)
    {
        var known = new[] { "eventId", "eventID", "requestId", "acsRegion", "awsRegion", "eventRW", "serviceName", "eventSource", "eventCategory", "readOnly", "eventVersion" };
        var members = new Dictionary<string, object>(StringComparer.Ordinal);
        for (var i = 0; i < values.Length; i++)
            members[known[Math.Abs(values[i] % known.Length)]] = i % 2 == 0 ? values[i] : $"v{values[i]}";
        foreach (var name in names.Where(static n => !string.IsNullOrEmpty(n) && n.All(static c => c is > ' ' and < '\u007f' and not '"' and not '\\')))
            members[name] = true;
        var body = JsonSerializer.SerializeToUtf8Bytes(members);
        using var record = JsonDocument.Parse(Record(body));
        var found = record.RootElement.EnumerateObject().ToList();
        members.Remove("eventVersion");
        using var before = JsonDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(members));
        var kept = found.Select(static m => m.Value.GetRawText()).ToList();
        return found.Select(static m => m.Name).Distinct(StringComparer.Ordinal).Count() == found.Count
            && before.RootElement.EnumerateObject().All(m => kept.Remove(m.Value.GetRawText()));
    }

    /// <summary>Copied in pieces or member by member: the bytes are the same. One writer serves many events.</summary>
    [Fact]
    public void A_record_has_the_bytes_that_its_rules_say()
    {
        var events = new RandomEvent(seed: 6);
        using var writer = new CloudTrailRecord();
        for (var round = 0; round < 3000; round++)
        {
            var body = events.Next();
            Assert.Equal(Encoding.UTF8.GetString(ByTheRules(body)), Encoding.UTF8.GetString(writer.Of(body).Span));
        }
    }

    private static byte[] ByTheRules(byte[] body)
    {
        var members = new List<(string Name, byte[] Value)>();
        var reader = new Utf8JsonReader(body);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Encoding.UTF8.GetString(reader.ValueSpan);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            members.Add((name, body[start..(int)reader.BytesConsumed]));
        }

        byte[]? Find(string name) => members.FindIndex(m => m.Name == name) is >= 0 and var at ? members[at].Value : null;
        var theirs = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["eventId"] = "eventID",
            ["requestId"] = "requestID",
            ["sourceIpAddress"] = "sourceIPAddress",
            ["acsRegion"] = "awsRegion",
            ["sharedEventId"] = "sharedEventID",
        };
        var output = new List<byte>("{\"eventVersion\":\"1.11\""u8.ToArray());
        void Add(string name, byte[] value) => output.AddRange([.. Encoding.UTF8.GetBytes($",\"{name}\":"), .. value]);
        foreach (var (name, value) in members.Where(static m => m.Name != "eventVersion"))
            Add(theirs.TryGetValue(name, out var other) && Find(other) is null ? other : name, value);
        if (Find("eventSource") is null && Find("serviceName") is { } service)
            Add("eventSource", service);
        if (Find("readOnly") is null && Find("eventRW") is { } rw && Encoding.UTF8.GetString(rw) is ("\"Read\"" or "\"Write\""))
            Add("readOnly", rw.Length == 6 ? "true"u8.ToArray() : "false"u8.ToArray());
        if (Find("managementEvent") is null && Find("eventCategory") is { } category && Encoding.UTF8.GetString(category) is ("\"Management\"" or "\"Data\""))
            Add("managementEvent", category.Length > 6 ? "true"u8.ToArray() : "false"u8.ToArray());
        return [.. output, (byte)'}'];
    }

    [Fact]
    public async Task A_change_of_the_layout_counts_for_windows_handed_out_after_it()
    {
        var bench = await DeliveryBench.StartAsync();
        var trail = await bench.StartTrailAsync("acme", "trail-one", format: "Ndjson");
        await bench.CommitAsync(bench.Event(), bench.Event());
        await bench.CloseWindowAsync();
        var changed = await bench.Trails.UpdateAsync("acme", "trail-one", new TrailChange { Format = "CloudTrail", MaxObjectMegabytes = 1 }, ifMatch: null, default);
        Assert.Equal((ObjectFormat.CloudTrail, 1), (changed.Trail!.Format, changed.Trail.MaxObjectMegabytes));
        await bench.CommitAsync(bench.Event());
        await bench.CloseWindowAsync();
        await bench.DrainAsync();
        var objects = await bench.ReadBackAsync("audit-logs");
        Assert.Equal(2, objects.Count);
        Assert.Single(objects, static o => o.Name.StartsWith("AWSLogs/acme/CloudTrail/cn-hangzhou/", StringComparison.Ordinal) && o.Events.Count == 1);
        Assert.Single(objects, static o => o.Name.EndsWith("_2_" + o.Content.Length + o.Name[o.Name.LastIndexOf('_')..], StringComparison.Ordinal) && o.Name.EndsWith(".ndjson.gz", StringComparison.Ordinal));
        var back = await bench.Trails.UpdateAsync("acme", "trail-one", new TrailChange { Format = "ActionTrail", MaxObjectMegabytes = 0 }, ifMatch: null, default);
        Assert.Equal((ObjectFormat.ActionTrail, null), (back.Trail!.Format, back.Trail.MaxObjectMegabytes));
        Assert.Equal(trail.TrailId, back.Trail.TrailId);
    }

    [Fact]
    public async Task Every_layout_splits_at_the_size_that_the_trail_says()
    {
        foreach (var format in Enum.GetValues<ObjectFormat>())
        {
            var bench = await DeliveryBench.StartAsync();
            var trail = await bench.StartTrailAsync("acme", "trail-one", format: format.ToString());
            await bench.Trails.UpdateAsync("acme", trail.Name, new TrailChange { MaxObjectMegabytes = 1 }, ifMatch: null, default);
            await bench.CommitAsync([.. Enumerable.Range(0, 5).Select(_ => bench.Event() with { EventName = new string('x', 300_000) })]);
            await bench.CloseWindowAsync();
            await bench.DrainAsync();
            var objects = await bench.ReadBackAsync("audit-logs");
            Assert.Equal([2, 3], objects.Select(static o => o.Events.Count).Order());
            Assert.All(objects, static o => Assert.InRange(o.Content.Length, 1, 1024 * 1024));
        }
    }

    [Theory]
    [InlineData("cloudtrail", 1, "/format")]
    [InlineData("", 256, "/format")]
    [InlineData("Ndjson", 257, "/maxObjectMegabytes")]
    [InlineData("Ndjson", -1, "/maxObjectMegabytes")]
    public void Faults_name_the_field(string format, int megabytes, string pointer)
    {
        var draft = new TrailDraft { Name = "trail-one", Container = "audit-logs", Format = format, MaxObjectMegabytes = megabytes };
        Assert.Equal(pointer, Assert.Single(TrailRules.Check(draft)).Pointer);
    }

    private static async Task<(byte[] Content, byte[] Sha256, long Bytes)> WriteAsync(ObjectFormat format, IReadOnlyList<byte[]> events)
    {
        using var part = new ObjectPart("acme", "cn-hangzhou", 0, format, new SpoolStream(1 << 20, static () => new MemoryStream()));
        using var record = new CloudTrailRecord();
        foreach (var one in events)
            part.Add(format == ObjectFormat.CloudTrail ? record.Of(one).Span : one, eventTimeMs: 0);
        var (stored, storedSha256, sha256) = part.Finish();
        Assert.Equal(storedSha256, await SHA256.HashDataAsync(stored));
        stored.Position = 0;
        await using var content = new GZipStream(stored, CompressionMode.Decompress);
        using var whole = new MemoryStream();
        await content.CopyToAsync(whole);
        Assert.Equal(part.Bytes, whole.Length);
        return (whole.ToArray(), sha256, part.Bytes);
    }

    private static byte[] Record(byte[] stored)
    {
        using var record = new CloudTrailRecord();
        return record.Of(stored).ToArray();
    }

    private static string? Text(JsonElement record, string name) => record.GetProperty(name).GetString();

    [GeneratedRegex(@"^AWSLogs/rd-1/acme/CloudTrail/eu-west-1/\d{4}/\d\d/\d\d/acme_CloudTrail_eu-west-1_\d{8}T\d{4}Z_[A-Za-z0-9]{16}\.json\.gz\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CloudTrailKey();
}
