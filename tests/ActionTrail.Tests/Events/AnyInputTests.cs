using System.Text;
using System.Text.Json;
using ActionTrail.Events;
using FsCheck;
using FsCheck.Fluent;

namespace ActionTrail.Tests.Events;

public class AnyInputTests
{
    [Fact]
    public void Random_events_with_random_unknown_fields_keep_their_bytes() => Prop.ForAll(
        ArbMap.Default.ArbFor<int>(),
        seed =>
        {
            var random = new Random(seed);
            var events = Enumerable.Range(0, random.Next(1, 6)).Select(_ => RandomEvent(random)).ToArray();
            var separator = random.Next(2) == 0 ? "," : " ,\n ";
            var message = random.Next(3) switch
            {
                0 => "[" + string.Join(separator, events) + "]",
                1 => string.Join('\n', events),
                _ => "{\"records\": [" + string.Join(separator, events) + "]}",
            };
            return RecordingSink.Of(message).Accepted.Select(a => a.Body).SequenceEqual(events);
        }).QuickCheckThrowOnFailure();

    // Every byte of the message is handed to the sink in exactly one record, save what holds records together.
    [Fact]
    public void Fifty_thousand_mutated_messages_are_split_without_losing_a_byte()
    {
        var random = new Random(20260615);
        var normalizer = new MessageNormalizer(new NormalizerOptions());
        var other = Samples.Full.Replace("StopVm", "StartVm", StringComparison.Ordinal);
        byte[][] seeds =
        [
            Encoding.UTF8.GetBytes($"[{Samples.Minimal}, {Samples.Full},{other}]"),
            Encoding.UTF8.GetBytes($"{Samples.Minimal}\n{other}\n{Samples.Full}\n"),
            Encoding.UTF8.GetBytes(Samples.Full),
        ];
        var accepted = 0;
        var rejected = 0;
        var unwrapped = 0;
        for (var i = 0; i < 50_000; i++)
        {
            var message = Mutate(seeds[i % seeds.Length], random);
            var sink = new CoverageSink(message.Length);
            sink.Run(normalizer, message);
            accepted += sink.Accepted;
            rejected += sink.Rejected;
            unwrapped += sink.HasUnwrapped ? 1 : 0;
            for (var at = 0; at < message.Length && !sink.HasUnwrapped; at++)
            {
                if (sink.Cover[at] != 1 && (sink.Cover[at] > 1 || !" \t\r\n[],"u8.Contains(message[at])))
                {
                    Assert.Fail($"Byte {at} of {Encoding.Latin1.GetString(message)} was handed over {sink.Cover[at]} times.");
                }
            }
        }

        // A mutation may quote a part, which is then read as JSON text in a string: those records are no part of the message.
        Assert.InRange(unwrapped, 0, 2_500);
        Assert.InRange(accepted, 10_000, 150_000);
        Assert.InRange(rejected, 10_000, 500_000);
    }

    [Fact]
    public void A_mutated_record_never_harms_whole_neighbours_on_other_lines()
    {
        var random = new Random(7);
        for (var i = 0; i < 5_000; i++)
        {
            // A line break inside the record could make it two.
            var bad = Mutate(Encoding.UTF8.GetBytes(Samples.Full), random).Where(b => b is not (byte)'\n').ToArray();
            byte[] message = [.. Encoding.UTF8.GetBytes(Samples.Minimal + "\n"), .. bad, .. Encoding.UTF8.GetBytes("\n" + Samples.Minimal)];
            var sink = RecordingSink.Of(message);
            Assert.Equal(Samples.Minimal, sink.Accepted[0].Body);
            Assert.Equal(Samples.Minimal, sink.Accepted[^1].Body);
            Assert.True(sink.Accepted.Count >= 2);
        }
    }

    [Fact]
    public void The_steady_state_allocates_nothing_per_event()
    {
        var padding = new string('p', 500);
        var events = Enumerable.Range(0, 100).Select(i => Samples.Full.Replace("acct-2", $"acct-{i % 40}", StringComparison.Ordinal)
            .Replace("203.0.113.9", padding, StringComparison.Ordinal).Replace("6f0d2c1a", $"id{i}", StringComparison.Ordinal));
        var message = Encoding.UTF8.GetBytes("[" + string.Join(',', events) + "]");
        Assert.InRange(message.Length / 100, 1250, 1600);
        var normalizer = new MessageNormalizer(new NormalizerOptions());
        var sink = new CountingSink();
        normalizer.Normalize(message, RecordingSink.Origin(), sink);
        sink.Accepted = 0;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            normalizer.Normalize(message, RecordingSink.Origin(), sink);
        }

        var perEvent = (GC.GetAllocatedBytesForCurrentThread() - before) / 10_000.0;
        Assert.Equal(10_000, sink.Accepted);
        Assert.InRange(perEvent, 0, 64);
    }

    private static byte[] Mutate(byte[] seed, Random random)
    {
        var bytes = new List<byte>(seed);
        for (var edits = random.Next(1, 4); edits > 0 && bytes.Count > 0; edits--)
        {
            var at = random.Next(bytes.Count);
            var one = random.Next(3) == 0 ? (byte)random.Next(256) : "{}[]\",:\\ \n0eu"u8[random.Next(13)];
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = one;
                    break;
                case 1:
                    bytes.Insert(at, one);
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 40), bytes.Count - at));
                    break;
                default:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 200), bytes.Count - at)));
                    break;
            }
        }

        return [.. bytes];
    }

    private static string RandomEvent(Random random)
    {
        var members = new List<string>
        {
            $"\"eventId\": \"{random.Next()}\"", "\"eventName\":\"N\"", "\"serviceName\" :\"S\"", "\"eventTime\":\"2026-06-15T10:00:00Z\"", "\"recipientAccountId\":\"a\"",
        };
        for (var more = random.Next(8); more > 0; more--)
        {
            members.Add($"{JsonEncodedText.Encode("x" + random.Next() + (char)random.Next(0x20, 0xd800))} ".Insert(0, "\"").TrimEnd() + "\":" + RandomValue(random, 0));
        }

        return "{" + string.Join(random.Next(2) == 0 ? "," : " ,  ", members.OrderBy(_ => random.Next())) + "}";
    }

    private static string RandomValue(Random random, int depth) => random.Next(depth > 5 ? 5 : 7) switch
    {
        0 => random.Next().ToString(System.Globalization.CultureInfo.InvariantCulture),
        1 => "-0.50E+10",
        2 => "\"\\u00e9 \\n é😀\"",
        3 => random.Next(2) == 0 ? "true" : "null",
        4 => "\"\"",
        5 => "[" + string.Join(" , ", Enumerable.Range(0, random.Next(4)).Select(_ => RandomValue(random, depth + 1))) + "]",
        _ => "{" + string.Join(",", Enumerable.Range(0, random.Next(4)).Select(i => $"\"eventName{(random.Next(2) == 0 ? "" : i)}\": {RandomValue(random, depth + 1)}")) + " }",
    };

    private sealed class CountingSink : INormalizedSink
    {
        public int Accepted { get; set; }

        public void Accept(ReadOnlySpan<byte> body, EventFacts facts, int index) => Accepted++;

        public void Reject(ReadOnlySpan<byte> record, Rejection reason, int index) => Assert.Fail(reason.Rule);
    }

    private sealed class CoverageSink(int messageLength) : INormalizedSink
    {
        private byte[] message = [];
        private int next;

        public byte[] Cover { get; } = new byte[messageLength];

        public int Accepted { get; private set; }

        public int Rejected { get; private set; }

        public bool HasUnwrapped { get; private set; }

        public void Run(MessageNormalizer normalizer, byte[] bytes)
        {
            message = bytes;
            normalizer.Normalize(bytes, RecordingSink.Origin(), this);
        }

        public void Accept(ReadOnlySpan<byte> body, EventFacts facts, int index)
        {
            Assert.Equal(Accepted + Rejected, index);
            Accepted++;
            Mark(body, mayHaveDerivedId: true);
        }

        public void Reject(ReadOnlySpan<byte> record, Rejection reason, int index)
        {
            Assert.Equal(Accepted + Rejected, index);
            Rejected++;
            Mark(record, mayHaveDerivedId: false);
        }

        // Marks the bytes of the message that the record was made of: itself, or the same without the id that was put in.
        private void Mark(ReadOnlySpan<byte> record, bool mayHaveDerivedId)
        {
            if (record.IsEmpty)
            {
                return;
            }

            var length = record.Length;
            if (!message.AsSpan().Overlaps(record, out var offset) && !(mayHaveDerivedId && TryFindSent(record, out offset, out length)))
            {
                HasUnwrapped = true;
                return;
            }

            for (var i = offset; i < offset + length; i++)
            {
                Cover[i]++;
            }

            next = offset + length;
        }

        private bool TryFindSent(ReadOnlySpan<byte> record, out int offset, out int length)
        {
            var text = Encoding.UTF8.GetString(record);
            var id = EventMatcher.EventId(record)!;
            var prefix = $"{{\"eventId\":\"{id}\",";
            var member = text.IndexOf($"\"{id}\"", StringComparison.Ordinal);
            string[] forms = [text.StartsWith(prefix, StringComparison.Ordinal) ? "{" + text[prefix.Length..] : text, text.Remove(member + 1, id.Length)];
            foreach (var form in forms.Select(Encoding.UTF8.GetBytes))
            {
                if (message.AsSpan(next).IndexOf(form) is var at and >= 0)
                {
                    (offset, length) = (next + at, form.Length);
                    return true;
                }
            }

            offset = length = 0;
            return false;
        }
    }
}
