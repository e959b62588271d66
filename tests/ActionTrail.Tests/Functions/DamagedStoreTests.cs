using System.Globalization;
using System.Net;
using ActionTrail.Events;
using ActionTrail.Functions.Triggers;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;
using ActionTrail.Tests.Ingest;

namespace ActionTrail.Tests.Functions;

/// <summary>What the API answers while an object of the store is damaged, and that the verification names it.</summary>
public sealed class DamagedStoreTests
{
    private static readonly string[] Reads = ["/v1/events?eventId=e-1", "/v1/events/e-1"];

    [Theory]
    [InlineData("bit of the head", false)]
    [InlineData("bit of the head", true)]
    [InlineData("bit of a block", false)]
    [InlineData("bit of a block", true)]
    [InlineData("cut", false)]
    [InlineData("cut", true)]
    [InlineData("another segment", false)]
    [InlineData("another segment", true)]
    [InlineData("no segment", false)]
    public async Task A_damaged_segment_is_a_problem_of_its_own_and_the_verification_names_it(string damage, bool isCompacted)
    {
        var clock = new SettableTime();
        await using var app = await TestApp.StartAsync(clock: clock);
        var admin = await app.IssueAsync("demo");
        await PublishAsync(app, admin, "e-0", clock.GetUtcNow());
        var other = (await FindAsync(app, "e-0", isCompacted: false))!;
        await PublishAsync(app, admin, "e-1", clock.GetUtcNow());
        if (isCompacted)
        {
            clock.Advance(TimeSpan.FromMinutes(6));
            await app.Get<IEnumerable<ITrigger>>().Single(static t => t.Function == "CompactSegments").RunAsync("{}"u8.ToArray(), default);
        }

        var segment = (await FindAsync(app, "e-1", isCompacted))!;
        var sound = await ReadAsync(app, segment);
        await ReplaceAsync(app, segment, damage switch
        {
            "bit of the head" => Flipped(sound, (int)segment.HeadOffset + 5),
            "bit of a block" => Flipped(sound, (int)segment.HeadOffset - 1),
            "cut" => sound[..^7],
            "another segment" => await ReadAsync(app, other),
            _ => new byte[sound.Length],
        });

        foreach (var path in Reads)
        {
            var answer = await app.SendAsync("GET", path, body: null, admin);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "StoreDamaged"), (answer.Status, answer.Code));
            Assert.Equal(TimeSpan.FromMinutes(10), answer.Headers.RetryAfter!.Delta);
            Assert.DoesNotContain(segment.Name, answer.Text, StringComparison.Ordinal);
        }

        var report = (await app.SendAsync("GET", "/v1/store/verify")).Json;
        Assert.False(report.GetProperty("sound").GetBoolean());
        Assert.Equal($"{Containers.Events}/{segment.Name}", report.GetProperty("problems")[0].GetProperty("object").GetString());

        await ReplaceAsync(app, segment, sound);
        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("GET", "/v1/events/e-1", body: null, admin)).Status);
        Assert.True((await app.SendAsync("GET", "/v1/store/verify")).Json.GetProperty("sound").GetBoolean());
    }

    [Fact]
    public async Task A_verification_in_parts_is_followed_by_its_links()
    {
        await using var app = await TestApp.StartAsync();
        var admin = await app.IssueAsync("demo");
        await PublishAsync(app, admin, "e-0", app.Get<TimeProvider>().GetUtcNow());
        var parts = 0;
        for (string? path = "/v1/store/verify?maxSeconds=0"; path is not null; parts++)
        {
            Assert.True(parts < 50, "the parts do not end");
            var report = (await app.SendAsync("GET", path)).Json;
            Assert.True(report.GetProperty("sound").GetBoolean());
            path = report.TryGetProperty("nextLink", out var link) ? new Uri(link.GetString()!).PathAndQuery : null;
        }

        Assert.True(parts > 1);
        var refused = await app.SendAsync("GET", "/v1/store/verify?after=nowhere&maxSeconds=151");
        Assert.Equal((HttpStatusCode.BadRequest, 2), (refused.Status, refused.Json.GetProperty("errors").GetArrayLength()));
    }

    private static async Task PublishAsync(TestApp app, (string KeyId, string Secret) admin, string id, DateTimeOffset now)
    {
        var time = now.AddMinutes(-1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var sent = await app.SendAsync("POST", "/v1/events", $$$"""{"eventId":"{{{id}}}","eventName":"RunInstances","eventTime":"{{{time}}}","eventRW":"Write","serviceName":"Ecs","acsRegion":"local","userIdentity":{"type":"ram-user","accountId":"demo","userName":"alice"}}""", admin);
        Assert.True(sent.Status is HttpStatusCode.OK or HttpStatusCode.Accepted or HttpStatusCode.Created, sent.Text);
    }

    private static async Task<SegmentReference?> FindAsync(TestApp app, string eventId, bool isCompacted)
    {
        // A source of its own: the app has read nothing of the segment before it is damaged.
        var source = new SegmentSource(app.Get<IObjectStore>(), new SegmentCacheOptions());
        await foreach (var segment in isCompacted ? CompactedAsync(app.Get<ITableStore>()) : FreshAsync(app.Get<ITableStore>(), app.Get<TimeProvider>()))
        {
            if (await source.ReadAccountAsync(segment, "demo", default).AnyAsync(one => EventMatcher.EventId(one.Body.Span) == eventId))
                return segment;
        }

        return null;
    }

    private static async IAsyncEnumerable<SegmentReference> FreshAsync(ITableStore tables, TimeProvider time)
    {
        var log = new CommitLog(tables, time);
        await foreach (var partition in log.ReadPartitionsAsync(StoreName.History, default))
        {
            await foreach (var commit in log.ReadCommitsAsync(StoreName.History, partition, -1, default))
            {
                if (commit.Segment is { } segment)
                    yield return segment;
            }
        }
    }

    private static async IAsyncEnumerable<SegmentReference> CompactedAsync(ITableStore tables)
    {
        var log = new CompactionLog(tables);
        var head = await log.ReadHeadAsync(StoreName.History, default);
        for (var shard = 0; shard < head.Shards; shard++)
        {
            await foreach (var segment in log.ReadSegmentsAsync(StoreName.History, shard, head.Generation, default))
                yield return segment.Segment;
        }
    }

    private static Task<byte[]> ReadAsync(TestApp app, SegmentReference segment) =>
        app.Get<IObjectStore>().ReadAsync(Containers.Events, segment.Name, 0, (int)segment.Length, default);

    private static async Task ReplaceAsync(TestApp app, SegmentReference segment, byte[] content)
    {
        var objects = app.Get<IObjectStore>();
        await objects.DeleteAsync(Containers.Events, segment.Name, default);
        await objects.CreateAsync(Containers.Events, segment.Name, content, ObjectLabel.Binary, default);
    }

    private static byte[] Flipped(byte[] sound, int at)
    {
        var changed = sound.ToArray();
        changed[at] ^= 0x10;
        return changed;
    }
}
