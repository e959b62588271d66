using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ActionTrail.Benchmarks.Report;
using ActionTrail.Generator;

namespace ActionTrail.Benchmarks.Store;

/// <summary>
/// How long after its commit an event is found in a Logstore, on real processes: LocalRunner with the settings it comes with. Events stream through the hub at a given rate; every second or so a
/// marked one is posted, whose answer tells that it is committed, and the Logstore is asked for it every 100 ms until it shows it. Polls are audit events of the account themselves.
/// </summary>
internal static class LogstoreLoad
{
    private const int BatchEvents = 50;

    private static readonly TimeSpan PollPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(20);

    public static async Task<int> RunAsync(string[] args)
    {
        var seconds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 120;
        var rate = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 200;
        await using var runner = await RunnerProcess.StartAsync();
        using var http = await runner.CreateAccountAsync("demo");
        await PostAsync(http, "v1/trails", """{"name":"trail-one","logstoreProject":"audit"}""");
        await PostAsync(http, "v1/trails/trail-one/start", body: null);

        using var stop = new CancellationTokenSource();
        var sending = SendAsync(runner.Hub, rate, stop.Token);
        var probes = new List<Task<Probe>>();
        var (watch, chance) = (Stopwatch.StartNew(), new Random(7));
        for (var number = 0; watch.Elapsed < WarmUp + TimeSpan.FromSeconds(seconds); number++)
        {
            // At no fixed place between two runs of the scheduler.
            await Task.Delay(chance.Next(500, 1500));
            var isWarm = watch.Elapsed > WarmUp;
            var probe = ProbeAsync(http, string.Create(CultureInfo.InvariantCulture, $"probe-{number}"));
            if (isWarm)
                probes.Add(probe);
        }

        var done = await Task.WhenAll(probes);
        await stop.CancelAsync();
        var sent = await sending;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{done.Length} marked events in {seconds} s beside {sent / watch.Elapsed.TotalSeconds:N0} events/s through the hub; {Machine.Describe()}, load average {Machine.Load()}"));
        var table = new MarkdownTable("from", "p50 s", "p99 s", "max s");
        Add(table, "commit answered to found in the Logstore", done.Select(static one => one.AfterAnswer));
        Add(table, "request begun to found in the Logstore", done.Select(static one => one.AfterRequest));
        Console.Write(table);
        return 0;
    }

    private static void Add(MarkdownTable table, string title, IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        table.Add(title, Text(Percentile.Of(sorted, 50)), Text(Percentile.Of(sorted, 99)), Text(sorted[^1]));

        static string Text(double value) => value.ToString("F2", CultureInfo.InvariantCulture);
    }

    private static async Task<Probe> ProbeAsync(HttpClient http, string id)
    {
        var watch = Stopwatch.StartNew();
        await PostAsync(http, "v1/events", string.Create(
            CultureInfo.InvariantCulture,
            $$$"""{"eventId":"{{{id}}}","eventName":"Mark","eventTime":"{{{DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss'Z'}}}","eventRW":"Write","serviceName":"Bench","userIdentity":{"type":"ram-user","accountId":"demo"}}"""));
        var answered = watch.Elapsed.TotalSeconds;
        while (true)
        {
            using var answer = await http.GetAsync($"v1/logstores/audit/actiontrail_trail-one/events?eventId={id}");
            answer.EnsureSuccessStatusCode();
            using var page = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            if (page.RootElement.GetProperty("value").GetArrayLength() == 1)
                return new(watch.Elapsed.TotalSeconds - answered, watch.Elapsed.TotalSeconds);
            if (watch.Elapsed > Patience)
                throw new InvalidOperationException($"{id} is not in the Logstore after {Patience.TotalSeconds} s.");
            await Task.Delay(PollPause);
        }
    }

    /// <summary>Sends batches through the hub at a rate until cancelled; how many events that were.</summary>
    private static async Task<long> SendAsync(EventHubEndpoint hub, int rate, CancellationToken cancellationToken)
    {
        using var generator = new EventGenerator(5, new GeneratorOptions { Accounts = ["demo"], Start = DateTimeOffset.UtcNow.AddHours(-1), Span = TimeSpan.FromHours(1) });
        using var client = new HttpClient();
        var (sender, buffer, watch, sent) = (new EventHubSender(client, hub, TimeProvider.System), new ArrayBufferWriter<byte>(), Stopwatch.StartNew(), 0L);
        while (!cancellationToken.IsCancellationRequested)
        {
            if (watch.Elapsed.TotalSeconds * rate < sent + BatchEvents)
            {
                await Task.Delay(20, CancellationToken.None);
                continue;
            }

            var batch = new EventHubBatch();
            for (var i = 0; i < BatchEvents; i++)
            {
                buffer.Clear();
                generator.Next(buffer);
                batch.TryAdd(buffer.WrittenSpan, BatchEvents);
            }

            await sender.SendAsync(batch, CancellationToken.None);
            sent += BatchEvents;
        }

        return sent;
    }

    private static async Task PostAsync(HttpClient http, string path, string? body)
    {
        using var answer = await http.PostAsync(path, body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"));
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    /// <summary>Seconds until it was found.</summary>
    private sealed record Probe(double AfterAnswer, double AfterRequest);
}
