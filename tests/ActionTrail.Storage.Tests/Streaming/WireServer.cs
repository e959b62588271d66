using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace ActionTrail.Storage.Tests.Streaming;

/// <summary>How the server meets a request.</summary>
internal enum WireAnswer
{
    /// <summary>Takes it.</summary>
    Take,

    /// <summary>429 with Retry-After of 7 s.</summary>
    Throttle,

    /// <summary>503 without a word.</summary>
    Busy,

    /// <summary>500.</summary>
    Fail,

    /// <summary>507: no room.</summary>
    NoRoom,

    /// <summary>403 that speaks of a quota.</summary>
    Quota,

    /// <summary>403.</summary>
    Forbid,

    /// <summary>404.</summary>
    Missing,

    /// <summary>413.</summary>
    TooLarge,

    /// <summary>Hangs up before it takes anything.</summary>
    HangUp,

    /// <summary>Takes it, and hangs up instead of answering.</summary>
    LoseAnswer,
}

/// <summary>A request as the server took it.</summary>
internal sealed record WireRequest(string Method, string PathAndQuery, IReadOnlyDictionary<string, string> Headers, byte[] Body);

/// <summary>A loopback HTTP/1.1 server that keeps what it takes and answers as it is told, then takes everything. One request per connection; bodies have a length.</summary>
internal sealed class WireServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopped = new();
    private readonly ConcurrentQueue<WireAnswer> script = new();
    private readonly ConcurrentQueue<WireRequest> taken = new();
    private readonly HttpStatusCode success;
    private readonly Task loop;

    public WireServer(HttpStatusCode success)
    {
        this.success = success;
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        loop = Task.Run(ServeAsync);
    }

    public int Port { get; }

    public IReadOnlyList<WireRequest> Taken => [.. taken];

    public void Then(params WireAnswer[] answers) => Array.ForEach(answers, script.Enqueue);

    public async ValueTask DisposeAsync()
    {
        await stopped.CancelAsync();
        await loop;
        listener.Dispose();
        stopped.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!stopped.IsCancellationRequested)
        {
            try
            {
                using var client = await listener.AcceptTcpClientAsync(stopped.Token);
                await using var stream = client.GetStream();
                await AnswerAsync(stream, stopped.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // Stopped, or the client hung up.
            }
        }
    }

    private async Task AnswerAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var request = await ReadAsync(stream, cancellationToken);
        var answer = script.TryDequeue(out var next) ? next : WireAnswer.Take;
        if (answer is WireAnswer.Take or WireAnswer.LoseAnswer)
            taken.Enqueue(request);
        if (answer is WireAnswer.HangUp or WireAnswer.LoseAnswer)
            return;
        var (status, header, body) = answer switch
        {
            WireAnswer.Take => ((int)success, "", ""),
            WireAnswer.Throttle => (429, "Retry-After: 7\r\n", ""),
            WireAnswer.Busy => (503, "", ""),
            WireAnswer.Fail => (500, "", ""),
            WireAnswer.NoRoom => (507, "", ""),
            WireAnswer.Quota => (403, "", "<Error><Code>403</Code><Detail>QuotaExceeded: too much</Detail></Error>"),
            WireAnswer.Forbid => (403, "", ""),
            WireAnswer.Missing => (404, "", ""),
            WireAnswer.TooLarge => (413, "", ""),
            _ => throw new InvalidOperationException($"There is no answer {answer}."),
        };
        var length = status == 204 ? "" : string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} Answer\r\n{header}{length}Connection: close\r\n\r\n{body}")), cancellationToken);
    }

    private static async Task<WireRequest> ReadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (!CollectionsMarshal.AsSpan(head).EndsWith("\r\n\r\n"u8))
        {
            await stream.ReadExactlyAsync(one, cancellationToken);
            head.Add(one[0]);
        }

        var lines = Encoding.ASCII.GetString(CollectionsMarshal.AsSpan(head)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(static line => line.Split(':', 2)).ToDictionary(static pair => pair[0], static pair => pair[1].Trim(), StringComparer.OrdinalIgnoreCase);
        var body = new byte[int.Parse(headers["Content-Length"], CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, cancellationToken);
        var words = lines[0].Split(' ');
        return new(words[0], words[1], headers, body);
    }
}
