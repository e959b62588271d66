using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActionTrail.Functions.Triggers;
using ActionTrail.Layout;
using ActionTrail.Proofs;
using ActionTrail.Storage;
using ActionTrail.Tests.Cli;
using ActionTrail.Tests.Ingest;

namespace ActionTrail.Tests.Functions;

/// <summary>Proofs and checkpoints over the API, and the command line that verifies what it gave.</summary>
public sealed class ProofApiTests
{
    private const string Origin = "audit.example/history";

    [Fact]
    public async Task An_event_is_proved_offline_against_a_checkpoint_and_a_changed_one_is_not()
    {
        var (app, clock) = await StartAsync();
        await using var running = app;
        var admin = await app.IssueAsync("demo");
        await PublishAsync(app, clock, admin, "e-1");
        var early = await app.SendAsync("GET", "/v1/events/e-1/proof", body: null, admin);
        Assert.Equal((HttpStatusCode.Conflict, "EventNotSealed", 60), (early.Status, early.Code, early.Headers.RetryAfter!.Delta!.Value.TotalSeconds));
        Assert.Equal("CheckpointNotFound", (await app.SendAsync("GET", "/v1/checkpoints/latest", body: null, admin)).Code);

        await SealAsync(app, clock);
        using var files = new Folder();
        var old = await app.SendAsync("GET", "/v1/checkpoints/latest", body: null, admin);
        var proof = await app.SendAsync("GET", "/v1/events/e-1/proof", body: null, admin);
        var keys = await app.SendAsync("GET", "/v1/checkpoints/keys", body: null, admin);
        files.Write("p.json", proof.Text);
        files.Write("e.json", (await app.SendAsync("GET", "/v1/events/e-1?original=true", body: null, admin)).Text + "\n");
        files.Write("c.txt", old.Json.GetProperty("note").GetString()!);
        files.Write("k.pub", "# from the operator\n" + keys.Json.GetProperty("value")[0].GetProperty("key").GetString() + "\n");
        files.Write("forged.json", File.ReadAllText(files["e.json"]).Replace("alice", "mallo", StringComparison.Ordinal));
        string[] verify = ["proof", "verify", files["p.json"], "--event", files["e.json"], "--public-key", files["k.pub"]];

        var bench = new CliBench();
        Assert.Equal(0, await bench.RunAsync(verify));
        Assert.Equal(0, await bench.RunAsync([.. verify, "--checkpoint", files["c.txt"]]));
        Assert.StartsWith("proved: the event was committed at ", bench.Output, StringComparison.Ordinal);
        Assert.Empty(bench.Calls);
        Assert.Equal(7, await bench.RunAsync("proof", "verify", files["p.json"], "--event", files["forged.json"], "--public-key", files["k.pub"]));
        Assert.Contains("NOT PROVED", bench.Errors, StringComparison.Ordinal);
        files.Write("c2.txt", File.ReadAllText(files["c.txt"]).Replace(Origin + "\n", Origin + "x\n", StringComparison.Ordinal));
        Assert.Equal(7, await bench.RunAsync([.. verify, "--checkpoint", files["c2.txt"]]));
        files.Write("other.pub", OtherKey());
        Assert.Equal(7, await bench.RunAsync("proof", "verify", files["p.json"], "--event", files["e.json"], "--public-key", files["other.pub"]));
        Assert.Equal(2, await bench.RunAsync("proof", "verify", files["p.json"], "--event", files["missing"], "--public-key", files["k.pub"]));

        // A newer checkpoint continues the one that was kept.
        await PublishAsync(app, clock, admin, "e-2");
        await SealAsync(app, clock);
        var latest = await app.SendAsync("GET", "/v1/checkpoints/latest", body: null, admin);
        var (from, to) = (Size(old), Size(latest));
        Assert.True(from < to);
        var consistency = await app.SendAsync("GET", $"/v1/checkpoints/{from}/consistency/{to}", body: null, admin);
        files.Write("new.txt", latest.Json.GetProperty("note").GetString()!);
        files.Write("between.json", consistency.Text);
        string[] between = ["checkpoint", "verify", files["c.txt"], files["new.txt"], "--public-key", files["k.pub"]];
        var outside = new CliBench { Api = (request, _) => CliBench.Answer(HttpStatusCode.OK, request.RequestUri!.AbsolutePath.EndsWith("latest", StringComparison.Ordinal) ? latest.Text : consistency.Text) };
        Assert.Equal(0, await outside.RunAsync([.. between, "--proof", files["between.json"]]));
        Assert.Empty(outside.Calls);
        Assert.Equal(0, await outside.RunAsync(between));
        Assert.Equal(0, await outside.RunAsync("checkpoint", "verify", files["c.txt"], "--public-key", files["k.pub"]));
        Assert.Equal(7, await outside.RunAsync("checkpoint", "verify", files["new.txt"], files["c.txt"], "--public-key", files["k.pub"]));
        Assert.Contains("cut off", outside.Errors, StringComparison.Ordinal);
        Assert.Equal(0, await outside.RunAsync("checkpoint", "save", files["c.txt"], "--public-key", files["k.pub"]));
        Assert.Equal(File.ReadAllText(files["new.txt"]), File.ReadAllText(files["c.txt"]));

        // The old checkpoint still has its proofs, the new event none in it.
        var again = await app.SendAsync("GET", $"/v1/events/e-1/proof?checkpoint={from}", body: null, admin);
        Assert.Equal(proof.Text, again.Text);
        Assert.Equal("CheckpointNotFound", (await app.SendAsync("GET", $"/v1/events/e-2/proof?checkpoint={from}", body: null, admin)).Code);
        Assert.True((await app.SendAsync("GET", "/v1/store/verify")).Json.GetProperty("sound").GetBoolean());
    }

    [Fact]
    public async Task Proofs_are_of_ones_own_events_and_show_nothing_of_others()
    {
        var (app, clock) = await StartAsync();
        await using var running = app;
        var (mine, theirs) = (await app.IssueAsync("mine"), await app.IssueAsync("theirs", "Auditor"));
        await PublishAsync(app, clock, mine, "secret-event", "mine");
        await SealAsync(app, clock);

        Assert.Equal("EventNotFound", (await app.SendAsync("GET", "/v1/events/secret-event/proof", body: null, theirs)).Code);
        var proof = await app.SendAsync("GET", "/v1/events/secret-event/proof", body: null, mine);
        Assert.Equal(HttpStatusCode.OK, proof.Status);
        foreach (var word in new[] { "theirs", "api-", "history/", "alice" })
            Assert.DoesNotContain(word, proof.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("GET", "/v1/checkpoints", body: null, theirs)).Status);
        var publisher = await app.IssueAsync("mine", "Publisher");
        Assert.Equal("Forbidden", (await app.SendAsync("GET", "/v1/checkpoints", body: null, publisher)).Code);
    }

    [Fact]
    public async Task A_logstore_has_checkpoints_and_proofs_that_the_command_line_verifies()
    {
        var (app, clock) = await StartAsync();
        await using var running = app;
        var admin = await app.IssueAsync("demo");
        await app.SendAsync("POST", "/v1/trails", """{"name":"demo-trail","logstoreProject":"audit"}""", admin);
        await app.SendAsync("POST", "/v1/trails/demo-trail/start", body: null, admin);
        await PublishAsync(app, clock, admin, "e-1");
        const string Logstore = "/v1/logstores/audit/actiontrail_demo-trail";
        Assert.Equal("CheckpointNotFound", (await app.SendAsync("GET", Logstore + "/checkpoints/latest", body: null, admin)).Code);
        await DeliverToLogstoreAsync(app, clock);
        Assert.Equal("EventNotSealed", (await app.SendAsync("GET", Logstore + "/events/e-1/proof", body: null, admin)).Code);
        await SealAsync(app, clock);

        // The answers over the API are what the command line asks for, each once.
        using var files = new Folder();
        var answers = new Dictionary<string, Answer>(StringComparer.Ordinal);
        foreach (var path in (string[])["/checkpoints/keys", "/checkpoints/latest", "/events/e-1/proof", "/events/e-1?original=true"])
            answers[Logstore + path] = await app.SendAsync("GET", Logstore + path, body: null, admin);
        Assert.All(answers.Values, static answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        CliBench NewBench() => new() { Api = (request, _) => CliBench.Answer(answers[request.RequestUri!.PathAndQuery].Status, answers[request.RequestUri.PathAndQuery].Text) };
        var bench = NewBench();
        Assert.Equal(0, await bench.RunAsync("checkpoint", "keys", "--logstore", "audit/actiontrail_demo-trail"));
        Assert.StartsWith(Origin + "/ls-", bench.Output, StringComparison.Ordinal);
        files.Write("k.pub", bench.Output);
        Assert.Equal(0, await bench.RunAsync("checkpoint", "save", files["c.txt"], "--public-key", files["k.pub"], "--logstore", "audit/actiontrail_demo-trail"));
        bench = NewBench();
        Assert.Equal(0, await bench.RunAsync("proof", "get", "e-1", "--event", files["e.json"], "--logstore", "audit/actiontrail_demo-trail"));
        files.Write("p.json", bench.Output);
        Assert.Equal(0, await bench.RunAsync("proof", "verify", files["p.json"], "--event", files["e.json"], "--checkpoint", files["c.txt"], "--public-key", files["k.pub"]));
        Assert.Equal(0, await bench.RunAsync("checkpoint", "verify", files["c.txt"], "--public-key", files["k.pub"], "--logstore", "audit/actiontrail_demo-trail"));
        var page = await app.SendAsync("GET", Logstore + "/checkpoints?pageSize=1", body: null, admin);
        Assert.Equal(1, page.Json.GetProperty("value").GetArrayLength());

        // Its checkpoints are its owner's, and none of the history's.
        var other = await app.IssueAsync("other");
        Assert.Equal("LogstoreNotFound", (await app.SendAsync("GET", Logstore + "/checkpoints/latest", body: null, other)).Code);
        Assert.Equal("LogstoreNotFound", (await app.SendAsync("GET", Logstore + "/events/e-1/proof", body: null, other)).Code);
        files.Write("history.txt", (await app.SendAsync("GET", "/v1/checkpoints/latest", body: null, admin)).Json.GetProperty("note").GetString()!);
        Assert.Equal(7, await bench.RunAsync("proof", "verify", files["p.json"], "--event", files["e.json"], "--checkpoint", files["history.txt"], "--public-key", files["k.pub"]));
    }

    [Fact]
    public async Task Checkpoints_are_listed_newest_first_page_by_page_and_wrong_sizes_are_refused()
    {
        var (app, clock) = await StartAsync();
        await using var running = app;
        var admin = await app.IssueAsync("demo");
        for (var i = 0; i < 3; i++)
        {
            await PublishAsync(app, clock, admin, $"e-{i}");
            await SealAsync(app, clock);
        }

        var first = await app.SendAsync("GET", "/v1/checkpoints?pageSize=2", body: null, admin);
        var sizes = first.Json.GetProperty("value").EnumerateArray().Select(static c => c.GetProperty("size").GetInt64()).ToList();
        var next = new Uri(first.Json.GetProperty("nextLink").GetString()!).PathAndQuery;
        sizes.AddRange((await app.SendAsync("GET", next, body: null, admin)).Json.GetProperty("value").EnumerateArray().Select(static c => c.GetProperty("size").GetInt64()));
        Assert.Equal(3, sizes.Count);
        Assert.Equal(sizes.OrderDescending(), sizes);
        Assert.Equal(sizes[2], Size(await app.SendAsync("GET", $"/v1/checkpoints/{sizes[2]}", body: null, admin)));
        foreach (var (path, code) in new[]
        {
            ("/v1/checkpoints/0", "CheckpointNotFound"), ("/v1/checkpoints/x", "CheckpointNotFound"), ("/v1/checkpoints/99999", "CheckpointNotFound"),
            ("/v1/checkpoints/2/consistency/1", "InvalidParameter"), ("/v1/checkpoints/1/consistency/99999", "CheckpointNotFound"), ("/v1/checkpoints/a/consistency/2", "InvalidParameter"),
            ("/v1/checkpoints?before=x", "InvalidParameter"), ("/v1/events/e-0/proof?checkpoint=-1", "InvalidParameter"), ("/v1/events/nothing/proof", "EventNotFound"),
        })
        {
            Assert.Equal(code, (await app.SendAsync("GET", path, body: null, admin)).Code);
        }
    }

    [Fact]
    public async Task Without_a_key_nothing_is_sealed_and_the_answer_says_so()
    {
        var clock = new SettableTime();
        await using var app = await TestApp.StartAsync(clock: clock);
        var admin = await app.IssueAsync("demo");
        await PublishAsync(app, clock, admin, "e-1");
        await SealAsync(app, clock);
        var answer = await app.SendAsync("GET", "/v1/events/e-1/proof", body: null, admin);
        Assert.Equal("EventNotSealed", answer.Code);
        Assert.Contains("not switched on", answer.Text, StringComparison.Ordinal);
        Assert.Null(answer.Headers.RetryAfter);
        Assert.Empty((await app.SendAsync("GET", "/v1/checkpoints/keys", body: null, admin)).Json.GetProperty("value").EnumerateArray());
    }

    private static async Task<(TestApp App, SettableTime Clock)> StartAsync()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (clock, pem) = (new SettableTime(), key.ExportPkcs8PrivateKeyPem());
        var app = await TestApp.StartAsync(clock: clock, change: settings =>
        {
            settings["ActionTrail:Checkpoints:Key"] = pem;
            settings["ActionTrail:Checkpoints:Origin"] = Origin;
        });
        return (app, clock);
    }

    private static Task SealAsync(TestApp app, SettableTime clock)
    {
        clock.Advance(TimeSpan.FromSeconds(11));
        return app.Get<IEnumerable<ITrigger>>().Single(static t => t.Function == "SealCheckpoints").RunAsync("{}"u8.ToArray(), default);
    }

    private static async Task DeliverToLogstoreAsync(TestApp app, SettableTime clock)
    {
        var triggers = app.Get<IEnumerable<ITrigger>>().ToDictionary(static t => t.Function);
        for (var delivered = 0; delivered == 0;)
        {
            clock.Advance(TimeSpan.FromSeconds(5));
            await triggers["ScheduleDeliveries"].RunAsync("{}"u8.ToArray(), default);
            foreach (var message in await app.Get<IWorkQueue>().ReceiveAsync(Queues.DeliverLogstore, 32, TimeSpan.FromMinutes(1), default))
            {
                var invocation = $"{{\"Data\":{{\"message\":\"{JsonEncodedText.Encode($"\"{JsonEncodedText.Encode(message.Text)}\"")}\"}},\"Metadata\":{{}}}}";
                await triggers["DeliverToLogstore"].RunAsync(Encoding.UTF8.GetBytes(invocation), default);
                delivered++;
            }
        }
    }

    private static async Task PublishAsync(TestApp app, SettableTime clock, (string KeyId, string Secret) user, string id, string account = "demo")
    {
        var time = clock.GetUtcNow().AddMinutes(-1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var sent = await app.SendAsync("POST", "/v1/events", $$$"""{"eventId":"{{{id}}}","eventName":"RunInstances","eventTime":"{{{time}}}","eventRW":"Write","serviceName":"Ecs","acsRegion":"local","userIdentity":{"type":"ram-user","accountId":"{{{account}}}","userName":"alice"}}""", user);
        Assert.Equal(HttpStatusCode.OK, sent.Status);
    }

    private static long Size(Answer checkpoint) => checkpoint.Json.GetProperty("size").GetInt64();

    private static string OtherKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new NoteKey(Origin, key.ExportSubjectPublicKeyInfo()).ToString();
    }

    private sealed class Folder : IDisposable
    {
        private readonly string path = Directory.CreateTempSubdirectory("actiontrail-proofs-").FullName;

        public string this[string name] => Path.Combine(path, name);

        public void Write(string name, string text) => File.WriteAllBytes(this[name], Encoding.UTF8.GetBytes(text));

        public void Dispose() => Directory.Delete(path, recursive: true);
    }
}
