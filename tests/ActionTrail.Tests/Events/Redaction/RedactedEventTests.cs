using System.Diagnostics.Metrics;
using System.Text;
using ActionTrail.Events;

namespace ActionTrail.Tests.Events.Redaction;

public class RedactedEventTests
{
    [Fact]
    public void An_event_without_secrets_is_stored_byte_for_byte() => Assert.Equal(Samples.Full, Assert.Single(RecordingSink.Of(Samples.Full).Accepted).Body);

    [Fact]
    public void What_is_stored_and_searched_by_is_the_masked_event()
    {
        var sink = RecordingSink.Of(Samples.With("\"requestParameters\":{\"password\":\"x\"},\"resourceName\":\"AccountKey=y;\""));

        var stored = Assert.Single(sink.Accepted);
        Assert.EndsWith("\"requestParameters\":{\"password\":\"***\"},\"resourceName\":\"AccountKey=***;\"}", stored.Body, StringComparison.Ordinal);
        var bytes = Encoding.UTF8.GetBytes(stored.Body);
        Assert.True(EventMatcher.Has(bytes, EventAttribute.ResourceName, "AccountKey=***"u8));
        Assert.Contains((EventAttribute.ResourceName, Layout.Hash64.Of("AccountKey=***")), stored.Values);
        Assert.DoesNotContain((EventAttribute.ResourceName, Layout.Hash64.Of("AccountKey=y")), stored.Values);
    }

    [Theory]
    [InlineData("")]
    [InlineData(",\"eventId\":\"\"")]
    [InlineData(",\"eventId\": null ")]
    public void A_derived_id_is_of_the_bytes_as_sent(string eventId)
    {
        string Event(string password) =>
            $$$"""{"eventName":"A"{{{eventId}}},"requestParameters":{"password":"{{{password}}}"},"eventTime":"2026-06-15T11:59:58Z","serviceName":"C","recipientAccountId":"a"}""";

        string?[] ids = [.. new[] { "one", "two", "one" }.Select(p => EventMatcher.EventId(Encoding.UTF8.GetBytes(RecordingSink.Of(Event(p)).Accepted[0].Body)))];
        var unmasked = new NormalizerOptions { Redaction = null };

        Assert.NotEqual(ids[0], ids[1]);
        Assert.Equal(ids[0], ids[2]);
        Assert.Equal(ids[0], EventMatcher.EventId(Encoding.UTF8.GetBytes(RecordingSink.Of(Encoding.UTF8.GetBytes(Event("one")), unmasked).Accepted[0].Body)));
    }

    [Fact]
    public void A_mapped_event_has_no_secret_in_its_fields_nor_in_its_original()
    {
        const string Record = """
            {"time":"2026-06-15T11:00:00Z","resourceId":"/subscriptions/c1f0e2d3-0000-4000-8000-0123456789ab/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/s","operationName":"MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION","category":"Administrative","resultType":"Success","correlationId":"c-1","properties":{"responseBody":"{\"keys\":[{\"keyName\":\"key1\",\"value\":\"planted\"}]}","requestbody":"{\"p\":{\"adminPassword\":\"planted\"}}"}}
            """;
        var sink = RecordingSink.Of(Record);

        var body = Assert.Single(sink.Accepted).Body;
        Assert.DoesNotContain("planted", body, StringComparison.Ordinal);
        var original = OriginalRecord.Find(Encoding.UTF8.GetBytes(body))!.Value;
        Assert.Equal(Record.Trim().Replace("planted", "***", StringComparison.Ordinal), Encoding.UTF8.GetString(original.Of(Encoding.UTF8.GetBytes(body))));
    }

    [Fact]
    public void A_refused_record_keeps_its_bytes_for_quarantine()
    {
        var record = Samples.With("\"eventRW\":\"Neither\",\"x\":{\"password\":\"p\"}");
        Assert.Equal(record, Assert.Single(RecordingSink.Of(record).Rejected).Record);
    }

    [Fact]
    public void Nothing_is_masked_when_the_operator_says_so()
    {
        var record = Samples.With("\"x\":{\"password\":\"p\"}");
        Assert.Equal(record, Assert.Single(RecordingSink.Of(Encoding.UTF8.GetBytes(record), new NormalizerOptions { Redaction = null }).Accepted).Body);
    }

    [Fact]
    public void An_event_that_grows_beyond_the_limit_by_its_masks_is_refused()
    {
        var record = Samples.With("\"x\":{\"password\":\"p\"}");
        var sink = RecordingSink.Of(Encoding.UTF8.GetBytes(record), new NormalizerOptions { MaxEventBytes = record.Length });
        Assert.Equal(RejectCode.TooLarge, sink.Only().Code);
    }

    [Fact]
    public void Masked_values_are_counted_by_rule()
    {
        var counted = new Dictionary<string, long>(StringComparer.Ordinal);
        var thread = Environment.CurrentManagedThreadId;
        using var listener = new MeterListener();
        listener.InstrumentPublished = static (instrument, self) =>
        {
            if (instrument is { Meter.Name: "ActionTrail", Name: "actiontrail.redactions" })
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            if (Environment.CurrentManagedThreadId == thread)
                counted[$"{tags[0].Key}={tags[0].Value}"] = value;
        });
        listener.Start();

        RecordingSink.Of(Samples.With("\"x\":{\"password\":\"p\",\"pwd\":\"q\",\"t\":\"AccountKey=a;\",\"b\":\"{\\\"clientSecret\\\":\\\"s\\\"}\"}"));

        Assert.Equal(
            ["actiontrail.redaction.rule=key 1", "actiontrail.redaction.rule=password 2", "actiontrail.redaction.rule=secret 1"],
            counted.Select(static one => $"{one.Key} {one.Value}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("""{"a":1,"originalRecord":{"b":2}}""", """{"a":1}""", """{"b":2}""")]
    [InlineData("""{"a":1 , "originalRecord" : [1] }""", """{"a":1  }""", "[1]")]
    [InlineData("""{"originalRecord":{"b":2}}""", "{}", """{"b":2}""")]
    [InlineData("""{"originalRecord":1,"a":2,"originalRecord":3}""", """{"originalRecord":1,"a":2}""", "3")]
    [InlineData("""{"originalRecord":{"b":2},"a":1}""", null, null)]
    [InlineData("""{"a":{"originalRecord":{"b":2}}}""", null, null)]
    [InlineData("""{"a":"\"originalRecord\":{}}"}""", null, null)]
    [InlineData("{}", null, null)]
    public void Only_the_last_member_is_an_original(string body, string? without, string? original)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var found = OriginalRecord.Find(bytes);
        Assert.Equal(without, found is { } one ? Encoding.UTF8.GetString(one.Without(bytes)) : null);
        Assert.Equal(original, found is { } two ? Encoding.UTF8.GetString(two.Of(bytes)) : null);
    }
}
