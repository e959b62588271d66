using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using ActionTrail.Generator;

namespace ActionTrail.Benchmarks.Store;

/// <summary>
/// The whole pipeline on real processes: starts LocalRunner, fills the event hub (500 events per request) while nothing else is timed, and
/// takes the time from the first request until the last event is found by a lookup, with the CPU time of every process.
/// </summary>
internal static class PipelineLoad
{
    public static async Task<int> RunAsync(string[] args)
    {
        var count = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 100_000;
        await using var runner = await RunnerProcess.StartAsync();
        await MeasureAsync(count, runner);
        return 0;
    }

    private static async Task MeasureAsync(int count, RunnerProcess runner)
    {
        using var http = await runner.CreateAccountAsync("demo");
        using var generator = new EventGenerator(5, new GeneratorOptions { Start = DateTimeOffset.UtcNow.AddHours(-1), Span = TimeSpan.FromHours(1), EventsInSpan = count });
        var batches = new List<EventHubBatch>();
        var buffer = new ArrayBufferWriter<byte>();
        var last = new List<string>();
        for (var i = 0; i < count; i++)
        {
            buffer.Clear();
            generator.Next(buffer);
            if (batches.Count == 0 || !batches[^1].TryAdd(buffer.WrittenSpan, 500))
            {
                batches.Add(new EventHubBatch());
                batches[^1].TryAdd(buffer.WrittenSpan, 500);
                last.Add("");
            }

            last[^1] = generator.Last.EventId;
        }

        var processes = File.ReadAllLines(runner.Children).Select(line => line.Split(' ', 3)).Select(parts => (Name: parts[2], Process: Process.GetProcessById(int.Parse(parts[0], CultureInfo.InvariantCulture))))
            .Append((Name: "runner", Process: Process.GetProcessById(runner.Id))).ToArray();
        var before = Array.ConvertAll(processes, one => one.Process.TotalProcessorTime.TotalSeconds);
        var sender = new EventHubSender(new HttpClient(), runner.Hub, TimeProvider.System);
        var watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(batches, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (batch, token) => await sender.SendAsync(batch, token));
        var sent = watch.Elapsed.TotalSeconds;
        // A partition is fed in order and requests go round: when the last few requests are there, all are. The rest is looked up off the clock.
        var tail = last.TakeLast(12).ToArray();
        await WaitForAsync(http, tail);
        var total = watch.Elapsed.TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count:N0} events in {batches.Count} requests: hub took them at {count / sent:N0} events/s; all found by lookup after {total:F1} s = {count / total:N0} events/s"));
        var used = Array.ConvertAll(processes, one =>
        {
            one.Process.Refresh();
            return one.Process.TotalProcessorTime.TotalSeconds;
        });
        await WaitForAsync(http, last);
        Console.WriteLine("| process | CPU s | share of two cores |");
        Console.WriteLine("| --- | ---: | ---: |");
        for (var i = 0; i < processes.Length; i++)
        {
            var cpu = used[i] - before[i];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {processes[i].Name} | {cpu:F1} | {cpu / total / 2:P0} |"));
            processes[i].Process.Dispose();
        }
    }

    private static async Task WaitForAsync(HttpClient http, IEnumerable<string> ids)
    {
        foreach (var id in ids)
        {
            while (true)
            {
                using var answer = await http.GetAsync($"v1/events/{id}");
                if (answer.IsSuccessStatusCode)
                {
                    break;
                }

                await Task.Delay(200);
            }
        }
    }
}
