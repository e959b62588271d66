using System.Globalization;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Segments;

namespace ActionTrail.Benchmarks.Segments;

/// <summary>The segment alone: build, parse of the head, select, decode of blocks.</summary>
internal static class SegmentLoad
{
    public static int Run(string[] args)
    {
        var rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 60;
        const int count = 2000;
        using var builder = new SegmentBuilder();
        Fill(builder, count);
        using var image = builder.Build();
        var content = image.Content.ToArray();
        var head = Parse(content, image.HeadOffset);
        var rows = head.Accounts.MaxBy(static a => a.Count);
        AttributeFilter[] filters = [new(EventAttribute.EventRW, Hash64.Of("Write")), new(EventAttribute.Region, Hash64.Of("cn-hangzhou"))];
        var matches = new List<int>(count);

        Console.WriteLine("| step | events/s per core | us/event | allocated B/event | |");
        Console.WriteLine("| --- | ---: | ---: | ---: | --- |");
        Console.WriteLine(ThreadClock.Row("build", ThreadClock.Best(rounds, () => builder.Build().Dispose()), count, $"{content.Length / count} B/event, head {(content.Length - image.HeadOffset) / count} B/event"));
        Console.WriteLine(ThreadClock.Row("parse head", ThreadClock.Best(rounds, () => Parse(content, image.HeadOffset)), count));
        Console.WriteLine(ThreadClock.Row("select, no filter", ThreadClock.Best(rounds, () => Select(head, rows, [], matches)), rows.Count, $"{matches.Count} rows"));
        Console.WriteLine(ThreadClock.Row("select, two filters", ThreadClock.Best(rounds, () => Select(head, rows, filters, matches)), rows.Count, $"{matches.Count} rows"));
        Console.WriteLine(ThreadClock.Row("decode all blocks", ThreadClock.Best(rounds, () => Decode(head, content)), count, $"{head.BlockCount} blocks"));
        return 0;
    }

    internal static void Fill(SegmentBuilder builder, int count)
    {
        var normalizer = new MessageNormalizer(new NormalizerOptions());
        var sink = new FillingSink(builder);
        foreach (var body in HubPayloadMaker.Events(count, accounts: 50))
        {
            var origin = new MessageOrigin(PartitionName.Api(0), builder.Count, HubPayloadMaker.Start.AddMinutes(5).ToUnixTimeMilliseconds(), null);
            normalizer.Normalize(body, origin, sink);
        }
    }

    private static SegmentHead Parse(byte[] content, long headOffset) => SegmentHead.Parse(content.AsMemory((int)headOffset), headOffset, content.Length);

    private static void Select(SegmentHead head, AccountRows rows, AttributeFilter[] filters, List<int> matches)
    {
        matches.Clear();
        head.Select(rows, head.MinEventTimeMs, head.MaxEventTimeMs + 1, filters, matches);
    }

    private static void Decode(SegmentHead head, byte[] content)
    {
        for (var i = 0; i < head.BlockCount; i++)
        {
            var range = head.Block(i);
            head.Decode(i, content.AsMemory((int)range.Offset, range.Length));
        }
    }

    private sealed class FillingSink(SegmentBuilder builder) : INormalizedSink
    {
        public void Accept(ReadOnlySpan<byte> body, EventFacts facts, int index) => builder.Add(body, facts, new EventCoordinates(builder.Count, index, facts.EventTimeMs));

        public void Reject(ReadOnlySpan<byte> record, Rejection reason, int index) => throw new InvalidOperationException(reason.Rule);
    }
}
