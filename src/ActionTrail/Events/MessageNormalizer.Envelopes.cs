using System.Buffers.Text;

namespace ActionTrail.Events;

/// <content>
/// Envelopes: objects that carry records and are none. Like the wrapper <c>{"records":[...]}</c> they say how a record travelled; what counts
/// and is kept is the record inside. Four are known:
/// <code>
/// {"CloudTrailEvent":"{...}", ...}                              one answer of CloudTrail's LookupEvents, itself under "Events"
/// {"detail-type":"... via CloudTrail","detail":{...}, ...}      EventBridge
/// {"TopicArn":"...","Message":"...", ...}                       SNS
/// {"subscription":"...","message":{"data":"base64", ...}}       push of Pub/Sub
/// </code>
/// </content>
public sealed partial class MessageNormalizer
{
    private const int MaxEnvelopes = 3;

    private readonly ObjectIndex enclosing = new();
    private readonly ObjectIndex pushed = new();
    private int envelopes;

    private void ReadEnvelope(ReadOnlySpan<byte> record)
    {
        if (envelopes == MaxEnvelopes)
        {
            Reject(record, RejectCode.UnknownFormat, null, Rules.EnvelopeDepth);
            return;
        }

        if (JsonText.HasLoneSurrogate(record))
        {
            Reject(record, RejectCode.BadEncoding, null, Rules.Surrogates);
            return;
        }

        var content = Content(enclosing.Read(record, ""));
        if ((enclosing.Repeated ?? pushed.Repeated) is { } repeated)
        {
            Reject(record, RejectCode.BadValue, repeated, Rules.Twice);
        }
        else if (content.IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            Reject(record, RejectCode.UnknownFormat, null, Rules.Envelope);
        }
        else
        {
            // A copy: the records inside are read with the buffers in which the envelope may lie.
            envelopes++;
            ReadText(content.ToArray(), mayUnwrapText: false);
            envelopes--;
        }
    }

    // What the envelope carries; empty when that is nothing that can be an event.
    private ReadOnlySpan<byte> Content(ObjectIndex.Members members)
    {
        var message = members["message"u8];
        var data = pushed.Read(message.Raw, "/message")["data"u8];
        if (members["CloudTrailEvent"u8] is { IsString: true } answer)
        {
            return answer.Utf8;
        }

        if (members["detail"u8] is { IsObject: true } detail)
        {
            return members["detail-type"u8].Utf8.EndsWith("via CloudTrail"u8) ? detail.Raw : default;
        }

        if (members["Message"u8] is { IsString: true } notice)
        {
            return notice.Utf8;
        }

        var bytes = data.Utf8.ToArray();
        return data.IsString && Base64.DecodeFromUtf8InPlace(bytes, out var length) == System.Buffers.OperationStatus.Done ? bytes.AsSpan(0, length) : default;
    }
}
