using System.Buffers;
using System.Globalization;
using ActionTrail.Events;
using ActionTrail.Generator;
using ActionTrail.Generator.Formats;
using ActionTrail.Segments;
using ActionTrail.Segments.Compact;

namespace ActionTrail.Benchmarks.Segments;

/// <summary>Compacted segments: bytes per event, build, head, decode of one event. Targets: 160 B/event, 45,000 events/s per core.</summary>
internal static class CompactLoad
{
    private const int CommitEvents = 500;

    public static int Run(string[] args)
    {
        var only = args.Length > 0 ? args[0] : "";
        Console.WriteLine("| corpus | rows | raw B/event | stored B/event | head B/event | build events/s per core | parse head us | decode one event us | allocated B/event (build) | builder MB |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var count in (int[])[2_900, 15_600, 65_000])
        {
            if (only.Length == 0 || only == "sessions")
            {
                Measure("CloudTrail in sessions, as stored", SessionTrailLoad.Messages(11), count);
                Measure("CloudTrail in sessions, records alone", SessionTrailLoad.Messages(11), count, static row => row with { Body = Original(row.Body) });
            }

            if (count == 2_900)
                continue;
            if (only.Length == 0 || only == "one")
                Measure("generator, one account, 2,000 users", Synthetic(count, 1, TimeSpan.FromDays(count / 2222.0)), count);
            if (only.Length == 0 || only == "many")
                Measure("generator, 50 accounts, 2 hours", Synthetic(count, 50, TimeSpan.FromHours(2)), count);
            if (only.Length == 0 || only == "cloudtrail")
            {
                Measure("CloudTrail as stored: mapped form and original", CloudTrail(), count);
                Measure("CloudTrail records alone", CloudTrail(), count, static row => row with { Body = Original(row.Body) });
            }
        }

        return 0;
    }

    private static IEnumerable<byte[]> Synthetic(int count, int accounts, TimeSpan span)
    {
        using var generator = new EventGenerator(7, new GeneratorOptions
        {
            Start = HubPayloadMaker.Start,
            Span = span,
            EventsInSpan = count,
            Users = 2_000,
            Accounts = accounts == 1 ? ["demo"] : GeneratorOptions.ManyAccounts(accounts),
        });
        var buffer = new ArrayBufferWriter<byte>();
        while (true)
        {
            generator.Next(buffer);
            yield return buffer.WrittenSpan.ToArray();
            buffer.Clear();
        }
    }

    private static IEnumerable<byte[]> CloudTrail()
    {
        using var generator = new TrafficGenerator(TrafficFormat.CloudTrail, 7, new TrafficOptions { Start = HubPayloadMaker.Start, Span = TimeSpan.FromHours(2), People = 2_000 });
        while (true)
            yield return generator.Next().Body;
    }

    /// <summary>The record as its producer wrote it, which a mapped event has as its last member.</summary>
    private static byte[] Original(byte[] body)
    {
        var member = "\"originalRecord\":"u8;
        return body[(body.AsSpan().IndexOf(member) + member.Length)..^1];
    }

    private static void Measure(string name, IEnumerable<byte[]> messages, int count, Func<CompactInput, CompactInput>? change = null)
    {
        var rows = CompactInput.Rows(messages, count, CommitEvents);
        rows = change is null ? rows : rows.ConvertAll(row => change(row));
        using var builder = new CompactSegmentBuilder(level: 1);
        var facts = new EventFacts();
        SegmentImage Build()
        {
            builder.Clear();
            foreach (var row in rows)
                builder.Add(row.ToRow(facts));
            return builder.Build();
        }

        var build = ThreadClock.Best(3, () => Build().Dispose(), warmUp: 2);
        using var image = Build();
        var content = image.Content;
        var headOffset = image.HeadOffset;
        SegmentHead Parse() => SegmentHead.Parse(content[(int)headOffset..], headOffset, content.Length);
        var parse = ThreadClock.Best(10, () => Parse(), warmUp: 3);
        var head = Parse();
        var random = new Random(3);
        var picks = Enumerable.Range(0, 500).Select(_ => random.Next(head.Count)).ToArray();
        ReadOnlyMemory<byte> One(int row)
        {
            var block = head.BlockOf(row);
            var range = head.Block(block);
            return head.Decode(block, content.Slice((int)range.Offset, range.Length)).Event(row);
        }

        for (var row = 0; row < head.Count; row += 97)
        {
            if (!One(row).Span.SequenceEqual(rows[row].Body))
                throw new InvalidOperationException($"Row {row} did not come back.");
        }

        var decode = ThreadClock.Best(5, () => Array.ForEach(picks, row => One(row)), warmUp: 2);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {head.Count:N0} | {rows.Sum(r => (long)r.Body.Length) / rows.Count} | {(double)content.Length / head.Count:F1} | {(double)(content.Length - headOffset) / head.Count:F1} | {head.Count / (build.Nanoseconds / 1e9):N0} | {parse.Nanoseconds / 1e3:N0} | {decode.Nanoseconds / 1e3 / picks.Length:F1} | {(double)build.AllocatedBytes / head.Count:F0} | {builder.HeldBytes / 1e6:F1} |"));
    }
}
