using System.IO.Compression;
using System.Text;
using ActionTrail.Events;

namespace ActionTrail.Tests.Events;

public class RefusalTests
{
    [Theory]
    [InlineData("eventName")]
    [InlineData("eventTime")]
    [InlineData("serviceName")]
    [InlineData("recipientAccountId")]
    public void A_required_field_that_is_absent_null_or_empty_is_missing(string field)
    {
        var start = Samples.Minimal.IndexOf($"\"{field}\":", StringComparison.Ordinal);
        var end = Samples.Minimal.IndexOfAny([',', '}'], Samples.Minimal.IndexOf("\":\"", start, StringComparison.Ordinal));
        foreach (var replacement in (string[])["\"x\":1", $"\"{field}\":null", $"\"{field}\":\"\""])
        {
            var reason = RecordingSink.Of(Samples.Minimal[..start] + replacement + Samples.Minimal[end..]).Only();
            Assert.Equal((RejectCode.Missing, "/" + field), (reason.Code, reason.Field));
            Assert.Contains(field == "recipientAccountId" ? "must name its account" : "required", reason.Rule, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("\"eventType\":1", "/eventType", "a string")]
    [InlineData("\"errorCode\":404", "/errorCode", "a string")]
    [InlineData("\"requestId\":{\"a\":[1]}", "/requestId", "a string")]
    [InlineData("\"acsRegion\":[\"x\"]", "/acsRegion", "a string")]
    [InlineData("\"sourceIpAddress\":true", "/sourceIpAddress", "a string")]
    [InlineData("\"eventVersion\":1.5", "/eventVersion", "integer")]
    [InlineData("\"eventVersion\":1e999", "/eventVersion", "integer")]
    [InlineData("\"eventVersion\":[]", "/eventVersion", "integer")]
    [InlineData("\"isGlobal\":\"true\"", "/isGlobal", "true or false")]
    [InlineData("\"requestParameters\":\"{}\"", "/requestParameters", "an object")]
    [InlineData("\"responseElements\":[]", "/responseElements", "an object")]
    [InlineData("\"additionalEventData\":1", "/additionalEventData", "an object")]
    [InlineData("\"eventAttributes\":\"x\"", "/eventAttributes", "an object")]
    [InlineData("\"eventAttributes\":{\"SensitiveAction\":1}", "/eventAttributes/SensitiveAction", "a string")]
    [InlineData("\"referencedResources\":[]", "/referencedResources", "an object")]
    [InlineData("\"referencedResources\":{\"Vm\":\"a\"}", "/referencedResources", "array of strings")]
    [InlineData("\"referencedResources\":{\"Vm\":[[]]}", "/referencedResources", "array of strings")]
    [InlineData("\"userIdentity\":\"root\"", "/userIdentity", "an object")]
    [InlineData("\"userIdentity\":{\"type\":1}", "/userIdentity/type", "a string")]
    [InlineData("\"userIdentity\":{\"accountId\":1}", "/userIdentity/accountId", "a string")]
    [InlineData("\"userIdentity\":{\"principalId\":[]}", "/userIdentity/principalId", "a string")]
    [InlineData("\"userIdentity\":{\"userName\":{}}", "/userIdentity/userName", "a string")]
    [InlineData("\"userIdentity\":{\"accessKeyId\":false}", "/userIdentity/accessKeyId", "a string")]
    [InlineData("\"userIdentity\":{\"sessionContext\":\"x\"}", "/userIdentity/sessionContext", "an object")]
    public void A_wrong_type_names_field_and_rule_and_leaves_the_neighbours(string member, string field, string rule)
    {
        var sink = RecordingSink.Of($"[{Samples.Minimal},{Samples.With(member)},{Samples.Full}]");
        Assert.Equal([Samples.Minimal, Samples.Full], sink.Accepted.Select(a => a.Body));
        var (record, reason, index) = Assert.Single(sink.Rejected);
        Assert.Equal((Samples.With(member), RejectCode.WrongType, field, 1), (record, reason.Code, reason.Field, index));
        Assert.Contains(rule, reason.Rule, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"eventVersion\":\"1\"")]
    [InlineData("\"eventVersion\":2")]
    [InlineData("\"isGlobal\":true")]
    [InlineData("\"userIdentity\":null,\"referencedResources\":null,\"errorCode\":null,\"eventRW\":\"\"")]
    [InlineData("\"userIdentity\":{\"sessionContext\":null,\"type\":null,\"invokedBy\":[{}]}")]
    public void Nulls_and_either_kind_of_version_are_fine(string member) => Assert.Single(RecordingSink.Of(Samples.With(member)).Accepted);

    [Theory]
    [InlineData("\"eventRW\":\"write\"", "/eventRW", "Read or Write")]
    [InlineData("\"eventName\":\"again\"", "/eventName", "twice")]
    [InlineData("\"event\\u004eame\":\"again\"", "/eventName", "twice")]
    [InlineData("\"recipientAccountId\":\"acct-1\"", "/recipientAccountId", "twice")]
    [InlineData("\"requestParameters\":{},\"requestParameters\":{}", "/requestParameters", "twice")]
    [InlineData("\"userIdentity\":{\"userName\":\"a\",\"userName\":\"b\"}", "/userIdentity/userName", "twice")]
    [InlineData("\"eventAttributes\":{\"SensitiveAction\":true,\"SensitiveAction\":false}", "/eventAttributes/SensitiveAction", "twice")]
    public void A_bad_or_doubled_value_names_field_and_rule(string member, string field, string rule)
    {
        var reason = RecordingSink.Of(Samples.With(member)).Only();
        Assert.Equal((RejectCode.BadValue, field), (reason.Code, reason.Field));
        Assert.Contains(rule, reason.Rule, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-a")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("é")]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234")]
    public void An_account_id_follows_its_grammar(string account)
    {
        Assert.False(AccountIds.IsValid(account));
        var reason = RecordingSink.Of(Samples.Minimal.Replace("acct-1", account, StringComparison.Ordinal)).Only();
        Assert.Equal("/recipientAccountId", reason.Field);
        Assert.Equal(account.Length == 0 ? RejectCode.Missing : RejectCode.BadValue, reason.Code);
        var inIdentity = RecordingSink.Of(Samples.With($"\"userIdentity\":{{\"accountId\":\"{account}\"}}").Replace("acct-1", "", StringComparison.Ordinal)).Only();
        Assert.Equal(account.Length == 0 ? "/recipientAccountId" : "/userIdentity/accountId", inIdentity.Field);
    }

    [Theory]
    [InlineData("a\\tb")]
    [InlineData("é")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789")]
    public void An_event_id_is_short_printable_ascii(string id)
    {
        var reason = RecordingSink.Of(Samples.Minimal.Replace("e-1", id, StringComparison.Ordinal)).Only();
        Assert.Equal((RejectCode.BadValue, "/eventId"), (reason.Code, reason.Field));
    }

    [Theory]
    [InlineData("\"requestId\":\"\\ud83d\"", "/requestId")]
    [InlineData("\"requestId\":\"\\ude00\\ud83d\"", "/requestId")]
    [InlineData("\"requestId\":\"\\uD83Dx\"", "/requestId")]
    [InlineData("\"userIdentity\":{\"userName\":\"\\udc00\"}", "/userIdentity/userName")]
    [InlineData("\"referencedResources\":{\"\\udc00\":[]}", "/referencedResources")]
    [InlineData("\"referencedResources\":{\"a\":[\"\\udc00\"]}", "/referencedResources")]
    public void Half_a_surrogate_pair_in_a_known_field_is_refused(string member, string field)
    {
        var reason = RecordingSink.Of(Samples.With(member)).Only();
        Assert.Equal((RejectCode.BadEncoding, field), (reason.Code, reason.Field));
    }

    [Theory]
    [InlineData("\"x\":\"\\ud83d\"")]
    [InlineData("\"\\ud83d\":1")]
    [InlineData("\"requestId\":\"\\\\ud83d\"")]
    [InlineData("\"requestId\":\"\\ud83d\\ude00\"")]
    public void Other_escapes_are_kept(string member) => Assert.Equal(Samples.With(member), Assert.Single(RecordingSink.Of(Samples.With(member)).Accepted).Body);

    [Fact]
    public void Bytes_that_are_no_utf8_cost_only_their_own_record()
    {
        foreach (var bad in (byte[][])[[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]])
        {
            foreach (var (head, tail) in ((string, string)[])[("[", "]"), ("{\"records\":[", "]}")])
            {
                byte[] message = [.. Bytes(head + Samples.Minimal + ",{\"x\\n\":\"\\n"), .. bad, .. Bytes("\",\"eventName\\n\":1}," + Samples.Full + tail)];
                var sink = RecordingSink.Of(message);
                Assert.Equal([Samples.Minimal, Samples.Full], sink.Accepted.Select(a => a.Body));
                Assert.Equal(RejectCode.BadEncoding, Assert.Single(sink.Rejected).Reason.Code);
            }
        }
    }

    [Fact]
    public void Depth_is_counted_from_the_event()
    {
        static string Nested(int levels) => Samples.With("\"x\":" + new string('[', levels - 1) + new string(']', levels - 1));
        Assert.Single(RecordingSink.Of($"{{\"records\":[{Nested(60)}]}}").Accepted);
        var sink = RecordingSink.Of($"[{Nested(61)},{Samples.Minimal},{Nested(1_000_000)},{Samples.Full}]");
        Assert.Equal([Samples.Minimal, Samples.Full], sink.Accepted.Select(a => a.Body));
        Assert.Equal([RejectCode.TooDeep, RejectCode.TooLarge], sink.Rejected.Select(r => r.Reason.Code));
        Assert.Equal(RejectCode.Malformed, RecordingSink.Of(new string('[', 1_000_000)).Only().Code);
        Assert.Equal(RejectCode.Malformed, RecordingSink.Of(string.Concat(Enumerable.Repeat("{\"a\":", 200_000))).Only().Code);
    }

    [Fact]
    public void An_event_of_one_mebibyte_is_taken_and_one_byte_more_is_not()
    {
        string Padded(int size) => Samples.With("\"x\":\"" + new string('y', size - Samples.With("\"x\":\"\"").Length) + "\"");
        Assert.Single(RecordingSink.Of(Padded(1 << 20)).Accepted);
        var sink = RecordingSink.Of($"[{Padded((1 << 20) + 1)},{Samples.Minimal}]");
        Assert.Equal(RejectCode.TooLarge, Assert.Single(sink.Rejected).Reason.Code);
        Assert.Single(sink.Accepted);
    }

    [Fact]
    public void An_event_has_at_most_1024_different_searchable_values()
    {
        static string Many(int names) => Samples.With("\"referencedResources\":{\"Vm\":[" + string.Join(',', Enumerable.Range(0, names).Select(i => $"\"{i}\",\"{i}\"")) + "]}");
        var sink = RecordingSink.Of(Many(1020));
        Assert.Equal(1024, Assert.Single(sink.Accepted).Values.Count);
        var reason = RecordingSink.Of(Many(1021)).Only();
        Assert.Equal((RejectCode.TooManyValues, "/referencedResources"), (reason.Code, reason.Field));
    }

    [Theory]
    [InlineData("{\"Records\":[{\"id\":\"1\"}]}")]
    [InlineData("{}")]
    public void Other_forms_are_unknown(string message) => Assert.Equal(RejectCode.UnknownFormat, RecordingSink.Of(message).Only().Code);

    [Fact]
    public void A_gzip_bomb_is_refused_with_little_memory()
    {
        var bomb = Gzip(new byte[100 << 20]);
        var sink = new RecordingSink();
        var normalizer = new MessageNormalizer(new NormalizerOptions());
        var before = GC.GetAllocatedBytesForCurrentThread();
        normalizer.Normalize(bomb, RecordingSink.Origin(), sink);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100 << 20);
        Assert.Equal(RejectCode.TooLarge, sink.Only().Code);
        Assert.Equal(bomb.Length, sink.Rejected[0].Record.Length);
    }

    [Fact]
    public void Gzip_inflates_to_its_limit_and_no_further()
    {
        var message = Bytes(Samples.Full);
        Assert.Single(RecordingSink.Of(Gzip(message), new NormalizerOptions { MaxInflatedBytes = message.Length }).Accepted);
        Assert.Equal(RejectCode.TooLarge, RecordingSink.Of(Gzip(message), new NormalizerOptions { MaxInflatedBytes = message.Length - 1 }).Only().Code);
    }

    [Fact]
    public void Damaged_gzip_is_malformed_whole()
    {
        var good = Gzip(Bytes("[" + string.Join(',', Enumerable.Repeat(Samples.Full, 50)) + "]"));
        for (var cut = 2; cut < good.Length; cut++)
        {
            var sink = RecordingSink.Of(good.AsSpan(0, cut));
            Assert.Equal((RejectCode.Malformed, cut), (sink.Only().Code, sink.Rejected[0].Record.Length));
        }

        Assert.Equal(RejectCode.Malformed, RecordingSink.Of([.. good, 0]).Only().Code);
        good[^6] ^= 1;
        Assert.Equal(RejectCode.Malformed, RecordingSink.Of(good).Only().Code);
    }

    [Fact]
    public void What_the_sink_throws_is_passed_on() =>
        Assert.Throws<System.Text.Json.JsonException>(() => new MessageNormalizer(new NormalizerOptions()).Normalize(Bytes(Samples.Minimal), RecordingSink.Origin(), new ThrowingSink()));

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Gzip(byte[] bytes)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Optimal))
        {
            gzip.Write(bytes);
        }

        return memory.ToArray();
    }

    private sealed class ThrowingSink : INormalizedSink
    {
        public void Accept(ReadOnlySpan<byte> body, EventFacts facts, int index) => throw new System.Text.Json.JsonException("from the sink");

        public void Reject(ReadOnlySpan<byte> record, Rejection reason, int index) => Assert.Fail(reason.Rule);
    }
}
