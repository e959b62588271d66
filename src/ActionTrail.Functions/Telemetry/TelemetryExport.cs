using ActionTrail.Functions.Settings;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ActionTrail.Functions.Telemetry;

/// <summary>
/// Sends traces, metrics and logs to an OTLP collector when one is named, and costs nothing when none is: instruments nobody listens to do no work.
/// The other <c>OTEL_</c> variables (protocol, headers, sampler, resource attributes, service name) are read by the library.
/// </summary>
internal static class TelemetryExport
{
    /// <summary>Name of our meter and of our source of activities.</summary>
    public const string Name = "ActionTrail";

    public const string ServiceName = "ActionTrail.Functions";

    /// <summary>Seconds: from a lookup's milliseconds to the hours that a delivery may be late.</summary>
    private static readonly double[] Seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600, 14400, 86400];

    public static void Add(WebApplicationBuilder builder, AppSettings settings)
    {
        if (settings.OtlpEndpoint is null)
            return;
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(static resource => resource
                .AddService(ServiceName, serviceVersion: typeof(TelemetryExport).Assembly.GetName().Version?.ToString(3))
                .AddEnvironmentVariableDetector())
            .WithTracing(static traces => traces.AddSource(Name, "Microsoft.AspNetCore").AddOtlpExporter())
            .WithMetrics(static metrics => metrics
                .AddMeter(Name, "Microsoft.AspNetCore.Hosting", "System.Runtime")
                .AddView(static instrument => instrument.Meter.Name == Name && instrument.Unit == "s" && instrument.GetType().IsGenericType && instrument.GetType().GetGenericTypeDefinition() == typeof(System.Diagnostics.Metrics.Histogram<>)
                    ? new ExplicitBucketHistogramConfiguration { Boundaries = Seconds }
                    : null)
                .AddOtlpExporter())
            .WithLogging(static logs => logs.AddOtlpExporter(), static options =>
            {
                options.IncludeFormattedMessage = true;
                options.IncludeScopes = false;
                options.ParseStateValues = true;
            });
    }
}
