using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using ActionTrail.Events;
using ActionTrail.Events.CloudEvents;
using ActionTrail.Generator.Formats;
using ActionTrail.Layout;
using Xunit.Abstractions;

namespace ActionTrail.Tests.Events.Corpus;

/// <summary>
/// Damaged records of every format. <c>ACTIONTRAIL_MUTATIONS</c> sets how many, <c>ACTIONTRAIL_MUTATION_SEED</c> which; without them it is a share that a
/// normal run can afford.
/// </summary>
public class MutatedRecordTests(ITestOutputHelper output)
{
    private const int Usual = 40_000;

    // Far beyond the second that a message may take, since machines of tests stall; only something that hangs is caught.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly byte[] Before = Encoding.UTF8.GetBytes(Samples.Minimal.Replace("e-1", "before", StringComparison.Ordinal));
    private static readonly byte[] After = Encoding.UTF8.GetBytes(CloudTrailRows.Good.Replace("\"e\"", "\"after\"", StringComparison.Ordinal));
    private static readonly string[] Neighbours = [.. new[] { Before, After }.Select(static n => Assert.Single(RecordingSink.Of(n).Accepted).Body)];

    private readonly MessageNormalizer normalizer = new(new NormalizerOptions());
    private readonly MessageNormalizer other = new(new NormalizerOptions());
    private readonly Mutator mutator = new(Records(), Setting("ACTIONTRAIL_MUTATION_SEED", 20260615));
    private readonly Random random = new(Setting("ACTIONTRAIL_MUTATION_SEED", 20260615));
    private volatile byte[] message = [];
    private int stored;
    private int refused;
    private TimeSpan slowest;

    [Fact]
    public async Task Damaged_records_neither_fail_nor_hang_nor_harm_their_neighbours()
    {
        var count = Setting("ACTIONTRAIL_MUTATIONS", Usual);
        var work = Task.Factory.StartNew(() => RunAll(count), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        while (await Task.WhenAny(work, Task.Delay(Patience)) is var ended && ended != work)
        {
            var at = message;
            await Task.WhenAny(work, Task.Delay(Patience));
            Assert.True(work.IsCompleted || at != message, $"Hangs in {Convert.ToBase64String(at)}");
        }

        await work;
        output.WriteLine($"{count} damaged records: {stored} events stored, {refused} records refused, slowest message {slowest.TotalMilliseconds:F0} ms");
        Assert.InRange(stored, count / 10, count * 10);
        Assert.InRange(refused, count / 10, count * 10);
    }

    private void RunAll(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var record = mutator.Next();
            try
            {
                Run(i, record);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Damaged record {i} broke a promise: {Convert.ToBase64String(message)}", e);
            }
        }
    }

    private void Run(int i, byte[] record)
    {
        switch (i % 8)
        {
            case 0 when IsJson(record):
                Between([.. "["u8, .. Before, .. ","u8, .. record, .. ","u8, .. After, .. "]"u8]);
                break;
            case 1:
                // In gzip, which may be damaged as well.
                var packed = Gzip(record);
                Alone(random.Next(2) == 0 ? packed : mutator.EditBytes(packed), null, null);
                break;
            case 2:
                // As the data of a CloudEvent in binary mode whose attributes are odd as well.
                Alone(record, Attributes(), random.Next(3) switch { 0 => "application/json", 1 => "text/plain", _ => null });
                break;
            case 3:
                Alone(record, null, "application/cloudevents+json");
                break;
            default:
                Between([.. Before, .. "\n"u8, .. record, .. "\n"u8, .. After]);
                break;
        }
    }

    private void Between(byte[] bytes)
    {
        var outcomes = Normalize(bytes, null, null).InOrder("");
        Assert.Equal(Neighbours[0], outcomes[0].Body);
        Assert.Contains(outcomes.Skip(1), static o => o.Body == Neighbours[1]);
    }

    private void Alone(byte[] bytes, CloudEventAttributes? attributes, string? contentType) => Normalize(bytes, attributes, contentType);

    // Twice, by two normalisers with different pasts: the same bytes must come out.
    private RecordingSink Normalize(byte[] bytes, CloudEventAttributes? attributes, string? contentType)
    {
        message = bytes;
        var origin = new MessageOrigin(PartitionName.Api(0), 1, RecordingSink.ReceiveTimeMs, contentType) { CloudEvent = attributes };
        var (first, second) = (new RecordingSink(), new RecordingSink());
        var started = Stopwatch.GetTimestamp();
        normalizer.Normalize(bytes, origin, first);
        var took = Stopwatch.GetElapsedTime(started);
        slowest = took > slowest ? took : slowest;
        (random.Next(2) == 0 ? other : normalizer).Normalize(bytes, origin, second);
        Outcomes.Check(first);
        Assert.Equal(first.Accepted.Select(static a => (a.Body, a.Account, a.TimeMs, a.Index)), second.Accepted.Select(static a => (a.Body, a.Account, a.TimeMs, a.Index)));
        Assert.Equal(first.Rejected, second.Rejected);
        stored += first.Accepted.Count;
        refused += first.Rejected.Count;
        return first;
    }

    private CloudEventAttributes? Attributes()
    {
        string[] values = ["\"1.0\"", "\"i-1\"", "\"acct-1\"", "\"2026-06-15T11:00:00Z\"", "5", "true", "null", "\"\"", "\"\\ud800\"", "\"application/json\""];
        string[] names = ["specversion", "id", "source", "type", "time", "accountid", "datacontenttype", "data", "data_base64", "x-y", "x"];
        return CloudEventAttributes.FromProperties([.. names.Where(n => n.Length < 8 || random.Next(2) == 0).Select(n => ($"cloudEvents:{n}", random.Next(3) > 0 && n == "specversion" ? values[0] : values[random.Next(values.Length)]))]);
    }

    // The records of every format as its producer writes them, half of them with oddities; also as the bodies of messages with several.
    private static List<byte[]> Records()
    {
        var start = DateTimeOffset.FromUnixTimeMilliseconds(RecordingSink.ReceiveTimeMs).AddDays(-2);
        var records = new List<byte[]>();
        foreach (var format in TrafficFormats.All)
        {
            foreach (var made in FormatCorpus.Messages(format, 60, 5, new TrafficOptions { Start = start, Quirks = 0.25, RecordsPerMessage = 2 }))
            {
                if (made.Body is [(byte)'{' or (byte)'[', ..])
                    records.Add(made.Body);
                var sink = RecordingSink.Of(made.Body);
                records.AddRange(sink.Accepted.Select(static a => Original(a.Body)));
            }
        }

        foreach (var row in CorpusTests.Rows.Values.Where(static r => !r.IsMessage && r.Message.Length is > 20 and < 3000))
            records.Add(row.Message);
        return records;
    }

    private static byte[] Original(string body)
    {
        using var document = JsonDocument.Parse(body);
        return Encoding.UTF8.GetBytes(document.RootElement.TryGetProperty("originalRecord", out var original) ? original.GetRawText() : body);
    }

    private static bool IsJson(byte[] record)
    {
        try
        {
            JsonDocument.Parse(record, new JsonDocumentOptions { MaxDepth = 20_000 }).Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest))
            gzip.Write(bytes);
        return memory.ToArray();
    }

    private static int Setting(string name, int usual) => int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : usual;
}
