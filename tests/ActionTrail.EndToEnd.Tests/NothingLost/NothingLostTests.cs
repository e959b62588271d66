using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using ActionTrail.Azure;
using ActionTrail.EndToEnd.Tests.Package;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Verify;
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

    /// <summary>Twice Azurite's interval of saving, and some: it forgets the trail no more.</summary>
    private static readonly TimeSpan UntilSaved = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan QuietPatience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(2);

    private readonly KillPlan plan = KillPlan.FromEnvironment();
    private readonly RunnerUnderTest runner = new();
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly ConcurrentQueue<DateTimeOffset> azuriteKills = new();

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

        var ledger = await StreamAndKillAsync(api);
        await WaitUntilQuietAsync(api, ledger);
        var faults = await JudgeAsync(api, ledger);
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
        var key = await caller.CallAsync(HttpMethod.Post, $"v1/accounts/{Account}/access-keys", """{"role":"Administrator"}""", HttpStatusCode.Created);
        await StorageConnection.FromConnectionString(runner.StorageConnection).CreateObjectStore().CreateContainerAsync(Container, default);
        var api = new ApiClient(http, runner.Api, key.GetProperty("accessKeyId").GetString()!, key.GetProperty("secret").GetString()!);
        await api.CallAsync(HttpMethod.Post, "v1/trails", $$"""{"name":"{{TrailName}}","container":"{{Container}}","prefix":"{{Prefix}}","eventRW":"All","trailRegion":"All"}""", HttpStatusCode.Created);
        await api.CallAsync(HttpMethod.Post, $"v1/trails/{TrailName}/start", json: null, HttpStatusCode.OK);
        return api;
    }

    private async Task<Ledger> StreamAndKillAsync(ApiClient api)
    {
        var publishers = new Publishers(http, runner.EventHub, api, Account, plan.Seed);
        using var stop = new CancellationTokenSource();
        var publishing = publishers.RunAsync(stop.Token);
        try
        {
            foreach (var (victim, pause) in plan.Kills)
            {
                await Task.WhenAny(Task.Delay(pause), publishing);
                await KillAsync(victim, pause);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await publishing;
        }

        await runner.WaitReadyAsync();
        var ledger = new Ledger(publishers.Sent, [.. azuriteKills, .. runner.LeftoversKilled]);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{publishers.Sent.Count} batches: {ledger.Owed.Count} events owed, {ledger.Unknown.Count} unknown, {ledger.Forgivable.Count} acknowledged by an Azurite right before its end"));
        return ledger;
    }

    private async Task KillAsync(Victim victim, TimeSpan pause)
    {
        switch (victim)
        {
            case Victim.Runner:
                await runner.KillAndStartAgainAsync(pause / 6);
                break;
            case Victim.Azurite:
                azuriteKills.Enqueue(await runner.KillChildAsync("azurite"));
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
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"quiet {(DateTimeOffset.UtcNow - allVisible).TotalSeconds:0} s after the last event was visible"));
        Assert.True(status.GetProperty("undelivered").GetInt32() == 0, $"{plan}\n{status}\n{await UndeliveredAsync(api)}\n{runner.Tail()}");
    }

    private async Task<List<string>> JudgeAsync(ApiClient api, Ledger ledger)
    {
        var connection = StorageConnection.FromConnectionString(runner.StorageConnection);
        var (faults, stored) = (new List<string>(), new List<string>());

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
        await new StoreVerifier(connection.CreateTableStore(), connection.CreateObjectStore(), TimeProvider.System).VerifyAsync(
            StoreName.History,
            new VerifyOptions { Visit = found => Remember(found, stored) },
            default);

        // 2. What is delivered, before the lookups add audit events; then lookup in both directions.
        var delivered = await DeliveredObjects.ReadAsync(connection.CreateObjectStore(), Container, Prefix, Account);
        var (forward, backward) = (await api.ReadAllAsync("forward"), await api.ReadAllAsync("backward"));
        var own = forward.Concat(backward).Where(found => found.Service == "ActionTrail" && !ledger.Knows(found.EventId)).Select(found => found.EventId).ToHashSet(StringComparer.Ordinal);

        faults.AddRange(ledger.Judge("store", stored, own.Contains));
        faults.AddRange(ledger.Judge("lookup forward", [.. forward.Select(found => found.EventId)], own.Contains));
        faults.AddRange(ledger.Judge("lookup backward", [.. backward.Select(found => found.EventId)], own.Contains));
        faults.AddRange(ledger.Judge("delivered", [.. delivered.ObjectsOfEvent.SelectMany(pair => pair.Value.Select(_ => pair.Key))], own.Contains));
        faults.AddRange(delivered.Faults);
        faults.AddRange(forward.Select(found => found.EventId).Where(id => ledger.Knows(id) && !delivered.ObjectsOfEvent.ContainsKey(id)).Select(id => $"{id} is visible and was not delivered"));
        faults.AddRange(delivered.ObjectsOfEvent.Where(pair => pair.Value.Count > 1).Take(3).Select(pair => $"{pair.Key} is in {string.Join(" and ", pair.Value)}"));
        var visible = forward.Count(found => ledger.Knows(found.EventId));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{visible} published events visible, {delivered.Count} objects with {delivered.ObjectsOfEvent.Count} events, {verified.GetProperty("commits").GetInt64()} commits, {verified.GetProperty("plans").GetInt64()} plans, losses {verified.GetProperty("losses")}"));
        return faults;
    }

    private static void Remember(VerifiedEvent found, List<string> stored)
    {
        if (found.AccountId == Account)
        {
            stored.Add(EventMatcher.EventId(found.Body.Span)!);
        }
    }

    private static async Task<string> UndeliveredAsync(ApiClient api) =>
        (await api.CallAsync(HttpMethod.Get, $"v1/trails/{TrailName}/deliveries?state=undelivered", json: null, HttpStatusCode.OK)).ToString();
}

[CollectionDefinition(nameof(NothingLostTests), DisableParallelization = true)]
public sealed class RealProcesses : ICollectionFixture<SelfContainedPackage>;
