using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using ActionTrail.Generator.Formats;

namespace ActionTrail.Generator;

/// <summary>
/// The body of one "send batch events" call: <c>[{"Body":"...","UserProperties":{...}},...]</c>, never longer than <see cref="MaxBytes"/>.
/// Bodies must be UTF-8; a reused batch keeps its buffers. Events of a batch have no content type: the call has no place for one.
/// </summary>
public sealed class EventHubBatch
{
    /// <summary>Longest request the event hub takes.</summary>
    public const int MaxBytes = 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _body = new(64 * 1024);
    private byte[] _escaped = new byte[4096];

    /// <summary>Events in the batch.</summary>
    public int Count { get; private set; }

    /// <summary>Length of the request body as it would be sent now.</summary>
    public int Bytes => Count == 0 ? 2 : _body.WrittenCount + 1;

    /// <summary>Adds an event; false, and nothing added, when the batch would become too long or hold more than <paramref name="maxCount"/>.</summary>
    /// <exception cref="ArgumentException">The event is not UTF-8, or too long for a batch of its own.</exception>
    public bool TryAdd(ReadOnlySpan<byte> utf8Event, int maxCount) => TryAdd(utf8Event, "\"}"u8, maxCount);

    /// <summary>Adds a message with its properties; false, and nothing added, when the batch would become too long or hold more than <paramref name="maxCount"/>.</summary>
    /// <exception cref="ArgumentException">The body is not UTF-8 (<see cref="CanHold"/>), or the message is too long for a batch of its own.</exception>
    public bool TryAdd(HubMessage message, int maxCount)
    {
        if (message.Properties.Count == 0)
            return TryAdd(message.Body, maxCount);
        var properties = message.Properties.Select(static p => $"{Quote(p.Key)}:{Quote(p.Value)}");
        return TryAdd(message.Body, Encoding.UTF8.GetBytes($"\",\"UserProperties\":{{{string.Join(',', properties)}}}}}"), maxCount);
    }

    /// <summary>Whether the message can travel in a batch; gzip cannot and is sent by itself.</summary>
    public static bool CanHold(HubMessage message) => Utf8.IsValid(message.Body);

    /// <summary>Empties the batch.</summary>
    public void Clear()
    {
        _body.ResetWrittenCount();
        Count = 0;
    }

    /// <summary>A copy of the request body.</summary>
    public byte[] ToBody()
    {
        var body = new byte[Bytes];
        if (Count == 0)
            body[0] = (byte)'[';
        _body.WrittenSpan.CopyTo(body);
        body[^1] = (byte)']';
        return body;
    }

    // What comes after the text of the body ends the event.
    private bool TryAdd(ReadOnlySpan<byte> utf8Event, ReadOnlySpan<byte> after, int maxCount)
    {
        if (Count >= maxCount)
            return false;
        var escaped = Escape(utf8Event);
        var before = "[{\"Body\":\""u8;
        if (before.Length + escaped.Length + after.Length + 1 > MaxBytes)
            throw new ArgumentException($"an event of {utf8Event.Length} bytes does not fit a request of {MaxBytes}", nameof(utf8Event));
        if (Bytes + before.Length + escaped.Length + after.Length > MaxBytes)
            return false;

        _body.Write(Count == 0 ? before : ",{\"Body\":\""u8);
        _body.Write(escaped);
        _body.Write(after);
        Count++;
        return true;
    }

    private static string Quote(string text) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";

    private ReadOnlySpan<byte> Escape(ReadOnlySpan<byte> text)
    {
        // The encoder would put a replacement character in silently; what was sent must be what arrives.
        if (!Utf8.IsValid(text))
            throw new ArgumentException("the event is not UTF-8", nameof(text));
        // One byte becomes at most six: \u00XX.
        if (_escaped.Length < text.Length * 6)
            _escaped = new byte[text.Length * 6];
        var status = JavaScriptEncoder.UnsafeRelaxedJsonEscaping.EncodeUtf8(text, _escaped, out var consumed, out var written);
        if (status != OperationStatus.Done || consumed != text.Length)
            throw new ArgumentException($"the event could not be written as JSON text: {status}", nameof(text));
        return _escaped.AsSpan(0, written);
    }
}
