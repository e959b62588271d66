using System.Diagnostics.CodeAnalysis;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace ActionTrail.Storage.Tests.Faults;

/// <summary>How one request breaks on the wire.</summary>
public enum WireFault
{
    Refused,
    HangThenReset,
    AnswerLost,
    ServerErrorAfterCommit,
    Busy,
    Throttled,
    TimedOut,
    BodyCut,
}

/// <summary>Sends requests for real, counts them from 0, and breaks request <paramref name="at"/> (-1: none), or all from there on.</summary>
internal sealed class BreakingTransport(int at, WireFault fault, bool always = false) : HttpPipelineTransport
{
    private static readonly HttpClientTransport Inner = HttpClientTransport.Shared;
    private int seen;

    public int Seen => seen;

    public override Request CreateRequest() => Inner.CreateRequest();

    public override void Process(HttpMessage message) => throw new NotSupportedException("Storage is only used asynchronously.");

    public override async ValueTask ProcessAsync(HttpMessage message)
    {
        var number = Interlocked.Increment(ref seen) - 1;
        if (number != at && !(always && number > at))
        {
            await Inner.ProcessAsync(message);
            return;
        }

        switch (fault)
        {
            case WireFault.Refused:
                throw new IOException("injected: connection refused");
            case WireFault.HangThenReset:
                await Task.Delay(20, message.CancellationToken);
                throw new IOException("injected: connection reset");
            case WireFault.AnswerLost:
                await Inner.ProcessAsync(message);
                throw new IOException("injected: answer lost");
            case WireFault.ServerErrorAfterCommit:
                await Inner.ProcessAsync(message);
                message.Response = new InjectedResponse(500, message.Request.ClientRequestId);
                break;
            case WireFault.Busy:
                message.Response = new InjectedResponse(503, message.Request.ClientRequestId);
                break;
            case WireFault.Throttled:
                message.Response = new InjectedResponse(429, message.Request.ClientRequestId, ("Retry-After", "0"));
                break;
            case WireFault.TimedOut:
                message.Response = new InjectedResponse(408, message.Request.ClientRequestId);
                break;
            case WireFault.BodyCut:
                await Inner.ProcessAsync(message);
                await CutAsync(message);
                break;
            default:
                throw new InvalidOperationException($"Unknown fault {fault}.");
        }
    }

    /// <summary>An answer without a body has nothing to cut but its end: reading it breaks all the same.</summary>
    private static async Task CutAsync(HttpMessage message)
    {
        using var whole = new MemoryStream();
        if (message.Response.ContentStream is { } body)
            await body.CopyToAsync(whole);
        message.Response.ContentStream = new CutStream(new MemoryStream(whole.ToArray(), 0, (int)whole.Length / 2));
    }

    /// <summary>Not a MemoryStream, so that the pipeline reads it as it reads the network.</summary>
    private sealed class CutStream(MemoryStream half) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) =>
            half.Read(buffer, offset, count) is > 0 and var read ? read : throw new IOException("injected: body cut");

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }

    private sealed class InjectedResponse(int status, string requestId, params (string Name, string Value)[] headers) : Response
    {
        public override int Status => status;

        public override string ReasonPhrase => "injected";

        public override Stream? ContentStream { get; set; }

        public override string ClientRequestId { get; set; } = requestId;

        public override void Dispose()
        {
        }

        protected override bool ContainsHeader(string name) => TryGetHeader(name, out _);

        protected override IEnumerable<HttpHeader> EnumerateHeaders() => headers.Select(h => new HttpHeader(h.Name, h.Value));

        protected override bool TryGetHeader(string name, [NotNullWhen(true)] out string? value)
        {
            value = headers.FirstOrDefault(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
            return value is not null;
        }

        protected override bool TryGetHeaderValues(string name, [NotNullWhen(true)] out IEnumerable<string>? values)
        {
            values = TryGetHeader(name, out var value) ? [value] : null;
            return values is not null;
        }
    }
}
