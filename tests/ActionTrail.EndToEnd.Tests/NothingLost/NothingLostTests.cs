using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using ActionTrail.Azure;
using ActionTrail.EndToEnd.Tests.Cli;
using ActionTrail.EndToEnd.Tests.Package;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Logstores;
using ActionTrail.Verify;
using Azure.Storage.Sas;
using Xunit.Abstractions;

namespace ActionTrail.EndToEnd.Tests.NothingLost;

/// <summary>The promise of the service, on real processes that are killed at random while events stream in.</summary>
[Collection(nameof(NothingLostTests))]
public sealed class NothingLostTests(ITestOutputHelper output) : IAsyncLifetime, IDisposable
{
    private const string Account = "kills";
    private const string Container = "kills-audit";
    private const string Prefix = "nothing-lost";
    private const string TrailName = "kills-trail";
    private const string LogstoreTrail = "kills-logstore";
    private const string LogstoreEvents = $"v1/logstores/audit/actiontrail_{LogstoreTrail}/events";

    /// <summary>Twice Azurite's interval of saving, and some: it forgets the trail no more.</summary>
    private static readonly TimeSpan UntilSaved = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan ServicePatience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan QuietPatience = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(2);

    private readonly KillPlan plan = KillPlan.FromEnvironment();

    /// <summary>Digests settle longer than Azurite forgets, as windows and checkpoints do on the runner.</summary>
    private readonly RunnerUnderTest runner = new()
    {
        DigestInterval = "00:00:10",
        Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["ActionTrail__DigestSettle"] = "00:00:12" },
    };

    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(100) };
    private readonly ConcurrentQueue<DateTimeOffset> azuriteKills = new();
    private (string User, string Secret) key;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => runner.DisposeAsync().AsTask();

    public void Dispose() => http.Dispose();

    [Fact]
    public async Task Whoever_is_killed_every_acknowledged_event_is_stored_and_delivered_exactly_once_and_no_process_is_left()
    {
        output.WriteLine(plan.ToString());
        runner.Start();
        await runner.WaitReadyAsync();
        var api = await PrepareAsync();
        await Task.Delay(UntilSaved);

        var began = DateTimeOffset.UtcNow;
        var checkpoints = new KeptCheckpoints(api);
        var ledger = await StreamAndKillAsync(api, checkpoints);
        await WaitUntilQuietAsync(api, ledger);
        var faults = await JudgeAsync(api, ledger, checkpoints);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(DateTimeOffset.UtcNow - began).TotalSeconds:0} s in all"));
        Assert.True(faults.Count == 0, $"{plan}\n{faults.Count} faults:\n{string.Join('\n', faults.Take(30))}\n{runner.Tail()}");

        Assert.Equal(0, await runner.StopAsync());
        Assert.DoesNotContain(runner.Children, child => child.IsAlive);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{runner.Children.Count} processes were started, none is left"));
    }

    /// <summary>An account with a key and a started trail. The client of that key.</summary>
    private async Task<ApiClient> PrepareAsync()
    {
        var caller = new ApiClient(http, runner.Api, "operator", RunnerUnderTest.OperatorKey);
        await caller.CallAsync(HttpMethod.Post, "v1/accounts", $$"""{"accountId":"{{Account}}"}""", HttpStatusCode.Created);
        var issued = await caller.CallAsync(HttpMethod.Post, $"v1/accounts/{Account}/access-keys", """{"role":"Administrator"}""", HttpStatusCode.Created);
        key = (issued.GetProperty("accessKeyId").GetString()!, issued.GetProperty("secret").GetString()!);
        await StorageConnection.FromConnectionString(runner.StorageConnection).CreateObjectStore().CreateContainerAsync(Container, default);
        var api = new ApiClient(http, runner.Api, key.User, key.Secret);
        await api.CallAsync(HttpMethod.Post, "v1/trails", $$"""{"name":"{{TrailName}}","container":"{{Container}}","prefix":"{{Prefix}}","eventRW":"All","trailRegion":"All"}""", HttpStatusCode.Created);
        await api.CallAsync(HttpMethod.Post, "v1/trails", $$"""{"name":"{{LogstoreTrail}}","logstoreProject":"audit","eventRW":"All","trailRegion":"All"}""", HttpStatusCode.Created);
        foreach (var trail in new[] { TrailName, LogstoreTrail })
        {
            await api.CallAsync(HttpMethod.Post, $"v1/trails/{trail}/start", json: null, HttpStatusCode.OK);
        }

        return api;
    }

    private async Task<Ledger> StreamAndKillAsync(ApiClient api, KeptCheckpoints checkpoints)
    {
        var publishers = new Publishers(http, runner.EventHub, api, Account, plan.Seed);
        using var stop = new CancellationTokenSource();
        var publishing = publishers.RunAsync(stop.Token);
        var keeping = checkpoints.RunAsync(stop.Token);
        try
        {
            var last = DateTimeOffset.UtcNow;
            foreach (var (victim, pause) in plan.Kills)
            {
                // Azurite is hit while everything works; the others also while it still recovers from the last one.
                if (victim is Victim.AzuriteKilled or Victim.AzuriteStopped or Victim.AzuritePaused)
                {
                    await WaitUntilDeliveredAsync(api, last);
                }

                await Task.WhenAny(Task.Delay(pause), publishing);
                await KillAsync(victim, pause);
                last = DateTimeOffset.UtcNow;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await publishing;
            await keeping;
        }

        await runner.WaitReadyAsync();
        var ledger = new Ledger(publishers.Sent, Forgetful);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{publishers.Sent.Count} batches: {ledger.Owed.Count} events owed, {ledger.Unknown.Count} unknown, {ledger.Forgivable.Count} acknowledged by an Azurite right before its end"));
        return ledger;
    }

    /// <summary>Waits until something comes to the Logstore that was committed since: timers, queues and deliveries work.</summary>
    private async Task WaitUntilDeliveredAsync(ApiClient api, DateTimeOffset since)
    {
        using var patience = new CancellationTokenSource(ServicePatience);
        JsonElement status;
        do
        {
            await Task.Delay(Poll);
            status = await api.CallAsync(HttpMethod.Get, $"v1/trails/{LogstoreTrail}/status", json: null, HttpStatusCode.OK);
            Assert.False(patience.IsCancellationRequested, $"{plan}\nnothing is delivered since {since:O}: {status}\n{runner.Tail()}");
        }
        while (!status.GetProperty("destinations")[0].TryGetProperty("lastWindow", out var window) || window.GetDateTimeOffset() < since);
    }

    /// <summary>When an Azurite was killed.</summary>
    private IReadOnlyList<DateTimeOffset> Forgetful => [.. azuriteKills, .. runner.LeftoversKilled];

    private async Task KillAsync(Victim victim, TimeSpan pause)
    {
        switch (victim)
        {
            case Victim.Runner:
                await runner.KillAndStartAgainAsync(pause / 6);
                break;
            case Victim.AzuriteKilled:
                azuriteKills.Enqueue(await runner.KillChildAsync("azurite"));
                break;
            case Victim.AzuriteStopped:
                await runner.StopChildAsync("azurite");
                break;
            case Victim.AzuritePaused:
                await runner.PauseChildAsync("azurite", pause);
                break;
            default:
                await runner.KillChildAsync(victim == Victim.Handler ? "handler" : "eventhub");
                break;
        }
    }

    /// <summary>Until lookup shows what is owed, and every window with a commit of that time is settled.</summary>
    private async Task WaitUntilQuietAsync(ApiClient api, Ledger ledger)
    {
        using var patience = new CancellationTokenSource(QuietPatience);
        var missing = ledger.Owed.ToList();
        while (missing.Count > 0)
        {
            Assert.False(patience.IsCancellationRequested, $"{plan}\n{missing.Count} acknowledged events are still not visible: {string.Join(", ", missing.Take(60).Select(ledger.Describe))}\n{runner.Tail()}");
            runner.FailIfGone();
            await Task.Delay(Poll);
            var visible = await api.ReadAllAsync("forward");
            missing = ledger.Owed.Except(visible.Select(found => found.EventId), StringComparer.Ordinal).ToList();
        }

        var allVisible = DateTimeOffset.UtcNow;
        JsonElement status;
        do
        {
            // The calls themselves are audit events of the account: they keep windows coming.
            await Task.Delay(Poll);
            status = await api.CallAsync(HttpMethod.Get, $"v1/trails/{TrailName}/status", json: null, HttpStatusCode.OK);
            Assert.False(patience.IsCancellationRequested, $"{plan}\ndeliveries do not come to an end: {status}\n{runner.Tail()}");
        }
        while (status.GetProperty("pending").GetInt32() > 0 || !status.TryGetProperty("lastWindow", out var window) || window.GetDateTimeOffset() < allVisible);
        Assert.True(status.GetProperty("undelivered").GetInt32() == 0, $"{plan}\n{status}\n{await UndeliveredAsync(api, TrailName)}\n{runner.Tail()}");

        // A window of the Logstore comes every 3 s, so that one is always pending: what is visible must come, and nothing may be given up.
        missing = [.. ledger.Owed];
        while (missing.Count > 0)
        {
            Assert.False(patience.IsCancellationRequested, $"{plan}\n{missing.Count} events do not come to the Logstore: {string.Join(", ", missing.Take(60).Select(ledger.Describe))}\n{runner.Tail()}");
            await Task.Delay(Poll);
            var (visible, inLogstore) = (await api.ReadAllAsync("forward"), await api.ReadAllAsync("forward", LogstoreEvents));
            missing = [.. visible.Select(found => found.EventId).Where(ledger.Knows).Except(inLogstore.Select(found => found.EventId), StringComparer.Ordinal)];
        }

        status = await api.CallAsync(HttpMethod.Get, $"v1/trails/{LogstoreTrail}/status", json: null, HttpStatusCode.OK);
        Assert.True(status.GetProperty("undelivered").GetInt32() == 0, $"{plan}\n{status}\n{await UndeliveredAsync(api, LogstoreTrail)}\n{runner.Tail()}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"quiet {(DateTimeOffset.UtcNow - allVisible).TotalSeconds:0} s after the last event was visible"));
    }

    private async Task<List<string>> JudgeAsync(ApiClient api, Ledger ledger, KeptCheckpoints checkpoints)
    {
        var connection = StorageConnection.FromConnectionString(runner.StorageConnection);
        var (faults, stored, appended) = (new List<string>(), new List<string>(), new List<string>());

        // 1. The store is sound, by the API and event by event.
        var caller = new ApiClient(http, runner.Api, "operator", RunnerUnderTest.OperatorKey);
        var verified = await caller.CallAsync(HttpMethod.Get, "v1/store/verify", json: null, HttpStatusCode.OK);
        faults.AddRange(verified.GetProperty("problems").EnumerateArray().Select(problem => $"verify: {problem}"));
        faults.AddRange(verified.GetProperty("gaps").EnumerateArray().Select(gap => $"verify: gap {gap}"));
        faults.AddRange(verified.GetProperty("losses").EnumerateArray()
            .Where(loss => !loss.GetProperty("partition").GetString()!.StartsWith("api", StringComparison.Ordinal)).Select(loss => $"verify: the hub's events are lost: {loss}"));
        if (verified.GetProperty("quarantined").GetInt64() > 0)
        {
            faults.Add("verify: good events are in quarantine");
        }

        if (verified.GetProperty("plans").GetInt64() == 0)
        {
            faults.Add("verify: nothing was compacted");
        }

        // Two instants apart: what comes in between are audit events of these calls.
        var verifier = new StoreVerifier(connection.CreateTableStore(), connection.CreateObjectStore(), TimeProvider.System);
        await verifier.VerifyAsync(StoreName.History, new VerifyOptions { Visit = found => Remember(found, stored) }, default);
        var made = Assert.Single(await new LogstoreRegistry(connection.CreateTableStore(), new LogstoreOptions(), TimeProvider.System).ListAsync(Account, default));
        var logstore = await verifier.VerifyAsync(made.Store, new VerifyOptions { Visit = found => Remember(found, appended) }, default);
        faults.AddRange(logstore.Problems.Select(problem => $"verify of the Logstore: {problem}"));

        // 2. What is delivered, before the lookups add audit events; then lookup in both directions.
        var delivered = await DeliveredObjects.ReadAsync(connection.CreateObjectStore(), Container, Prefix, Account);
        var (forward, backward, inLogstore) = (await api.ReadAllAsync("forward"), await api.ReadAllAsync("backward"), await api.ReadAllAsync("forward", LogstoreEvents));
        var own = forward.Concat(backward).Concat(inLogstore).Where(found => found.Service == "ActionTrail" && !ledger.Knows(found.EventId)).Select(found => found.EventId).ToHashSet(StringComparer.Ordinal);

        faults.AddRange(ledger.Judge("store", stored, own.Contains));
        faults.AddRange(ledger.Judge("Logstore", appended, own.Contains));
        faults.AddRange(ledger.Judge("lookup in the Logstore", [.. inLogstore.Select(found => found.EventId)], own.Contains));
        faults.AddRange(ledger.Judge("lookup forward", [.. forward.Select(found => found.EventId)], own.Contains));
        faults.AddRange(ledger.Judge("lookup backward", [.. backward.Select(found => found.EventId)], own.Contains));
        faults.AddRange(ledger.Judge("delivered", [.. delivered.ObjectsOfEvent.SelectMany(pair => pair.Value.Select(_ => pair.Key))], own.Contains));
        faults.AddRange(delivered.Faults);
        faults.AddRange(forward.Select(found => found.EventId).Where(id => ledger.Knows(id) && !delivered.ObjectsOfEvent.ContainsKey(id)).Select(id => $"{id} is visible and was not delivered"));
        faults.AddRange(forward.Select(found => found.EventId).Where(ledger.Knows).Except(appended, StringComparer.Ordinal).Select(id => $"{id} is visible and is not in the Logstore"));
        faults.AddRange(delivered.ObjectsOfEvent.Where(pair => pair.Value.Count > 1).Take(3).Select(pair => $"{pair.Key} is in {string.Join(" and ", pair.Value)}"));
        var visible = forward.Count(found => ledger.Knows(found.EventId));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{visible} published events visible, {delivered.Names.Count} objects with {delivered.ObjectsOfEvent.Count} events, {appended.Count} events in the Logstore, {verified.GetProperty("commits").GetInt64()} commits, {verified.GetProperty("plans").GetInt64()} plans, losses {verified.GetProperty("losses")}"));

        // 3. Outsiders: whoever kept checkpoints, and whoever proves the container.
        var (breaks, forgotten) = await checkpoints.JudgeAsync(Forgetful);
        faults.AddRange(breaks);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{checkpoints.Count} checkpoints kept, of them {forgotten} of an Azurite right before its end that the store does not continue"));
        var digests = new DeliveredDigests(api, connection.CreateObjectStore(), Container, TrailName);
        faults.AddRange(await digests.JudgeAsync(delivered.Names, Forgetful, () => ValidateAsync(connection)));
        output.WriteLine(digests.Summary);
        return faults;
    }

    private Task<CliResult> ValidateAsync(StorageConnection connection)
    {
        var address = connection.CreateBlobServiceClient().GetBlobContainerClient(Container).GenerateSasUri(BlobContainerSasPermissions.Read | BlobContainerSasPermissions.List, DateTimeOffset.UtcNow.AddHours(1));
        return CliProcess.RunAsync(runner.Api, $"{key.User}:{key.Secret}", input: null, "validate-logs", address.AbsoluteUri, "--output", "json");
    }

    private static void Remember(VerifiedEvent found, List<string> stored)
    {
        if (found.AccountId == Account)
        {
            stored.Add(EventMatcher.EventId(found.Body.Span)!);
        }
    }

    private static async Task<string> UndeliveredAsync(ApiClient api, string trail) =>
        (await api.CallAsync(HttpMethod.Get, $"v1/trails/{trail}/deliveries?state=undelivered", json: null, HttpStatusCode.OK)).ToString();
}

[CollectionDefinition(nameof(NothingLostTests), DisableParallelization = true)]
public sealed class RealProcesses : ICollectionFixture<SelfContainedPackage>;
