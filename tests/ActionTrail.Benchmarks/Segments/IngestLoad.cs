using System.Globalization;
using ActionTrail.Events;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Segments;

namespace ActionTrail.Benchmarks.Segments;

/// <summary>From the host's payload to the bytes of a segment, on one thread, step by step and as a whole. Target: 60,000 events/s per core.</summary>
internal static class IngestLoad
{
    private static readonly PartitionName Partition = PartitionName.Hub("bench.servicebus.windows.net", "activity", "1");

    public static int Run(string[] args)
    {
        var rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 60;
        Console.WriteLine("| step | events/s per core | us/event | allocated B/event | |");
        Console.WriteLine("| --- | ---: | ---: | ---: | --- |");
        foreach (var (count, accounts) in ((int, int)[])[(500, 50), (2000, 50)])
        {
            var events = HubPayloadMaker.Events(count, accounts);
            var payload = HubPayloadMaker.Body(events);
            using var builder = new SegmentBuilder();
            var sink = new BuilderSink(builder);
            var normalizer = new MessageNormalizer(new NormalizerOptions());
            var stored = 0;

            var name = string.Create(CultureInfo.InvariantCulture, $"{count} events: ");
            var decode = ThreadClock.Best(rounds, () => HubPayload.Decode(payload).Dispose());
            Console.WriteLine(ThreadClock.Row(name + "decode payload", decode, count, $"{payload.Length / count} B/event in"));
            Console.WriteLine(ThreadClock.Row(name + "decode, normalise", ThreadClock.Best(rounds, () => Normalize(payload, normalizer, NoSink.Instance)), count));
            Console.WriteLine(ThreadClock.Row(name + "decode, normalise, copy", ThreadClock.Best(rounds, () =>
            {
                builder.Clear();
                Normalize(payload, normalizer, sink);
            }), count));
            var whole = ThreadClock.Best(rounds, () =>
            {
                builder.Clear();
                Normalize(payload, normalizer, sink);
                using var image = builder.Build();
                stored = image.Content.Length;
            });
            if (builder.Count != count)
                throw new InvalidOperationException($"{builder.Count} of {count} events were accepted.");
            Console.WriteLine(ThreadClock.Row("**" + name + "payload to segment**", whole, count, $"{stored / count} B/event out"));
        }

        return 0;
    }

    private static void Normalize(byte[] payload, MessageNormalizer normalizer, INormalizedSink sink)
    {
        using var decoded = HubPayload.Decode(payload);
        foreach (var message in decoded.Messages.Span)
        {
            var origin = new MessageOrigin(Partition, message.SequenceNumber, message.EnqueuedTimeMs, message.ContentType);
            if (sink is BuilderSink own)
                own.Origin = origin;
            normalizer.Normalize(message.Body.Span, origin, sink);
        }
    }

    private sealed class BuilderSink(SegmentBuilder builder) : INormalizedSink
    {
        public MessageOrigin Origin { get; set; }

        public void Accept(ReadOnlySpan<byte> body, EventFacts facts, int index) =>
            builder.Add(body, facts, new EventCoordinates(Origin.SequenceNumber, index, Origin.ReceiveTimeMs));

        public void Reject(ReadOnlySpan<byte> record, Rejection reason, int index) => throw new InvalidOperationException(reason.Rule);
    }

    private sealed class NoSink : INormalizedSink
    {
        public static readonly NoSink Instance = new();

        public void Accept(ReadOnlySpan<byte> body, EventFacts facts, int index)
        {
        }

        public void Reject(ReadOnlySpan<byte> record, Rejection reason, int index) => throw new InvalidOperationException(reason.Rule);
    }
}
