using System.Text;
using ActionTrail.Events;
using ActionTrail.Layout;

namespace ActionTrail.Tests.Events;

public class NativeEventTests
{
    [Fact]
    public void An_event_is_stored_byte_for_byte()
    {
        var sink = RecordingSink.Of("  " + Samples.Full + "\n");
        Assert.Empty(sink.Rejected);
        Assert.Equal(Samples.Full, Assert.Single(sink.Accepted).Body);
    }

    [Fact]
    public void Facts_hold_account_time_and_every_searchable_value()
    {
        var (_, account, time, values, index) = Assert.Single(RecordingSink.Of(Samples.Full).Accepted);
        Assert.Equal("acct-2", account);
        Assert.Equal(new DateTimeOffset(2026, 6, 15, 8, 15, 30, TimeSpan.Zero).ToUnixTimeMilliseconds(), time);
        Assert.Equal(0, index);
        (EventAttribute, string)[] expected =
        [
            (EventAttribute.EventId, "6f0d2c1a-1"), (EventAttribute.EventType, "ApiCall"), (EventAttribute.EventName, "StopVm"),
            (EventAttribute.EventRW, "Write"), (EventAttribute.ServiceName, "Compute"), (EventAttribute.Region, "north-1"),
            (EventAttribute.RequestId, "req-77"), (EventAttribute.ResourceType, "Vm"), (EventAttribute.ResourceType, "Disk"),
            (EventAttribute.ResourceName, "vm-1"), (EventAttribute.ResourceName, "disk-9"), (EventAttribute.ResourceType, "Net"),
            (EventAttribute.ResourceName, "net-1"), (EventAttribute.ResourceName, "net-2"), (EventAttribute.SourceIpAddress, "203.0.113.9"),
            (EventAttribute.SensitiveAction, "true"), (EventAttribute.PrincipalId, "role-5:nightly"), (EventAttribute.User, "operators:nightly"),
            (EventAttribute.AccessKeyId, "AK-3"), (EventAttribute.RoleName, "operators"),
        ];
        Assert.Equal(expected.Select(e => (e.Item1, Hash64.Of(e.Item2))), values);
    }

    [Fact]
    public void Every_value_that_was_indexed_is_found_again_in_the_stored_event()
    {
        var body = Encoding.UTF8.GetBytes(Assert.Single(RecordingSink.Of(Samples.Full).Accepted).Body);
        Assert.True(EventMatcher.Has(body, EventAttribute.RoleName, "operators"u8));
        Assert.True(EventMatcher.Has(body, EventAttribute.ResourceName, "net-2"u8));
        Assert.True(EventMatcher.Has(body, EventAttribute.ResourceType, "Disk"u8));
        Assert.True(EventMatcher.Has(body, EventAttribute.SensitiveAction, "true"u8));
        Assert.False(EventMatcher.Has(body, EventAttribute.EventName, "stopvm"u8));
        Assert.False(EventMatcher.Has(body, EventAttribute.ErrorCode, ""u8));
        Assert.False(EventMatcher.Has(body, EventAttribute.User, "operators"u8));
        Assert.Equal("6f0d2c1a-1", EventMatcher.EventId(body));
        Assert.Null(EventMatcher.EventId("{}"u8));
    }

    [Fact]
    public void Escaped_values_are_indexed_and_found_unescaped()
    {
        var sink = RecordingSink.Of(Samples.With("""
            "source\u0049pAddress":"a\/\u00e9\ud83d\ude00"
            """));
        Assert.Contains((EventAttribute.SourceIpAddress, Hash64.Of("a/é😀")), sink.Accepted[0].Values);
        Assert.True(EventMatcher.Has(Encoding.UTF8.GetBytes(sink.Accepted[0].Body), EventAttribute.SourceIpAddress, "a/é😀"u8));
    }

    [Fact]
    public void The_recipient_account_wins_over_the_account_of_the_identity()
    {
        Assert.Equal("acct-1", RecordingSink.Of(Samples.With("\"userIdentity\":{\"accountId\":\"!\"}")).Accepted[0].Account);
        Assert.Equal("b", RecordingSink.Of(Samples.With("\"userIdentity\":{\"accountId\":\"b\"}").Replace("acct-1", "", StringComparison.Ordinal)).Accepted[0].Account);
    }

    [Theory]
    [InlineData("\"eventAttributes\":{\"SensitiveAction\":true}", true)]
    [InlineData("\"eventAttributes\":{\"SensitiveAction\":\"true\"}", true)]
    [InlineData("\"eventAttributes\":{\"SensitiveAction\":\"false\"}", false)]
    [InlineData("\"eventAttributes\":{\"SensitiveAction\":false,\"x\":true}", false)]
    [InlineData("\"eventAttributes\":null", false)]
    public void Sensitive_is_the_string_or_the_boolean_true(string member, bool isSensitive)
    {
        var values = RecordingSink.Of(Samples.With(member)).Accepted[0].Values;
        Assert.Equal(isSensitive, values.Contains((EventAttribute.SensitiveAction, Hash64.Of("true"))));
    }

    [Fact]
    public void An_event_without_id_gets_the_id_of_its_own_bytes_as_first_member()
    {
        var bare = Samples.Minimal.Replace("\"eventId\":\"e-1\",", " ", StringComparison.Ordinal);
        var sink = RecordingSink.Of(bare + "\n" + bare);
        var id = EventMatcher.EventId(Encoding.UTF8.GetBytes(sink.Accepted[0].Body))!;
        Assert.Equal(id, new Guid(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(bare)).AsSpan(0, 16), bigEndian: true).ToString());
        Assert.Equal($"{{\"eventId\":\"{id}\"," + bare[1..], sink.Accepted[0].Body);
        Assert.Equal(sink.Accepted[0].Body, sink.Accepted[1].Body);
        Assert.Contains((EventAttribute.EventId, Hash64.Of(id)), sink.Accepted[0].Values);
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("null")]
    public void An_empty_id_is_replaced_where_it_stands_so_that_the_key_stays_single(string empty)
    {
        var sent = Samples.Minimal.Replace("\"e-1\"", empty, StringComparison.Ordinal);
        var body = RecordingSink.Of($"[ 1,{sent}]").Accepted[0].Body;
        var id = EventMatcher.EventId(Encoding.UTF8.GetBytes(body));
        Assert.Equal(Samples.Minimal.Replace("e-1", id, StringComparison.Ordinal), body);
    }

    [Theory]
    [InlineData("2026-06-15T11:00:00Z", 0)]
    [InlineData("2026-06-15T11:00:00.5Z", 500)]
    [InlineData("2026-06-15T11:00:00.123456789Z", 123)]
    [InlineData("2026-06-15T13:30:00+02:30", 0)]
    [InlineData("2026-06-15T09:00:00.001-02:00", 1)]
    public void Iso_times_are_read(string time, int milliseconds)
    {
        var sink = RecordingSink.Of(Samples.Minimal.Replace("2026-06-15T11:59:58Z", time, StringComparison.Ordinal));
        Assert.Equal(new DateTimeOffset(2026, 6, 15, 11, 0, 0, milliseconds, TimeSpan.Zero).ToUnixTimeMilliseconds(), sink.Accepted[0].TimeMs);
    }

    [Theory]
    [InlineData("2026-06-15 11:00:00Z")]
    [InlineData("2026-06-15T11:00:00")]
    [InlineData("2026-06-15T11:00:00z")]
    [InlineData("2026-06-15T11:00Z")]
    [InlineData("2026-06-15T24:00:00Z")]
    [InlineData("2026-06-15T11:00:60Z")]
    [InlineData("2026-02-29T11:00:00Z")]
    [InlineData("2026-13-01T11:00:00Z")]
    [InlineData("0000-01-01T11:00:00Z")]
    [InlineData("2026-06-15T11:00:00.1234567890Z")]
    [InlineData("2026-06-15T11:00:00+14:01")]
    [InlineData("2026-06-15T11:00:00+0200")]
    [InlineData("2026-06-15T11:00:00.")]
    [InlineData("+026-06-15T11:00:00Z")]
    [InlineData("yesterday")]
    public void Other_times_are_refused(string time)
    {
        var reason = RecordingSink.Of(Samples.Minimal.Replace("2026-06-15T11:59:58Z", time, StringComparison.Ordinal)).Only();
        Assert.Equal(RejectCode.BadValue, reason.Code);
        Assert.Equal("/eventTime", reason.Field);
        Assert.Contains("nine fraction digits", reason.Rule, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-03-17T12:00:00Z", null)]
    [InlineData("2026-03-17T11:59:59.999Z", RejectCode.TooOld)]
    [InlineData("2026-06-16T12:00:00Z", null)]
    [InlineData("2026-06-16T12:00:00.001Z", RejectCode.TooFarAhead)]
    [InlineData("0001-01-01T00:00:00+14:00", RejectCode.TooOld)]
    [InlineData("9999-12-31T23:59:59-14:00", RejectCode.TooFarAhead)]
    public void Times_are_judged_from_the_receive_time_to_the_millisecond(string time, RejectCode? code)
    {
        var sink = RecordingSink.Of(Samples.Minimal.Replace("2026-06-15T11:59:58Z", time, StringComparison.Ordinal));
        Assert.Equal(code is null ? 1 : 0, sink.Accepted.Count);
        if (code is not null)
        {
            Assert.Equal((code, "/eventTime"), (sink.Only().Code, sink.Only().Field));
        }
    }
}
