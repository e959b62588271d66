using System.Globalization;
using System.Text;
using ActionTrail.Benchmarks.Segments;
using ActionTrail.Events;
using ActionTrail.Ingest;
using ActionTrail.Layout;

namespace ActionTrail.Benchmarks.Formats;

/// <summary>From the host's payload to the accepted event for each format that is mapped, and for a mix. Target: 35,000 events/s per core.</summary>
internal static class FormatLoad
{
    private const int Count = 500;

    private static readonly PartitionName Partition = PartitionName.Hub("bench.servicebus.windows.net", "activity", "1");

    public static int Run(string[] args)
    {
        var rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 60;
        Console.WriteLine("| format | events/s per core | us/event | allocated B/event | |");
        Console.WriteLine("| --- | ---: | ---: | ---: | --- |");
        var formats = FormatRecords.All;
        foreach (var (name, record) in formats)
        {
            Measure(name, [.. Enumerable.Range(0, Count).Select(i => Encoding.UTF8.GetBytes(record(i)))], Count, rounds);
        }

        Measure("**mix**", [.. Enumerable.Range(0, Count).Select(i => Encoding.UTF8.GetBytes(formats[i % formats.Length].Record(i)))], Count, rounds);
        var wrapped = Enumerable.Range(0, Count / 20).Select(m => Encoding.UTF8.GetBytes(
            "{\"records\":[" + string.Join(',', Enumerable.Range(m * 20, 20).Select(i => formats[0].Record(i))) + "]}"));
        Measure($"{formats[0].Name}, 20 in a message", [.. wrapped], Count, rounds);
        return 0;
    }

    private static void Measure(string name, List<byte[]> messages, int events, int rounds)
    {
        var payload = HubPayloadMaker.Body(messages);
        var normalizer = new MessageNormalizer(new NormalizerOptions());
        var sink = new Counting();
        var best = ThreadClock.Best(rounds, () =>
        {
            sink.Accepted = 0;
            using var decoded = HubPayload.Decode(payload);
            foreach (var message in decoded.Messages.Span)
            {
                normalizer.Normalize(message.Body.Span, new MessageOrigin(Partition, message.SequenceNumber, message.EnqueuedTimeMs, message.ContentType), sink);
            }
        });
        if (sink.Accepted != events)
        {
            throw new InvalidOperationException($"{sink.Accepted} of {events} events were accepted.");
        }

        Console.WriteLine(ThreadClock.Row(name, best, events, $"{messages.Sum(message => message.Length) / events} B/record"));
    }

    private sealed class Counting : INormalizedSink
    {
        public int Accepted { get; set; }

        public void Accept(ReadOnlySpan<byte> body, EventFacts facts, int index) => Accepted++;

        public void Reject(ReadOnlySpan<byte> record, Rejection reason, int index) => throw new InvalidOperationException($"{reason.Field}: {reason.Rule}");
    }
}
