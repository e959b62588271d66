using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using ActionTrail.Functions;
using ActionTrail.Functions.Settings;
using ActionTrail.Functions.Telemetry;
using ActionTrail.Tests.Functions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace ActionTrail.Tests.Telemetry;

/// <summary>What reaches a collector, and that nothing is sent when none is named.</summary>
public class ExportTests
{
    [Fact]
    public async Task Without_a_collector_there_is_no_exporter_at_all()
    {
        await using var app = await TestApp.StartAsync();

        Assert.Null(app.App.Services.GetService<MeterProvider>());
        Assert.Null(app.App.Services.GetService<TracerProvider>());
    }

    [Fact]
    public async Task Traces_and_metrics_reach_the_collector_under_the_trace_of_the_caller()
    {
        var bodies = new ConcurrentDictionary<string, ConcurrentQueue<byte[]>>(StringComparer.Ordinal);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var collector = builder.Build();
        collector.MapPost("/v1/{signal}", async (HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            bodies.GetOrAdd((string)context.Request.RouteValues["signal"]!, static _ => new()).Enqueue(body.ToArray());
        });
        await collector.StartAsync();
        var trace = ActivityTraceId.CreateRandom();

        await using (var app = await TestApp.StartAsync(onPort: true, change: settings =>
        {
            settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Urls.Single();
            settings["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        }))
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/health/live");
            request.Headers.Add("traceparent", $"00-{trace}-00f067aa0ba902b7-01");
            using var answer = await app.Client.SendAsync(request);
            await app.IssueAsync("traced");
            Assert.True(app.Get<TracerProvider>().ForceFlush(30_000));
            Assert.True(app.Get<MeterProvider>().ForceFlush(30_000));
        }

        var (traces, metrics) = (Joined(bodies["traces"]), Joined(bodies["metrics"]));
        Assert.Contains("actiontrail.ingest.events", Encoding.Latin1.GetString(metrics), StringComparison.Ordinal);
        Assert.Contains("commit", Encoding.Latin1.GetString(traces), StringComparison.Ordinal);
        Assert.Contains(TelemetryExport.ServiceName, Encoding.Latin1.GetString(traces), StringComparison.Ordinal);
        Assert.True(traces.AsSpan().IndexOf(Convert.FromHexString(trace.ToString())) >= 0, "the caller's trace is not in it");
    }

    [Theory]
    [InlineData("collector:4317")]
    [InlineData("ftp://collector")]
    public void A_collector_that_is_no_address_is_a_fault_of_its_setting(string address)
    {
        var settings = TestApp.Settings(7071);
        settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = address;

        Assert.StartsWith("Setting OTEL_EXPORTER_OTLP_ENDPOINT ", Assert.Single(Assert.Throws<SettingsException>(() => FunctionsApp.Build(settings)).Faults), StringComparison.Ordinal);
    }

    private static byte[] Joined(IEnumerable<byte[]> parts) => [.. parts.SelectMany(static part => part)];
}
