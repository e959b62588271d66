using System.Text;
using System.Text.Json.Nodes;
using ActionTrail.LocalRunner.Hosting;
using ActionTrail.LocalRunner.Triggers;
using ActionTrail.LocalRunner.Triggers.EventHub;
using ActionTrail.LocalRunner.Triggers.Queues;
using ActionTrail.LocalRunner.Triggers.Timers;
using ActionTrail.Storage;

namespace ActionTrail.EndToEnd.Tests.HostContract;

/// <summary>Bodies against fixtures that have the shape the real host 4.1037 was seen to send, with values of our own.</summary>
public class InvocationShapeTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 8, 250, TimeSpan.Zero);

    private static readonly QueueTriggerDefinition QueueTrigger = new("message", "deliver-blob", "connection");

    private static readonly TimerTriggerDefinition TimerTrigger = new("timer", "0 30 * * * *", RunOnStartup: false, UseMonitor: true);

    internal static EventHubTriggerDefinition HubTrigger(RetryPolicy? retry) => new("events", "audit-events", "action-trail", "connection", Binary: true, retry);

    [Fact]
    public void An_event_hub_batch_has_the_captured_shape() =>
        AssertIs("event-hub-batch", EventHubInvocation.Write(HubTrigger(RetryPolicy.Fixed(-1, TimeSpan.Zero)), Stamp("IngestEvents"), Source, Events, new RetryContext(0, -1, Guid.Empty, LastFailure: null)));

    [Fact]
    public void A_retried_batch_tells_its_count_and_the_last_failure()
    {
        var context = new RetryContext(2, 5, Guid.Parse("aaaaaaaa-0000-0000-0000-000000000000"), InvocationOutcome.Failure(500, "it broke"));
        var retry = Parse(EventHubInvocation.Write(HubTrigger(RetryPolicy.Fixed(5, TimeSpan.Zero)), Stamp("IngestEvents"), Source, Events, context))["Metadata"]!["RetryContext"]!;
        Assert.Equal(2, retry["RetryCount"]!.GetValue<int>());
        Assert.Equal(5, retry["MaxRetryCount"]!.GetValue<int>());
        Assert.Equal("aaaaaaaa-0000-0000-0000-000000000000", retry["Exception"]!["InstanceId"]!.GetValue<string>());
        Assert.Equal(500, retry["Exception"]!["InnerException"]!["StatusCode"]!.GetValue<int>());
    }

    [Fact]
    public void Without_a_retry_policy_there_is_no_retry_context() =>
        Assert.Null(Parse(EventHubInvocation.Write(HubTrigger(null), Stamp("IngestEvents"), Source, Events, retry: null))["Metadata"]!["RetryContext"]);

    [Fact]
    public void System_properties_of_the_message_come_before_the_hubs_own_and_never_in_their_place()
    {
        var item = Events[1] with { SystemPropertiesJson = """{"message-id":"m-1","correlation-id":18446744073709551615,"x-opt-own":true,"Offset":"7","content-type":"text/plain"}""" };
        var body = Parse(EventHubInvocation.Write(HubTrigger(null), Stamp("IngestEvents"), Source, [item], retry: null));
        Assert.StartsWith(
            """[{"message-id":"m-1","correlation-id":18446744073709551615,"x-opt-own":true,"content-type":"text/plain","SequenceNumber":42,"Offset":836,""",
            body["Metadata"]!["SystemPropertiesArray"]!.GetValue<string>(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Data_type_string_hands_out_text()
    {
        var body = Parse(EventHubInvocation.Write(HubTrigger(null) with { Binary = false }, Stamp("IngestEvents"), Source, [Events[0]], retry: null));
        Assert.Equal("""["{\"eventId\":\"a\"}"]""", body["Data"]!["events"]!.GetValue<string>());
    }

    [Fact]
    public void A_queue_message_that_is_an_object_shadows_the_metadata() =>
        AssertIs("queue-object", QueueInvocation.Write(
            QueueTrigger,
            Stamp("DeliverToBlob"),
            Message("""{"trail":"t-1","window":7,"late":true,"cutAt":"2026-03-04T05:06:07.891Z","DequeueCount":"999","parts":[1],"by":{"name":"x"}}""", dequeueCount: 2)));

    [Fact]
    public void A_queue_message_that_is_text_has_the_captured_shape() =>
        AssertIs("queue-text", QueueInvocation.Write(QueueTrigger, Stamp("DeliverToBlob"), Message("plain é \"quoted\"", dequeueCount: 2)));

    [Fact]
    public void A_queue_function_run_by_hand_has_the_captured_shape() =>
        AssertIs("queue-by-hand", QueueInvocation.WriteManual(QueueTrigger, Stamp("DeliverToBlob"), """{"via":"hand"}"""));

    [Fact]
    public void A_timer_that_is_past_due_has_the_captured_shape()
    {
        var last = new DateTimeOffset(2026, 3, 4, 4, 30, 0, TimeSpan.Zero).AddTicks(26523);
        AssertIs("timer-past-due", TimerInvocation.Write(TimerTrigger, Stamp("PurgeExpiredEvents"), new TimerStatus(last, new DateTimeOffset(2026, 3, 4, 5, 30, 0, TimeSpan.Zero), last), isPastDue: true, manual: false));
    }

    [Fact]
    public void A_timer_without_status_run_by_hand_has_the_captured_shape() =>
        AssertIs("timer-by-hand", TimerInvocation.Write(TimerTrigger, Stamp("PurgeExpiredEvents"), status: null, isPastDue: false, manual: true));

    private static PartitionSource Source { get; } = new("local-7.localhost", "audit-events", "action-trail", "3");

    private static HubEvent[] Events { get; } =
    [
        new(41, "700", new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero).AddTicks(1234567), "acct-1", """{"origin":"edge","n":5}""", "{}", "eyJldmVudElkIjoiYSJ9"),
        new(42, "836", new DateTimeOffset(2026, 3, 4, 5, 6, 7, 500, TimeSpan.Zero), PartitionKey: null, "{}", """{"content-type":"application/json"}""", "/wA="),
    ];

    private static InvocationStamp Stamp(string function) => new(function, Now, Guid.Parse("11111111-2222-3333-4444-555555555555"));

    private static QueueMessage Message(string text, int dequeueCount) => new(
        "9a7b6474-be69-4805-911b-c43fa848e0ca",
        "QUJD+/==",
        text,
        dequeueCount,
        new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero),
        DateTimeOffset.MaxValue,
        new DateTimeOffset(2026, 3, 4, 5, 16, 9, TimeSpan.Zero));

    private static JsonNode Parse(ReadOnlyMemory<byte> body) => JsonNode.Parse(body.Span)!;

    private static void AssertIs(string fixture, ReadOnlyMemory<byte> written)
    {
        var expected = JsonNode.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "fixtures", "host", fixture + ".json")));
        Assert.True(JsonNode.DeepEquals(expected, Parse(written)), Encoding.UTF8.GetString(written.Span));
    }
}
