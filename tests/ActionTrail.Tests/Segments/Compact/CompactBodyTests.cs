using System.Text;
using ActionTrail.Segments;

namespace ActionTrail.Tests.Segments.Compact;

/// <summary>Whatever an event's bytes are, they come back.</summary>
public class CompactBodyTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("0")]
    [InlineData("\"\"")]
    [InlineData("{\"a\":1e5,\"b\":-0,\"c\":1.10,\"d\":00012,\"e\":123456789012345678901234567890}")]
    [InlineData("{ \"a\" :\t[ true ,\r\n false , null ] , \"a\" : \"twice\" }")]
    [InlineData("{\"\\u0061\\\"\":\"\\\\\",\"x\\\\\":\"\\\"\",\"\":\"\\ud83d\\ude00 ü \\/\"}")]
    [InlineData("{\"g\":\"0f8fad5b-d9cb-469f-a165-70867728950e\",\"h\":\"0F8FAD5B-D9CB-469F-A165-70867728950E\",\"i\":\"0f8FAD5B-d9cb-469f-a165-70867728950e\",\"j\":\"0f8fad5b-d9cb-469f-a165-70867728950e \"}")]
    [InlineData("{\"hex\":\"00ff00ff00\",\"odd\":\"00ff00ff0\",\"cap\":\"00FF00FF00\",\"b64\":\"aGVsbG8gd29ybGQgaGVsbG8gd29ybGQxMjM=\",\"b64x\":\"aGVsbG8gd29ybGQgaGVsbG8gd29ybGQxMjN=\"}")]
    [InlineData("{\"t\":\"2026-09-21T14:13:20Z\",\"u\":\"2026-09-21T14:13:20.000Z\",\"acc\":\"a\"}")]
    [InlineData("\"a\": \"b")]
    [InlineData("}{][,:\"\\")]
    [InlineData("1 2\"x\"3:4\"y\":5")]
    public void A_body_comes_back_alone_and_among_its_like(string text)
    {
        var body = Encoding.UTF8.GetBytes(text);
        AssertRoundTrip([body]);
        AssertRoundTrip([.. Enumerable.Repeat(body, 70), Encoding.UTF8.GetBytes(text + " "), Encoding.UTF8.GetBytes(" " + text)]);
    }

    [Fact]
    public void A_megabyte_sixty_levels_and_thousands_of_leaves_come_back()
    {
        var random = new Random(4);
        var deep = new StringBuilder();
        for (var level = 0; level < 60; level++)
            deep.Append("{\"k").Append(level).Append("\":[").Append(level).Append(',');
        deep.Append('1');
        for (var level = 0; level < 60; level++)
            deep.Append("]}");
        var words = string.Join(' ', Enumerable.Range(0, 240_000).Select(_ => random.Next(10_000)));
        string[] bodies =
        [
            deep.ToString(),
            $"{{\"big\":\"{words[..1_048_000]}\"}}",
            $"[{string.Join(',', Enumerable.Range(0, 4096))}]",
            $"[{string.Join(',', Enumerable.Range(0, 4097))}]",
            $"[{string.Join(',', Enumerable.Range(0, 200_000))}]",
            $"{{{string.Join(',', Enumerable.Range(0, 4000).Select(i => $"\"key{i}\":{i}"))}}}",
            $"{{{string.Join(',', Enumerable.Range(3000, 4000).Select(i => $"\"key{i}\":{i}"))}}}",
        ];
        var some = bodies.Select(Encoding.UTF8.GetBytes).ToList();
        AssertRoundTrip(some);
        AssertRoundTrip([.. some, .. some, .. some]);
    }

    [Theory]
    [InlineData(1, 200)]
    [InlineData(2, 700)]
    [InlineData(3, 700)]
    [InlineData(4, 1500)]
    public void Random_JSON_and_random_bytes_come_back(int seed, int count)
    {
        var random = new Random(seed);
        var bodies = new List<byte[]>();
        for (var i = 0; i < count; i++)
        {
            var body = random.Next(5) switch
            {
                0 => Noise(random, "{}[]:,\" \\\n0123456789.eE+-truefalsnl\u00fc"u8),
                1 when bodies.Count > 0 => [.. bodies[random.Next(bodies.Count)]],
                2 when bodies.Count > 0 => Mutated(random, bodies[random.Next(bodies.Count)]),
                _ => Json(random),
            };
            bodies.Add(body);
        }

        AssertRoundTrip(bodies);
        AssertRoundTrip(bodies, groupRows: 150);
    }

    private static void AssertRoundTrip(List<byte[]> bodies, int groupRows = 65_536)
    {
        using var image = CompactSamples.Build(bodies, groupRows);
        var head = SampleEvents.Parse(image);
        Assert.Equal(bodies.Count, head.Count);
        SegmentBlock? block = null;
        for (var row = 0; row < bodies.Count; row++)
        {
            if (block is null || row >= block.EndRow)
            {
                var range = head.Block(head.BlockOf(row));
                block = head.Decode(head.BlockOf(row), image.Content.Slice((int)range.Offset, range.Length));
            }

            if (!block.Event(row).Span.SequenceEqual(bodies[row]))
                Assert.Equal(Encoding.Latin1.GetString(bodies[row]), Encoding.Latin1.GetString(block.Event(row).Span));
        }
    }

    private static byte[] Noise(Random random, ReadOnlySpan<byte> alphabet)
    {
        var noise = new byte[random.Next(1, 120)];
        for (var i = 0; i < noise.Length; i++)
            noise[i] = random.Next(20) == 0 ? (byte)random.Next(256) : alphabet[random.Next(alphabet.Length)];
        return noise;
    }

    private static byte[] Mutated(Random random, byte[] body)
    {
        byte[] changed = [.. body];
        changed[random.Next(changed.Length)] = (byte)random.Next(256);
        return changed;
    }

    private static byte[] Json(Random random)
    {
        var text = new StringBuilder();
        Write(random, text, 0);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Write(Random random, StringBuilder text, int depth)
    {
        Space(random, text);
        switch (random.Next(depth > 5 ? 4 : 8))
        {
            case 0:
                text.Append(Pick(random, ["1e5", "-0", "1.10", "7", "-12.5E-3", "123456789012345678901234567890"]));
                break;
            case 1:
                text.Append(Pick(random, ["true", "false", "null"]));
                break;
            case 2 or 3:
                WriteString(random, text);
                break;
            case 4 or 5:
                text.Append('[');
                for (var i = random.Next(5); i > 0; i--)
                {
                    Write(random, text, depth + 1);
                    text.Append(i > 1 ? "," : "");
                }

                text.Append(']');
                break;
            default:
                text.Append('{');
                for (var i = random.Next(6); i > 0; i--)
                {
                    text.Append('"').Append("abcdef"[random.Next(6)]).Append('"');
                    Space(random, text);
                    text.Append(':');
                    Write(random, text, depth + 1);
                    text.Append(i > 1 ? "," : "");
                }

                text.Append('}');
                break;
        }

        Space(random, text);
    }

    private static void WriteString(Random random, StringBuilder text)
    {
        string[] some = ["", "x", "\\\"", "\\u00e9", "ü", "\U0001F600", "a:b", "{\\\"j\\\":1}", "2026-09-21T14:13:20Z", "a", "deadbeef00"];
        text.Append('"');
        for (var i = random.Next(4); i > 0; i--)
            text.Append(some[random.Next(some.Length)]);
        text.Append('"');
    }

    private static void Space(Random random, StringBuilder text) => text.Append(Pick(random, ["", "", "", " ", "\n\t"]));

    private static string Pick(Random random, string[] choices) => choices[random.Next(choices.Length)];
}
