using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO.Compression;
using System.Security;
using System.Text;
using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace ActionTrail.Storage.Tests.Delivery;

/// <summary>What a request meets instead of the container.</summary>
/// <param name="Status">Answered, with <paramref name="Code"/>; 0: no answer comes, ever.</param>
/// <param name="Code">The error code.</param>
/// <param name="IsLate">The request is done before it goes unanswered.</param>
/// <param name="PerByte">The answer comes a byte at a time, with this between them.</param>
internal sealed record Obstacle(int Status, string? Code = null, bool IsLate = false, TimeSpan PerByte = default);

/// <summary>The wire below the Blob client, and one container behind it: create-only objects, lists, reads. Its requests meet what <see cref="Meets"/> says.</summary>
internal sealed class PretendBlobs : HttpPipelineTransport
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, byte[]> objects = new(StringComparer.Ordinal);
    private int requests;

    /// <summary>By method and container; null: nothing is in its way.</summary>
    public Func<string, string, Obstacle?> Meets { get; set; } = static (_, _) => null;

    /// <summary>Bytes of a body that are taken in 10 ms; 0: at once.</summary>
    public int BodyBytesPerTick { get; set; }

    public int Requests => requests;

    /// <summary>Names with their container before them.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            lock (gate)
                return [.. objects.Keys];
        }
    }

    /// <summary>Of the events in the objects of a container.</summary>
    public List<string> EventIds(string container)
    {
        lock (gate)
            return [.. objects.Where(o => o.Key.StartsWith(container + "/", StringComparison.Ordinal)).SelectMany(static o => Ids(o.Value))];
    }

    private static IEnumerable<string> Ids(byte[] packed)
    {
        using var content = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        using var json = JsonDocument.Parse(content);
        return [.. json.RootElement.EnumerateArray().Select(static e => e.GetProperty("eventId").GetString()!)];
    }

    public override Request CreateRequest() => HttpClientTransport.Shared.CreateRequest();

    public override void Process(HttpMessage message) => throw new NotSupportedException("Storage is only used asynchronously.");

    public override async ValueTask ProcessAsync(HttpMessage message)
    {
        Interlocked.Increment(ref requests);
        var uri = message.Request.Uri.ToUri();
        var path = Uri.UnescapeDataString(uri.AbsolutePath).Split('/', 3)[2];
        var body = await ReadAsync(message);
        var obstacle = Meets(message.Request.Method.Method, path.Split('/')[0]);
        if (obstacle is null or { IsLate: true } or { PerByte.Ticks: > 0 })
            message.Response = Answer(message.Request, uri, path, body);
        if (obstacle is { Status: > 0 })
            message.Response = new Told(obstacle.Status, message.Request.ClientRequestId, [], ("x-ms-error-code", obstacle.Code!));
        if (obstacle is { Status: 0, PerByte.Ticks: 0 })
            await Task.Delay(Timeout.Infinite, message.CancellationToken);
        if (obstacle is { PerByte.Ticks: > 0 })
            message.Response.ContentStream = new Dribble(message.Response.ContentStream!, obstacle.PerByte);
    }

    private async Task<byte[]> ReadAsync(HttpMessage message)
    {
        using var body = new MemoryStream();
        if (message.Request.Content is { } content)
            await content.WriteToAsync(body, message.CancellationToken);
        for (var taken = 0; BodyBytesPerTick > 0 && taken < body.Length; taken += BodyBytesPerTick)
            await Task.Delay(10, message.CancellationToken);
        return body.ToArray();
    }

    private Told Answer(Request request, Uri uri, string path, byte[] body)
    {
        (string, string)[] tags = [("ETag", "\"0x1\""), ("Last-Modified", "Sun, 01 Mar 2026 12:00:00 GMT")];
        var id = request.ClientRequestId;
        lock (gate)
        {
            if (request.Method == RequestMethod.Put)
                return objects.TryAdd(path, body) ? new Told(201, id, [], tags) : new Told(409, id, [], ("x-ms-error-code", "BlobAlreadyExists"));
            if (uri.Query.Contains("comp=list", StringComparison.Ordinal))
                return new Told(200, id, Encoding.UTF8.GetBytes(List(path, uri.Query)), ("Content-Type", "application/xml"));
            return objects.TryGetValue(path, out var content)
                ? new Told(200, id, content, [.. tags, ("Content-Length", content.Length.ToString(CultureInfo.InvariantCulture)), ("x-ms-blob-type", "BlockBlob")])
                : new Told(404, id, [], ("x-ms-error-code", "BlobNotFound"));
        }
    }

    private string List(string container, string query)
    {
        var prefix = query.TrimStart('?').Split('&').Where(static q => q.StartsWith("prefix=", StringComparison.Ordinal)).Select(static q => Uri.UnescapeDataString(q[7..])).FirstOrDefault("");
        var found = objects.Where(o => o.Key.StartsWith($"{container}/{prefix}", StringComparison.Ordinal)).Select(o =>
            $"<Blob><Name>{SecurityElement.Escape(o.Key[(container.Length + 1)..])}</Name><Properties><Last-Modified>Sun, 01 Mar 2026 12:00:00 GMT</Last-Modified><Etag>0x1</Etag><Content-Length>{o.Value.Length}</Content-Length><BlobType>BlockBlob</BlobType></Properties></Blob>");
        return $"<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults ServiceEndpoint=\"http://pretend/\" ContainerName=\"{container}\"><Blobs>{string.Concat(found)}</Blobs><NextMarker /></EnumerationResults>";
    }

    /// <summary>One byte at a time, and a pause before each.</summary>
    private sealed class Dribble(Stream inner, TimeSpan pause) : Stream
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

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(pause, cancellationToken);
            return await inner.ReadAsync(buffer[..Math.Min(1, buffer.Length)], cancellationToken);
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Storage is only used asynchronously.");

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }

    private sealed class Told(int status, string requestId, byte[] content, params (string Name, string Value)[] headers) : Response
    {
        public override int Status => status;

        public override string ReasonPhrase => "pretended";

        public override Stream? ContentStream { get; set; } = new MemoryStream(content);

        public override string ClientRequestId { get; set; } = requestId;

        public override void Dispose()
        {
        }

        protected override bool ContainsHeader(string name) => TryGetHeader(name, out _);

        protected override IEnumerable<HttpHeader> EnumerateHeaders() => headers.Select(static h => new HttpHeader(h.Name, h.Value));

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
