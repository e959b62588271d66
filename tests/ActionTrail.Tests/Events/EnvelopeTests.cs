using System.IO.Compression;
using System.Text;
using System.Text.Json;
using ActionTrail.Events;
using ActionTrail.Tests.Events.CloudTrail;
using ActionTrail.Tests.Events.Google;

namespace ActionTrail.Tests.Events;

public class EnvelopeTests
{
    public static TheoryData<string, int> Envelopes => new()
    {
        { $"{{\"Records\":[{CloudTrailRecords.Secret},{CloudTrailRecords.RoleCall}]}}", 2 },
        { $"[{CloudTrailRecords.Secret},{CloudTrailRecords.RoleCall}]", 2 },
        { $"{CloudTrailRecords.Secret}\n{CloudTrailRecords.RoleCall}\n", 2 },
        { CloudTrailRecords.Secret, 1 },
        { Lookup(CloudTrailRecords.Secret), 1 },
        { $"{{\"Events\":[{Lookup(CloudTrailRecords.Secret)},{Lookup(CloudTrailRecords.RoleCall)}],\"NextToken\":\"t\"}}", 2 },
        { Bridge(CloudTrailRecords.Secret, "AWS API Call via CloudTrail"), 1 },
        { $"[{Bridge(CloudTrailRecords.Secret, "AWS Console Sign In via CloudTrail")},{Bridge(CloudTrailRecords.RoleCall, "AWS Service Event via CloudTrail")}]", 2 },
        { Notice(CloudTrailRecords.Secret), 1 },
        { Notice(Bridge(CloudTrailRecords.Secret, "AWS API Call via CloudTrail")), 1 },
        { Notice($"{{\"Records\":[{CloudTrailRecords.Secret},{CloudTrailRecords.RoleCall}]}}"), 2 },
        { Push(CloudTrailRecords.Secret), 1 },
    };

    [Theory]
    [MemberData(nameof(Envelopes))]
    public void Every_envelope_yields_the_records_inside_as_if_they_were_sent_alone(string message, int count)
    {
        var alone = MappedRecord.AllOf($"{CloudTrailRecords.Secret}\n{CloudTrailRecords.RoleCall}").Take(count).Select(r => r.Body);
        Assert.Equal(alone, MappedRecord.AllOf(message).Select(r => r.Body));

        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(message));
        }

        Assert.Equal(alone, RecordingSink.Of(packed.ToArray()).Accepted.Select(a => a.Body));
    }

    [Fact]
    public void A_push_of_pub_sub_yields_its_log_entry() => Assert.Equal(MappedRecord.Of(GoogleRecords.SetPolicy).Body, MappedRecord.Of(Push(GoogleRecords.SetPolicy)).Body);

    [Theory]
    [InlineData("""{"detail-type":"EC2 Instance State-change Notification","detail":{"state":"stopped"},"time":"2026-06-15T09:00:00Z"}""", RejectCode.UnknownFormat)]
    [InlineData("""{"detail-type":"AWS API Call via CloudTrail","detail":"text"}""", RejectCode.UnknownFormat)]
    [InlineData("""{"subscription":"s","message":{"data":"not base64!"}}""", RejectCode.UnknownFormat)]
    [InlineData("""{"subscription":"s","message":{"attributes":{}}}""", RejectCode.UnknownFormat)]
    [InlineData("""{"subscription":"s","message":"x"}""", RejectCode.UnknownFormat)]
    [InlineData("""{"TopicArn":"t","Message":""}""", RejectCode.UnknownFormat)]
    [InlineData("""{"EventId":"e","CloudTrailEvent":" "}""", RejectCode.UnknownFormat)]
    [InlineData("""{"EventId":"e","CloudTrailEvent":{}}""", RejectCode.UnknownFormat)]
    [InlineData("""{"CloudTrailEvent":"{}","CloudTrailEvent":"{}"}""", RejectCode.BadValue)]
    [InlineData("""{"CloudTrailEvent":"\ud800"}""", RejectCode.BadEncoding)]
    public void An_envelope_without_an_event_is_refused_whole(string message, RejectCode code)
    {
        var (raw, reason, _) = Assert.Single(RecordingSink.Of(message).Rejected);
        Assert.Equal((message, code), (raw, reason.Code));
    }

    [Theory]
    [InlineData("{\"TopicArn\":\"t\",\"Message\":\"Hello.\"}", "Hello.", RejectCode.Malformed)]
    [InlineData("{\"TopicArn\":\"t\",\"Message\":\"{\\\"s3Bucket\\\":\\\"b\\\"}\"}", "{\"s3Bucket\":\"b\"}", RejectCode.UnknownFormat)]
    public void What_is_wrong_inside_is_refused_as_it_stands_inside(string message, string inside, RejectCode code)
    {
        var (raw, reason, _) = Assert.Single(RecordingSink.Of(message).Rejected);
        Assert.Equal((inside, code), (raw, reason.Code));
    }

    [Fact]
    public void Envelopes_nest_three_deep_and_no_deeper()
    {
        var nested = Notice(Notice(Notice(CloudTrailRecords.Insight)));
        Assert.Single(MappedRecord.AllOf(nested));
        Assert.Contains("three deep", RecordingSink.Of(Notice(nested)).Only().Rule, StringComparison.Ordinal);
        var siblings = string.Join('\n', Enumerable.Repeat(nested, 5));
        Assert.Equal(5, MappedRecord.AllOf(siblings).Count);
    }

    [Fact]
    public void A_native_event_may_have_members_of_the_same_names()
    {
        var native = Samples.With("\"message\":\"m\",\"subscription\":\"s\",\"detail\":{},\"detail-type\":\"x\",\"CloudTrailEvent\":\"{}\",\"TopicArn\":\"t\",\"digestStartTime\":\"x\"");
        Assert.Equal(native, MappedRecord.Of(native).Body);
    }

    [Fact]
    public void Mutated_envelopes_harm_no_neighbour() => Assert.InRange(
        Mutation.Survive([Lookup(CloudTrailRecords.Insight), Bridge(CloudTrailRecords.Insight, "AWS Insight via CloudTrail"), Notice(CloudTrailRecords.Insight), Push(CloudTrailRecords.Insight)], seed: 5, rounds: 3_000), 300, 4_000);

    private static string Lookup(string record) =>
        $"{{\"EventId\":\"x\",\"EventName\":\"GetSecretValue\",\"ReadOnly\":\"true\",\"EventTime\":1781515815.0,\"Username\":\"rosa\",\"Resources\":[],\"CloudTrailEvent\":{Quote(record)}}}";

    private static string Bridge(string record, string type) =>
        $"{{\"version\":\"0\",\"id\":\"b-1\",\"detail-type\":\"{type}\",\"source\":\"aws.s3\",\"account\":\"210987654321\",\"time\":\"2026-06-15T09:31:00Z\",\"region\":\"eu-west-1\",\"resources\":[],\"detail\":{record}}}";

    private static string Notice(string text) => $"{{\"Type\":\"Notification\",\"MessageId\":\"m\",\"TopicArn\":\"arn:aws:sns:eu-west-1:1:t\",\"Message\":{Quote(text)},\"Timestamp\":\"2026-06-15T09:31:00Z\"}}";

    private static string Push(string record) =>
        $"{{\"message\":{{\"data\":\"{Convert.ToBase64String(Encoding.UTF8.GetBytes(record))}\",\"messageId\":\"9\",\"attributes\":{{}}}},\"subscription\":\"projects/p/subscriptions/s\"}}";

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
