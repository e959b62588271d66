using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net.Http.Headers;
using ActionTrail.Functions;
using ActionTrail.Functions.Telemetry;
using ActionTrail.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Benchmarks.Segments;

/// <summary>
/// What telemetry costs ingestion: the host's invocations of IngestEvents over HTTP on loopback and memory stores, with nobody listening, with listeners on every instrument and
/// activity, and with the OTLP exporter of the app and a collector in a process of its own. CPU time of the whole process, client and exporter included, by turns. Target: within 2 %.
/// </summary>
internal static class TelemetryLoad
{
    private static readonly string[] Modes = ["nobody listens", "meters and activities listened to", "OTLP to a collector"];

    public static async Task<int> RunAsync(string[] args)
    {
        var turns = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 30;
        using var collector = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, "telemetry-collector") { RedirectStandardOutput = true, RedirectStandardInput = true, UseShellExecute = false })!;
        var address = (await collector.StandardOutput.ReadLineAsync())!;
        Console.WriteLine("| messages in a batch | telemetry | us of CPU per event, client included (median of turns) | more, median of turns | least |");
        Console.WriteLine("| ---: | --- | ---: | ---: | ---: |");
        foreach (var batch in (int[])[500, 30])
        {
            var costs = Modes.Select(static _ => new List<double>()).ToArray();
            for (var turn = -1; turn < turns; turn++)
            {
                for (var i = 0; i < Modes.Length; i++)
                {
                    // Who begins changes, so that what grows over the run is nobody's.
                    var mode = (i + Math.Max(turn, 0)) % Modes.Length;
                    var cost = await MeasureAsync(mode, batch, batches: 20_000 / batch, address);
                    if (turn >= 0)
                        costs[mode].Add(cost);
                }
            }

            for (var mode = 0; mode < Modes.Length; mode++)
            {
                var more = Median([.. costs[mode].Zip(costs[0], static (one, none) => (one / none) - 1)]);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {batch} | {Modes[mode]} | {Median(costs[mode]):F2} | {(mode == 0 ? "" : more.ToString("+0.0 %;-0.0 %", CultureInfo.InvariantCulture))} | {costs[mode].Min():F2} |"));
            }
        }

        await collector.StandardInput.WriteLineAsync();
        Console.WriteLine();
        Console.WriteLine("The collector got " + await collector.StandardOutput.ReadLineAsync());
        await collector.WaitForExitAsync();
        return 0;
    }

    /// <summary>Takes what is sent, in a process of its own; prints its address, and at the end what it got.</summary>
    public static async Task<int> CollectAsync()
    {
        var got = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.MapPost("/v1/{signal}", async (HttpContext context) =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            got.AddOrUpdate((string)context.Request.RouteValues["signal"]!, 1, static (_, count) => count + 1);
        });
        await app.StartAsync();
        Console.WriteLine(app.Urls.Single());
        await Console.In.ReadLineAsync();
        Console.WriteLine(string.Join(", ", got.OrderBy(static one => one.Key, StringComparer.Ordinal).Select(static one => $"{one.Value} requests of {one.Key}")));
        return 0;
    }

    private static async Task<double> MeasureAsync(int mode, int batch, int batches, string collector)
    {
        var port = Store.LocalAzurite.FreePorts(1)[0];
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["FUNCTIONS_CUSTOMHANDLER_PORT"] = port.ToString(CultureInfo.InvariantCulture),
            ["ActionTrailStorage"] = "UseDevelopmentStorage=true",
            ["ActionTrail:OperatorKey"] = "operator-key-of-the-benchmark",
            ["ActionTrail:EncryptionKey"] = Convert.ToBase64String(new byte[32]),
        };
        if (mode == 2)
        {
            settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector;
            settings["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
            settings["OTEL_METRIC_EXPORT_INTERVAL"] = "1000";
        }

        await using var app = FunctionsApp.Build(settings, static builder =>
        {
            builder.Services.Replace(ServiceDescriptor.Singleton<ITableStore>(new MemoryTableStore()));
            builder.Services.Replace(ServiceDescriptor.Singleton<IObjectStore>(new MemoryObjectStore(TimeProvider.System)));
            builder.Services.Replace(ServiceDescriptor.Singleton<IWorkQueue>(new MemoryWorkQueue(TimeProvider.System)));
        });
        await FunctionsApp.StartAsync(app);
        using var listeners = mode == 1 ? new Listeners() : null;
        var events = HubPayloadMaker.Events(batch, accounts: 50);
        var bodies = Enumerable.Range(0, batches + 5).Select(i => HubPayloadMaker.Body(events, first: (long)i * batch, enqueued: DateTimeOffset.UtcNow)).ToList();
        using var http = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")) };
        var before = TimeSpan.Zero;
        for (var i = 0; i < bodies.Count; i++)
        {
            if (i == bodies.Count - batches)
            {
                GC.Collect();
                before = Process.GetCurrentProcess().TotalProcessorTime;
            }

            await InvokeAsync(http, port, bodies[i]);
        }

        var took = Process.GetCurrentProcess().TotalProcessorTime - before;
        await app.StopAsync();
        return took.TotalMicroseconds / ((double)batches * batch);
    }

    /// <summary>As the Functions host does.</summary>
    private static async Task InvokeAsync(HttpClient http, int port, byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/IngestEvents") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        request.Headers.Host = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
        request.Headers.TransferEncodingChunked = true;
        request.Headers.TryAddWithoutValidation("User-Agent", "Azure-Functions-Host/4.1037.0.0");
        request.Headers.TryAddWithoutValidation("X-Azure-Functions-HostVersion", "4.1037.0.0");
        request.Headers.TryAddWithoutValidation("X-Azure-Functions-InvocationId", "50a7fc98-3834-44b8-9396-1a584b6f9dd9");
        using var response = await http.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>Takes every measurement and records every activity of the app, and does nothing with them.</summary>
    private sealed class Listeners : IDisposable
    {
        private readonly MeterListener meters = new();
        private readonly ActivityListener activities = new()
        {
            ShouldListenTo = static source => source.Name is TelemetryExport.Name or "Microsoft.AspNetCore",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };

        public Listeners()
        {
            meters.InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name is TelemetryExport.Name or "Microsoft.AspNetCore.Hosting" or "System.Runtime")
                    listener.EnableMeasurementEvents(instrument);
            };
            meters.SetMeasurementEventCallback<long>(static (_, _, _, _) => { });
            meters.SetMeasurementEventCallback<int>(static (_, _, _, _) => { });
            meters.SetMeasurementEventCallback<double>(static (_, _, _, _) => { });
            meters.Start();
            ActivitySource.AddActivityListener(activities);
        }

        public void Dispose()
        {
            meters.Dispose();
            activities.Dispose();
        }
    }
}
