using System.Net;
using System.Runtime.CompilerServices;
using System.Xml;
using ActionTrail.Cli.Connection;
using ActionTrail.Cli.Output;
using ActionTrail.Digests.Validation;

namespace ActionTrail.Cli.Validate;

/// <summary>A Blob container under its signed address, which must allow reading and listing.</summary>
internal sealed class ContainerFiles : IDeliveredFiles, IDisposable
{
    private readonly RetryingHttp http;
    private readonly string place;
    private readonly string signature;

    public ContainerFiles(Surroundings around, Uri address, int retries)
    {
        http = new RetryingHttp(around, retries);
        place = address.GetLeftPart(UriPartial.Path).TrimEnd('/');
        signature = address.Query.TrimStart('?');
        Container = place[(place.LastIndexOf('/') + 1)..];
        if (address is { Scheme: "http", IsLoopback: false })
            around.Tell($"warning: {address.Host} is read over http: whoever is on the way may change what is read");
    }

    public string? Container { get; }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var marker = ""; ;)
        {
            var (names, next) = await ListPageAsync(marker, cancellationToken);
            foreach (var name in names)
                yield return name;
            if (next.Length == 0)
                yield break;
            marker = next;
        }
    }

    public async Task<Stream?> OpenAsync(string name, CancellationToken cancellationToken)
    {
        var path = string.Join('/', name.Split('/').Select(Uri.EscapeDataString));
        var answer = await http.SendAsync(() => Request($"{place}/{path}?{signature}"), readsBody: false, cancellationToken);
        if (answer.Status == HttpStatusCode.NotFound)
            return null;
        if (answer.Unread is not { } response)
            throw Refused(answer.Status);
        return new AnswerStream(response, await response.Content.ReadAsStreamAsync(cancellationToken));
    }

    public void Dispose() => http.Dispose();

    private static HttpRequestMessage Request(string address) => new(HttpMethod.Get, address);

    private async Task<(List<string> Names, string Next)> ListPageAsync(string marker, CancellationToken cancellationToken)
    {
        var from = marker.Length == 0 ? "" : "&marker=" + Uri.EscapeDataString(marker);
        var answer = await http.SendAsync(() => Request($"{place}?restype=container&comp=list{from}&{signature}"), readsBody: true, cancellationToken);
        if (answer.Status != HttpStatusCode.OK)
            throw Refused(answer.Status);
        var (names, next) = (new List<string>(), "");
        try
        {
            using var body = new MemoryStream(answer.Body);
            using var xml = XmlReader.Create(body, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreWhitespace = true });
            for (var more = xml.Read(); more;)
            {
                var isName = xml is { NodeType: XmlNodeType.Element, LocalName: "Name" };
                var isNext = xml is { NodeType: XmlNodeType.Element, LocalName: "NextMarker" };
                if (isName)
                    names.Add(xml.ReadElementContentAsString());
                else if (isNext)
                    next = xml.ReadElementContentAsString();
                else
                    more = xml.Read();
            }
        }
        catch (XmlException)
        {
            throw new CliException(ExitCode.Unavailable, $"{place} did not answer with a list of objects. Is it the signed address of a container?");
        }

        return (names, next);
    }

    private CliException Refused(HttpStatusCode status) => status switch
    {
        HttpStatusCode.NotFound => new(ExitCode.NotFound, $"{TerminalText.Clean(place)} does not exist."),
        HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized => new(ExitCode.Denied, $"{TerminalText.Clean(place)} does not let itself be read and listed with this signature: it may have ended, or lack the rights r and l."),
        _ => new(ExitCode.Unavailable, FormattableString.Invariant($"{TerminalText.Clean(place)} answered {(int)status}.")),
    };

    /// <summary>The body of an answer, which ends with it.</summary>
    private sealed class AnswerStream(HttpResponseMessage response, Stream inner) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                return await inner.ReadAsync(buffer, cancellationToken);
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                throw new CliException(ExitCode.Unavailable, $"{response.RequestMessage?.RequestUri?.GetLeftPart(UriPartial.Authority)} broke off an answer: {TerminalText.Clean(e.Message)}");
            }
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
                response.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
