using System.IO.Compression;
using System.Text;
using ActionTrail.Events;

namespace ActionTrail.Tests.Events;

public class SplittingTests
{
    private static readonly string One = Samples.Minimal;
    private static readonly string Two = Samples.Minimal.Replace("e-1", "e-2", StringComparison.Ordinal);

    public static TheoryData<string> EnvelopesOfTwo => new(
        $"[{One},{Two}]",
        $" [ {One} , {Two} ] \r\n",
        $"{One}\n{Two}",
        $"{One}\r\n\r\n{Two}\n",
        $"{One}{Two}",
        $"[{One}]\n[{Two}]",
        $"{{\"records\":[{One},{Two}]}}",
        $"{{\"PartitionId\":3,\"records\":[{One},{Two}],\"EventProcessedUtcTime\":\"x\"}}",
        $"[{{\"records\":[{One}]}},{{\"records\":[{Two}],\"PartitionId\":1}}]",
        $"{{\"records\":[{One}]}}\n{{\"records\":[{Two}]}}",
        $"\uFEFF[{One},{Two}]",
        Quote($"[{One},{Two}]"),
        $"[{Quote(One)},{Quote(Two)}]",
        $"{{\"records\":[{One}],\"records\":[{Two}]}}");

    [Theory]
    [MemberData(nameof(EnvelopesOfTwo))]
    public void Every_envelope_yields_its_records_in_order(string message)
    {
        var plain = RecordingSink.Of(message);
        Assert.Empty(plain.Rejected);
        Assert.Equal([(One, 0), (Two, 1)], plain.Accepted.Select(a => (a.Body, a.Index)));

        var bytes = Encoding.UTF8.GetBytes(message);
        var half = bytes.Length / 2;
        var gzip = RecordingSink.Of([.. Gzip(bytes[..half]), .. Gzip(bytes[half..])]);
        Assert.Equal(plain.Accepted.Select(a => a.Body), gzip.Accepted.Select(a => a.Body));
        Assert.Empty(gzip.Rejected);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"records\":[]}")]
    public void An_empty_array_holds_no_records(string message) => Assert.Equal(0, RecordingSink.Of(message).Count);

    [Theory]
    [InlineData("")]
    [InlineData(" \r\n\t")]
    [InlineData("\uFEFF")]
    public void An_empty_message_is_malformed(string message)
    {
        var reason = RecordingSink.Of(message).Only();
        Assert.Equal(RejectCode.Malformed, reason.Code);
        Assert.Contains("at least one record", reason.Rule, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{}")]
    [InlineData("{\"eventName\":\"x\"}")]
    [InlineData("{\"specversion\":\"1.0\",\"id\":\"4\"}")]
    public void A_bad_element_of_an_array_leaves_its_neighbours(string bad)
    {
        var sink = RecordingSink.Of($"[{One},{bad},{Two}]");
        Assert.Equal([(One, 0), (Two, 2)], sink.Accepted.Select(a => (a.Body, a.Index)));
        Assert.Equal((bad, 1), (sink.Rejected[0].Record, sink.Rejected[0].Index));
    }

    [Fact]
    public void A_broken_array_yields_what_came_before_and_the_rest_as_one_record()
    {
        var sink = RecordingSink.Of($"[{One},{Two},{{\"a\":,{One}]");
        Assert.Equal([One, Two], sink.Accepted.Select(a => a.Body));
        var (record, reason, _) = Assert.Single(sink.Rejected);
        Assert.Equal($"{{\"a\":,{One}]", record);
        Assert.Equal(RejectCode.Malformed, reason.Code);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData(",", ",")]
    [InlineData("}", "}")]
    public void An_array_that_is_not_closed_says_so(string end, string rest)
    {
        var sink = RecordingSink.Of($"[{One}{end}");
        Assert.Equal([One], sink.Accepted.Select(a => a.Body));
        Assert.Equal(rest, Assert.Single(sink.Rejected).Record);
    }

    [Theory]
    [InlineData("{\"a\":")]
    [InlineData("{\"a\":\"open")]
    [InlineData("x")]
    [InlineData("{\"a\":1}}")]
    [InlineData("{\n  \"a\": [\n    {},\n")]
    [InlineData("]")]
    public void A_broken_line_leaves_its_neighbours(string bad)
    {
        var sink = RecordingSink.Of($"{One}\n{bad}\n{Two}\n{bad}\n{One}");
        Assert.Equal([One, Two, One], sink.Accepted.Select(a => a.Body));
        Assert.All(sink.Rejected, r => Assert.True(r.Reason.Code is RejectCode.Malformed or RejectCode.UnknownFormat));
        Assert.NotEmpty(sink.Rejected);
    }

    [Fact]
    public void What_trails_an_event_is_refused_by_itself()
    {
        var sink = RecordingSink.Of(One + " garbage");
        Assert.Equal(One, Assert.Single(sink.Accepted).Body);
        Assert.Equal(" garbage", Assert.Single(sink.Rejected).Record);
    }

    [Fact]
    public void An_object_with_records_and_event_fields_is_refused_besides_its_records()
    {
        var sink = RecordingSink.Of($"{{\"records\":[{One}],\"eventName\":\"x\"}}");
        Assert.Single(sink.Accepted);
        Assert.Equal("/records", Assert.Single(sink.Rejected).Reason.Field);
    }

    [Fact]
    public void An_event_may_have_an_unknown_field_called_records()
    {
        var sent = Samples.With("\"records\":[1]");
        Assert.Equal(sent, Assert.Single(RecordingSink.Of(sent).Accepted).Body);
    }

    [Fact]
    public void Text_in_text_is_read_one_level_deep()
    {
        Assert.Equal(RejectCode.Malformed, RecordingSink.Of(Quote(Quote(One))).Only().Code);
        Assert.Equal(RejectCode.BadEncoding, RecordingSink.Of("\"{\\ud800}\"").Only().Code);
    }

    [Fact]
    public void Records_beyond_the_limit_of_broken_ones_are_refused_together()
    {
        foreach (var message in (string[])["[" + string.Join(',', Enumerable.Repeat("1", 5000)) + "]", string.Concat(Enumerable.Repeat("{x\n", 5000)), string.Concat(Enumerable.Repeat("1\n", 5000))])
        {
            var sink = RecordingSink.Of(message);
            Assert.Equal(1001, sink.Rejected.Count);
            Assert.Contains("too many", sink.Rejected[^1].Reason.Rule, StringComparison.Ordinal);
        }
    }

    private static string Quote(string text) => "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";

    private static byte[] Gzip(byte[] bytes)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return memory.ToArray();
    }
}
