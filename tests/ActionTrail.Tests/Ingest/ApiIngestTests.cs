using System.IO.Compression;
using System.Text;
using ActionTrail.Events;
using ActionTrail.Ingest;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using Xunit.Abstractions;

namespace ActionTrail.Tests.Ingest;

public sealed class ApiIngestTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("[{0},{1},{2}]")]
    [InlineData("{0}\n{1}\n{2}\n")]
    [InlineData("\r\n {0}\r\n{1}\r\n\r\n{2}")]
    public async Task Events_in_an_array_or_on_lines_are_stored_and_their_ids_come_back_in_order(string form)
    {
        var world = await WorldAsync();
        await using var api = world.NewApiIngest();
        var body = string.Format(System.Globalization.CultureInfo.InvariantCulture, form, world.EventJson("e2"), world.EventJson("e0"), world.EventJson("e1"));

        var plain = await api.SubmitAsync(Submission(body), default);

        Assert.Empty(plain.Errors);
        Assert.Equal(["e2", "e0", "e1"], plain.EventIds);
        await world.AssertStoredOnceAsync(0, 2);
    }

    [Fact]
    public async Task A_single_object_and_gzip_are_understood()
    {
        var world = await WorldAsync();
        await using var api = world.NewApiIngest();

        var single = await api.SubmitAsync(Submission(world.EventJson("e0")), default);
        var packed = await api.SubmitAsync(Submission(Gzip(Encoding.UTF8.GetBytes(world.EventJson("e1")))), default);

        Assert.Equal(["e0", "e1"], single.EventIds.Concat(packed.EventIds));
        await world.AssertStoredOnceAsync(0, 1);
    }

    [Fact]
    public async Task One_bad_event_refuses_the_whole_submission_and_is_pointed_at()
    {
        var world = await WorldAsync();
        await using var api = world.NewApiIngest();
        var bad = world.EventJson("x").Replace("\"eventTime\":\"2026", "\"eventTime\":\"never", StringComparison.Ordinal);

        var result = await api.SubmitAsync(Submission($"[{world.EventJson("e0")},{world.EventJson("e1")},{world.EventJson("e2")},{bad}]"), default);

        var error = Assert.Single(result.Errors);
        Assert.Equal("/3/eventTime", error.Pointer);
        Assert.NotEmpty(error.Rule);
        Assert.Empty(result.EventIds);
        Assert.Empty(await world.StoredIdsAsync());
    }

    [Fact]
    public async Task The_fault_of_a_single_object_has_no_index()
    {
        var world = await WorldAsync();
        await using var api = world.NewApiIngest();

        var result = await api.SubmitAsync(Submission(world.EventJson("x").Replace("\"eventTime\":\"2026", "\"eventTime\":\"never", StringComparison.Ordinal)), default);

        Assert.Equal("/eventTime", Assert.Single(result.Errors).Pointer);
    }

    [Fact]
    public async Task At_most_a_hundred_faults_are_listed()
    {
        var world = await WorldAsync();
        await using var api = world.NewApiIngest();

        var result = await api.SubmitAsync(Submission("[" + string.Join(',', Enumerable.Repeat("{\"eventTime\":1}", 500)) + "]"), default);

        Assert.Equal(100, result.Errors.Count);
    }

    [Fact]
    public void Nothing_is_read_behind_the_hundredth_fault()
    {
        var events = new SubmittedEvents(0);
        events.Read(new MessageNormalizer(new NormalizerOptions()), Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{}\n", 5000))), contentType: null, cloudEvent: null, default);

        Assert.Equal(100, events.Errors().Count);
        Assert.Equal(100, events.Records);
    }

    [Fact]
    public async Task Nothing_is_read_for_a_sender_who_has_gone()
    {
        var world = await WorldAsync();
        await using var api = world.NewApiIngest();
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();
        var events = new SubmittedEvents(0);

        Assert.Throws<OperationCanceledException>(() => events.Read(new MessageNormalizer(new NormalizerOptions()), Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{}\n", 50))), contentType: null, cloudEvent: null, gone.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => api.SubmitAsync(Submission("{}"), gone.Token));

        Assert.Equal(0, events.Records);
    }

    [Fact]
    public async Task Large_bodies_take_turns_also_when_they_come_small_and_packed()
    {
        var turns = new BodyTurns();
        var bomb = Gzip(new byte[64 << 20]);
        using var first = await turns.WaitAsync(bomb, "111", default);
        using var second = await turns.WaitAsync(new byte[BodyTurns.LargeBytes + 1], "111", default);
        var third = turns.WaitAsync(Gzip(new byte[2 << 20]), "111", default);
        using var small = await turns.WaitAsync(new byte[BodyTurns.LargeBytes], "111", default);
        using var smallPacked = await turns.WaitAsync(Gzip("{}"u8.ToArray()), "111", default);
        small.Dispose();
        Assert.False(third.IsCompleted);

        first.Dispose();
        first.Dispose();
        using var taken = await third.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.False(turns.WaitAsync(bomb, "111", default).IsCompleted);
    }

    [Fact]
    public async Task Many_large_bodies_of_one_account_delay_another_by_one_body_at_most()
    {
        var turns = new BodyTurns();
        var large = new byte[BodyTurns.LargeBytes + 1];
        using var leaves = new CancellationTokenSource();
        var left = await turns.WaitAsync(large, "flood", default);
        var right = await turns.WaitAsync(large, "flood", default);
        var gone = turns.WaitAsync(large, "calm", leaves.Token);
        var flood = Enumerable.Range(0, 50).Select(_ => turns.WaitAsync(large, "flood", default)).ToList();
        var calm = turns.WaitAsync(large, "calm", default);
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);

        left.Dispose();
        (await calm.WaitAsync(TimeSpan.FromMinutes(1))).Dispose();
        right.Dispose();
        foreach (var next in flood) // In the order of their coming.
            (await next.WaitAsync(TimeSpan.FromMinutes(1))).Dispose();

        // Nothing is lost on the way: both places are free.
        using var one = await turns.WaitAsync(large, "calm", default).WaitAsync(TimeSpan.FromMinutes(1));
        using var two = await turns.WaitAsync(large, "calm", default).WaitAsync(TimeSpan.FromMinutes(1));
        Assert.False(turns.WaitAsync(large, "new", default).IsCompleted);
    }

    [Fact]
    public async Task A_refused_large_body_gives_its_turn_back()
    {
        var world = await WorldAsync();
        await using var api = world.NewApiIngest();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));

        for (var attempt = 0; attempt <= BodyTurns.AtOnce; attempt++)
        {
            Assert.False((await api.SubmitAsync(Submission(new byte[BodyTurns.LargeBytes + 1]), patience.Token)).IsStored);
            Assert.False((await api.SubmitAsync(Submission([0x1F, 0x8B, .. new byte[2000]]), patience.Token)).IsStored);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("nonsense")]
    [InlineData("[1,2")]
    [InlineData("{\"records\":[]}")]
    public async Task A_body_without_events_is_refused(string body)
    {
        var world = await WorldAsync();
        await using var api = world.NewApiIngest();

        var result = await api.SubmitAsync(Submission(body), default);

        Assert.False(result.IsStored);
        Assert.Empty(await world.StoredIdsAsync());
    }

    [Fact]
    public async Task Bodies_beyond_the_limits_and_gzip_bombs_are_refused()
    {
        var world = await WorldAsync();
        await using var api = world.NewApiIngest();

        var large = await api.SubmitAsync(Submission(new byte[ApiBody.MaxBytes + 1]), default);
        var bomb = await api.SubmitAsync(Submission(Gzip(new byte[ApiBody.MaxInflatedBytes + 1])), default);
        var torn = await api.SubmitAsync(Submission(Gzip(Encoding.UTF8.GetBytes(world.EventJson("x")))[..30]), default);

        Assert.Equal([RejectCode.TooLarge, RejectCode.TooLarge], new[] { large, bomb }.Select(r => Assert.Single(r.Errors).Code));
        Assert.False(torn.IsStored);
        Assert.Empty(await world.StoredIdsAsync());
    }

    [Fact]
    public async Task Gzip_that_is_cut_off_at_any_byte_or_followed_by_others_stores_nothing()
    {
        var world = await WorldAsync();
        await using var api = world.NewApiIngest();
        var whole = Gzip(Encoding.UTF8.GetBytes(world.EventJson("e0") + "\n" + world.EventJson("e1") + "\n"));

        for (var length = 2; length < whole.Length; length++)
            Assert.Equal(RejectCode.Malformed, Assert.Single((await api.SubmitAsync(Submission(whole[..length]), default)).Errors).Code);
        Assert.Equal(RejectCode.Malformed, Assert.Single((await api.SubmitAsync(Submission([.. whole, .. "junk"u8]), default)).Errors).Code);
        Assert.Empty(await world.StoredIdsAsync());
        Assert.True((await api.SubmitAsync(Submission(whole), default)).IsStored);
    }

    [Theory]
    [InlineData("ActionTrail")]
    [InlineData("Action\\u0054rail")]
    public async Task Only_the_operator_brings_events_that_look_like_records_of_our_own_calls(string spelling)
    {
        var world = await WorldAsync();
        await using var api = world.NewApiIngest();
        var forged = world.EventJson("forged");
        var service = System.Text.Json.JsonDocument.Parse(forged).RootElement.GetProperty("serviceName").GetRawText();
        forged = forged.Replace($"\"serviceName\":{service}", $"\"serviceName\":\"{spelling}\"", StringComparison.Ordinal);

        var tenant = await api.SubmitAsync(Submission($"[{world.EventJson("e0")},{forged}]"), default);
        var byOperator = await api.SubmitAsync(Submission(forged) with { AccountId = null }, default);

        Assert.Equal("/1/serviceName", Assert.Single(tenant.Errors).Pointer);
        Assert.Equal(["forged"], byOperator.EventIds);
        Assert.Equal(["forged"], await world.StoredIdsAsync());
    }

    [Fact]
    public async Task A_caller_stores_only_events_of_its_own_account()
    {
        var world = await WorldAsync();
        world.Accounts.Add("2002");
        await using var api = world.NewApiIngest();

        var result = await api.SubmitAsync(Submission($"[{world.EventJson("e0")},{world.EventJson("e1", "2002")}]"), default);

        Assert.Equal("/1/recipientAccountId", Assert.Single(result.Errors).Pointer);
        Assert.Empty(await world.StoredIdsAsync());
    }

    [Fact]
    public async Task The_operator_names_any_account_that_exists_and_creates_none()
    {
        var world = await WorldAsync();
        await using var api = world.NewApiIngest();

        var known = await api.SubmitAsync(Submission(world.EventJson("e0")) with { AccountId = null }, default);
        var unknown = await api.SubmitAsync(Submission(world.EventJson("e1", "7777")) with { AccountId = null }, default);

        Assert.True(known.IsStored);
        Assert.Equal(RejectCode.UnknownAccount, Assert.Single(unknown.Errors).Code);
        await world.AssertStoredOnceAsync(0, 0);
    }

    [Fact]
    public async Task Extra_events_are_stored_with_the_submission_and_not_in_the_answer()
    {
        var world = await WorldAsync();
        await using var api = world.NewApiIngest();

        var result = await api.SubmitAsync(Submission(world.EventJson("e0")) with { ExtraEvents = [Encoding.UTF8.GetBytes(world.EventJson("e1"))] }, default);

        Assert.Equal(["e0"], result.EventIds);
        await world.AssertStoredOnceAsync(0, 1);
        Assert.Equal(1, (await world.VerifyAsync()).Commits);
    }

    [Fact]
    public async Task Many_submissions_at_once_share_commits_and_lose_nothing()
    {
        var world = await WorldAsync();
        await using var api = world.NewApiIngest();
        await using var other = world.NewApiIngest();

        var results = await Task.WhenAll(Enumerable.Range(0, 200).Select(n => (n % 2 == 0 ? api : other).SubmitAsync(Submission(world.EventJson($"e{n}")), default)));

        Assert.Equal(Enumerable.Range(0, 200).Select(n => $"e{n}"), results.SelectMany(r => r.EventIds));
        await world.AssertStoredOnceAsync(0, 199);
        Assert.InRange((await world.VerifyAsync()).Commits, 1, 150);
    }

    [Fact]
    public async Task An_event_without_an_id_keeps_the_same_id_when_it_is_sent_again()
    {
        var world = await WorldAsync();
        await using var api = world.NewApiIngest();
        var body = world.EventJson("x").Replace("\"eventId\":\"x\",", "", StringComparison.Ordinal);

        var first = await api.SubmitAsync(Submission(body), default);
        var second = await api.SubmitAsync(Submission(body), default);

        Assert.Equal(Assert.Single(first.EventIds), Assert.Single(second.EventIds));
    }

    [Fact]
    public async Task Own_events_are_durable_when_asked_and_flushed_at_the_end()
    {
        var world = await WorldAsync();
        var api = world.NewApiIngest();

        await api.AppendAsync(Encoding.UTF8.GetBytes(world.EventJson("e0")), durable: true, default);
        await world.AssertStoredOnceAsync(0, 0);
        await api.AppendAsync(Encoding.UTF8.GetBytes(world.EventJson("e1")), durable: false, default);
        await api.AppendAsync(Encoding.UTF8.GetBytes(world.EventJson("e2")), durable: false, default);
        await api.DisposeAsync();

        await world.AssertStoredOnceAsync(0, 2);
        await Assert.ThrowsAsync<ArgumentException>(() => world.NewApiIngest().AppendAsync("{}"u8.ToArray(), durable: true, default));
    }

    [Fact]
    public async Task Queued_own_events_outlast_an_outage()
    {
        var world = await WorldAsync();
        await using var api = world.NewApiIngest();
        world.Faults.FailAlways(FaultMode.BeforeRequest);
        await api.AppendAsync(Encoding.UTF8.GetBytes(world.EventJson("e0")), durable: false, default);
        while (!world.Faults.Fired)
            await Task.Delay(10);
        world.Faults.Reset();

        while ((await world.VerifyAsync()).Events == 0)
            await Task.Delay(20);

        await world.AssertStoredOnceAsync(0, 0);
    }

    [Fact]
    public async Task An_outage_is_told_to_every_submitter()
    {
        var world = await WorldAsync();
        await using var api = world.NewApiIngest();
        world.Faults.FailAlways(FaultMode.BeforeRequest);

        var errors = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Assert.ThrowsAsync<StoreException>(() => api.SubmitAsync(Submission(world.EventJson($"e{n}")), default))));

        Assert.All(errors, error => Assert.Equal(StoreErrorKind.Unavailable, error.Kind));
        world.Faults.Reset();
        Assert.Empty(await world.StoredIdsAsync());
    }

    [Fact]
    public async Task Every_fault_at_every_request_of_a_submission_is_survived_when_the_client_repeats_it()
    {
        var probe = await WorldAsync();
        await using (var api = probe.NewApiIngest())
        {
            probe.Faults.Reset();
            await api.SubmitAsync(Submission(probe.EventJson("e0")), default);
        }

        var (requests, injected) = (probe.Faults.Requests, 0);
        for (var request = 0; request < requests; request++)
        {
            foreach (var mode in StorageFaults.Modes)
            {
                var world = await WorldAsync();
                world.Faults.FailAt(request, mode);
                var answered = await SubmitUntilAnsweredAsync(world);
                injected++;
                Assert.Equal(["e0", "e1"], answered.EventIds);
                Assert.Equal(["e0", "e1"], (await world.StoredIdsAsync()).Distinct().Order(StringComparer.Ordinal));
            }
        }

        output.WriteLine($"{injected} faults at {requests} requests survived");
        Assert.True(injected >= 20);
    }

    internal static async Task<IngestWorld> WorldAsync()
    {
        var world = await IngestWorld.CreateAsync();
        world.Accounts.Add("1001");
        return world;
    }

    private static async Task<ApiIngestResult> SubmitUntilAnsweredAsync(IngestWorld world)
    {
        for (var attempt = 0; attempt < 3; attempt++)
        {
            await using var api = world.NewApiIngest();
            try
            {
                return await api.SubmitAsync(Submission($"[{world.EventJson("e0")},{world.EventJson("e1")}]"), default);
            }
            catch (Exception error) when (error is StoreException or SimulatedCrashException)
            {
                Assert.True(world.Faults.Fired);
                world.Faults.Reset();
            }
        }

        throw new InvalidOperationException("No answer in three attempts.");
    }

    internal static ApiSubmission Submission(string body) => Submission(Encoding.UTF8.GetBytes(body));

    private static ApiSubmission Submission(byte[] body) => new() { AccountId = "1001", Body = body };

    private static byte[] Gzip(byte[] plain)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(plain);
        return packed.ToArray();
    }
}
