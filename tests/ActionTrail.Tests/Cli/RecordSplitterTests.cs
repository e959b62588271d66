using System.Text;
using ActionTrail.Cli.Send;

namespace ActionTrail.Tests.Cli;

public class RecordSplitterTests
{
    private const int Max = 1 << 20;

    [Theory]
    [InlineData("{\"a\":1}", "Lines {\"a\":1}")]
    [InlineData("{\"a\":1}\n{\"b\":2}\n", "Lines {\"a\":1}|Lines {\"b\":2}")]
    [InlineData("{\"a\":1}\r\n\r\n{\"b\":2}", "Lines {\"a\":1}|Lines {\"b\":2}")]
    [InlineData("\uFEFF{\"a\":1}{\"b\":2}", "Lines {\"a\":1}|Lines {\"b\":2}")]
    [InlineData("{\"a\":[{\"b\":\"}]\"},\n\"\\\"{\"]}", "Lines {\"a\":[{\"b\":\"}]\"},\n\"\\\"{\"]}")]
    [InlineData("[{\"a\":1},\n{\"b\":[2]}]", "Array {\"a\":1}|Array {\"b\":[2]}")]
    [InlineData("[\n{\"a\":1}\n,\n{\"b\":2}\n]\n[3]", "Array {\"a\":1}|Array {\"b\":2}|Array 3")]
    [InlineData("{\"records\":[{\"a\":1},{\"b\":2}]}", "LowerRecords {\"a\":1}|LowerRecords {\"b\":2}")]
    [InlineData("{\n \"Records\" : [\n{\"a\":1},\n{\"b\":2}\n]\n}\n", "UpperRecords {\"a\":1}|UpperRecords {\"b\":2}")]
    [InlineData("{\"time\":\"now\",\"o\":{\"records\":[1]},\"records\":[{\"a\":1}],\"more\":{\"x\":[]}}{\"c\":3}", "LowerRecords {\"a\":1}|Lines {\"c\":3}")]
    [InlineData("[{\"records\":[{\"a\":1}]},{\"b\":2},{\"records\":[]}]", "LowerRecords {\"a\":1}|Array {\"b\":2}")]
    [InlineData("{\"NextToken\":\"x\",\"Events\":[{\"a\":1}]}{\"Events\":{}}", "Events {\"a\":1}|Lines {\"Events\":{}}")]
    [InlineData("{\"records\":\"none\"}{\"a\":\"records\",\"b\":[1]}", "Lines {\"records\":\"none\"}|Lines {\"a\":\"records\",\"b\":[1]}")]
    [InlineData("{\"eventName\":\"x\",\"records\":[1]}", "Lines {\"eventName\":\"x\",\"records\":[1]}")]
    [InlineData("\"{\\\"a\\\":1}\" 5 null", "Lines \"{\\\"a\\\":1}\"|Lines 5|Lines null")]
    [InlineData("[[1,2],\"x\"]", "Array [1,2]|Array \"x\"")]
    [InlineData("", "")]
    [InlineData(" \r\n", "")]
    [InlineData("[]", "")]
    public async Task Records_come_out_as_they_stand_and_know_what_stood_around_them(string input, string expected)
    {
        foreach (var piece in new[] { 1, 2, 3, 7, 10_000 })
            Assert.Equal(expected, await SplitAsync(input, piece));
    }

    [Theory]
    [InlineData("{\"a\":\n{\"b\":2}\n{\"c\":3}", "! {\"a\":\n|Lines {\"b\":2}|Lines {\"c\":3}")]
    [InlineData("{\"a\":1\n{\"b\":2}", "! {\"a\":1\n|Lines {\"b\":2}")]
    [InlineData("{\"a\":\"cut\n{\"b\":2}", "! {\"a\":\"cut\n|Lines {\"b\":2}")]
    [InlineData("{\"a\":x} {\"z\":1}\n{\"b\":2}", "! {\"a\":x} {\"z\":1}\n|Lines {\"b\":2}")]
    [InlineData("hello\n{\"b\":2}", "! hello\n|Lines {\"b\":2}")]
    [InlineData("{\"a\":1", "! {\"a\":1")]
    [InlineData("{\"a\":1,", "! {\"a\":1,")]
    [InlineData("\"open", "! \"open")]
    [InlineData("]\n{\"b\":2}", "! ]\n|Lines {\"b\":2}")]
    [InlineData("[{\"a\":1},{bad},{\"c\":3}]", "Array {\"a\":1}|! {bad}|Array {\"c\":3}")]
    [InlineData("[{\"a\":1}", "Array {\"a\":1}|! ")]
    [InlineData("[{\"a\":1},\n{\"b\":\"cut,\n{\"c\":3},\n{\"d\":4}\n]\n", "Array {\"a\":1}|! {\"b\":\"cut,\n|Array {\"c\":3}|Array {\"d\":4}")]
    [InlineData("{\"records\":[{\"a\":1}],\"eventName\":\"x\"}{\"b\":2}", "LowerRecords {\"a\":1}|! ,\"eventName\":\"x\"}|Lines {\"b\":2}")]
    [InlineData("{\"records\":[{\"a\":1}],\"records\":[2]}", "LowerRecords {\"a\":1}|! ,\"records\":[2]}")]
    public async Task A_broken_record_costs_its_neighbours_nothing(string input, string expected)
    {
        foreach (var piece in new[] { 1, 2, 3, 7, 10_000 })
            Assert.Equal(expected, await SplitAsync(input, piece));
    }

    [Fact]
    public async Task Numbers_lines_and_places_count_from_the_beginning_of_the_input()
    {
        using var splitter = new RecordSplitter(new MemoryStream("{\"a\":1}\n\n[\n{\"b\":2},\n{\"c\":3}]"u8.ToArray()), Max, hashes: true);
        var found = new List<(long, long, long)>();
        while (await splitter.ReadAsync(CancellationToken.None) is { } record)
        {
            splitter.Consume();
            found.Add((record.Number, record.Line, splitter.Position.Bytes));
        }

        Assert.Equal([(1, 1, 7), (2, 4, 18), (3, 5, 27)], found);
        Assert.Equal(64, splitter.Position.Sha256.Length);
    }

    [Fact]
    public async Task A_record_that_is_too_large_is_refused_in_bounded_memory_and_the_next_line_is_read()
    {
        var large = $"{{\"a\":\"{new string('x', 3 * Max)}\"}}\n{{\"b\":2}}\n";
        using var splitter = new RecordSplitter(new MemoryStream(Encoding.UTF8.GetBytes(large)), Max, hashes: false);
        var first = (await splitter.ReadAsync(CancellationToken.None))!.Value;
        Assert.Contains("at most 1,048,576 bytes", first.Fault, StringComparison.Ordinal);
        Assert.InRange(first.Bytes.Length, Max, 2 * Max);
        Assert.Equal("{\"b\":2}", Encoding.UTF8.GetString((await splitter.ReadAsync(CancellationToken.None))!.Value.Bytes.Span));
        Assert.Null(await splitter.ReadAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Whatever_the_bytes_splitting_ends_and_whole_records_before_the_damage_are_found()
    {
        var random = new Random(7);
        for (var round = 0; round < 2_000; round++)
        {
            var good = string.Concat(Enumerable.Range(0, random.Next(5)).Select(i => $"{{\"n\":{i}}}\n"));
            var garbage = new byte[random.Next(200)];
            random.NextBytes(garbage);
            for (var i = 0; i < garbage.Length; i++)
            {
                if (random.Next(3) > 0)
                    garbage[i] = (byte)"{}[]\",:\n\\ar1 "[random.Next(13)];
            }

            var input = Encoding.UTF8.GetBytes(good).Concat(garbage).ToArray();
            using var splitter = new RecordSplitter(new Pieces(input, random.Next(1, 50)), 100, hashes: false);
            var count = 0;
            while (await splitter.ReadAsync(CancellationToken.None) is { } record)
            {
                if (count < good.Count(static c => c == '\n'))
                    Assert.Equal($"{{\"n\":{count}}}", Encoding.UTF8.GetString(record.Bytes.Span));
                Assert.True(++count < 1_000, $"round {round} does not end");
            }

            Assert.True(count >= good.Count(static c => c == '\n'));
        }
    }

    private static async Task<string> SplitAsync(string input, int piece)
    {
        using var splitter = new RecordSplitter(new Pieces(Encoding.UTF8.GetBytes(input), piece), Max, hashes: true);
        var found = new List<string>();
        while (await splitter.ReadAsync(CancellationToken.None) is { } record)
            found.Add($"{(record.Fault is null ? record.Form : "!")} {Encoding.UTF8.GetString(record.Bytes.Span)}");
        return string.Join('|', found);
    }

    /// <summary>Gives a few bytes at a time, as pipes do.</summary>
    private sealed class Pieces(byte[] content, int size) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }
}
