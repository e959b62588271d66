using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime.CompilerServices;
using ActionTrail.Access;
using ActionTrail.Functions.Telemetry;
using ActionTrail.Tests.Functions;
using ActionTrail.Tests.Infrastructure;

namespace ActionTrail.Tests.Telemetry;

/// <summary>Metrics are what the documents say, and move when something happens.</summary>
public class InstrumentTests
{
    [Fact]
    public void The_table_of_instruments_is_the_code()
    {
        var published = new SortedDictionary<string, string>(StringComparer.Ordinal);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == TelemetryExport.Name)
                published[instrument.Name] = $"{instrument.Name} | {KindOf(instrument)} | {instrument.Unit} | {instrument.Description}";
        };
        listener.Start();

        // Instruments come into being with the classes that hold them.
        foreach (var type in new[] { typeof(Authenticator).Assembly, typeof(TelemetryExport).Assembly }.SelectMany(static assembly => assembly.GetTypes()).Where(HoldsInstruments))
            RuntimeHelpers.RunClassConstructor(type.TypeHandle);

        var documented = Repository.Rows("docs/telemetry.md").Where(static cells => cells[0].StartsWith("actiontrail.", StringComparison.Ordinal)).Select(static cells => string.Join(" | ", cells)).ToList();
        Assert.Equal(published.Values, documented);
        Assert.True(documented.Count > 20);
        Assert.All(published.Keys, static name => Assert.Matches("^actiontrail(\\.[a-z_]+){1,3}$", name));
    }

    [Fact]
    public async Task Events_signing_in_and_lookups_are_counted()
    {
        var sums = new Dictionary<string, double>(StringComparer.Ordinal);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == TelemetryExport.Name)
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
        await using var app = await TestApp.StartAsync();

        await app.IssueAsync("measured");
        await app.SendAsync("GET", "/v1/events?eventName=None");
        await app.SendAsync("GET", "/v1/events", user: ("operator", "wrong-password-of-the-operator"));

        // Other tests of this process measure as well: at least what was done here is there.
        Assert.True(sums["actiontrail.ingest.events/api"] >= 2);
        Assert.True(sums["actiontrail.ingest.commit.duration/api"] > 0);
        Assert.True(sums["actiontrail.access.sign_ins/ok"] >= 3);
        Assert.True(sums["actiontrail.access.sign_ins/refused"] >= 1);
        Assert.True(sums.ContainsKey("actiontrail.lookup.reads/lookup"));

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var key = tags.Length == 0 ? instrument.Name : $"{instrument.Name}/{tags[^1].Value}";
            lock (sums)
                sums[key] = sums.GetValueOrDefault(key) + value;
        }
    }

    private static bool HoldsInstruments(Type type) => type.GetFields(System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Public)
        .Any(static field => typeof(Instrument).IsAssignableFrom(field.FieldType));

    private static string KindOf(Instrument instrument) => string.Create(CultureInfo.InvariantCulture, $"{instrument.GetType().Name.Split('`')[0].ToLowerInvariant()}");
}
