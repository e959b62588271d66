using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace ActionTrail.Cli.Connection;

/// <summary>Calls the REST API of docs/api.md.</summary>
internal sealed class ApiClient : IDisposable
{
    /// <summary>Longest pause within an answer; the service ends one after 200 s as a whole.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(240);

    private readonly RetryingHttp http;
    private readonly ConnectionSettings connection;
    private readonly AuthenticationHeaderValue? credentials;

    public ApiClient(Surroundings around, ConnectionSettings connection, int retries)
    {
        http = new RetryingHttp(around, retries);
        this.connection = connection;
        if (connection.User is not null)
            credentials = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{connection.User}:{connection.Secret}")));
        if (connection is { Endpoint: { Scheme: "http", IsLoopback: false }, User: not null })
            around.Tell($"warning: {connection.Endpoint.Host} is called over http, which shows the key to everybody on the way");
    }

    public string Description => connection.Description;

    /// <summary>The JSON of a 200 answer.</summary>
    /// <param name="path">Below the endpoint, with query, without leading slash.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="CliException">Any other answer, or none.</exception>
    public async Task<(JsonDocument Json, string? RequestId)> GetAsync(string path, CancellationToken cancellationToken)
    {
        var answer = await http.SendAsync(() => Request(HttpMethod.Get, path), readsBody: true, cancellationToken);
        if (answer.Status != HttpStatusCode.OK)
            throw Explain(answer);
        try
        {
            return (JsonDocument.Parse(answer.Body, new JsonDocumentOptions { MaxDepth = 128 }), answer.RequestId);
        }
        catch (JsonException)
        {
            throw new CliException(ExitCode.Unavailable, $"{connection.Endpoint} answered something that is not JSON. Is it the address of the service?");
        }
    }

    /// <summary>Posts a body; 200 and every refusal of the body itself are left to the caller.</summary>
    /// <param name="path">Below the endpoint.</param>
    /// <param name="body">The bytes; sent with Content-Length, since some hosts refuse chunks.</param>
    /// <param name="contentType">A media type; null without a body.</param>
    /// <param name="cancellationToken">Ends the call; what became of the body is then unknown, and posting it again is harmless.</param>
    /// <exception cref="CliException">401, 403, 404, or no answer to the last try.</exception>
    public async Task<HttpAnswer> PostAsync(string path, ReadOnlyMemory<byte> body, string? contentType, CancellationToken cancellationToken)
    {
        var answer = await http.SendAsync(
            () =>
            {
                var request = Request(HttpMethod.Post, path);
                request.Content = new ReadOnlyMemoryContent(body);
                request.Content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
                return request;
            },
            readsBody: true,
            cancellationToken);
        return answer.Status is HttpStatusCode.OK or HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge ? answer : throw Explain(answer);
    }

    /// <summary>Makes a change; the JSON of the answer, null when it has none.</summary>
    /// <param name="method">POST, PUT, PATCH or DELETE.</param>
    /// <param name="path">Below the endpoint, with query, without leading slash.</param>
    /// <param name="body">JSON; null: none.</param>
    /// <param name="cancellationToken">Ends the call; what became of it is then unknown.</param>
    /// <exception cref="CliException">A refusal, or no answer to the last try.</exception>
    public async Task<JsonDocument?> ChangeAsync(HttpMethod method, string path, string? body, CancellationToken cancellationToken)
    {
        var answer = await http.SendAsync(
            () =>
            {
                var request = Request(method, path);
                request.Content = new ReadOnlyMemoryContent(Encoding.UTF8.GetBytes(body ?? ""));
                request.Content.Headers.ContentType = body is null ? null : new MediaTypeHeaderValue("application/json");
                return request;
            },
            readsBody: true,
            cancellationToken);
        if (answer.Status is not (HttpStatusCode.OK or HttpStatusCode.Created or HttpStatusCode.Accepted or HttpStatusCode.NoContent))
            throw Explain(answer);
        try
        {
            return answer.Body.Length == 0 ? null : JsonDocument.Parse(answer.Body);
        }
        catch (JsonException)
        {
            throw new CliException(ExitCode.Unavailable, $"{connection.Endpoint} answered something that is not JSON. Is it the address of the service?");
        }
    }

    /// <summary>Copies the body of a 200 answer as it comes. What fails after the first byte is not tried again.</summary>
    /// <param name="path">Below the endpoint, with query, without leading slash.</param>
    /// <param name="write">Takes each part, which is valid until it returns.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="CliException">Any other answer, none, or one that breaks off.</exception>
    public async Task CopyAsync(string path, Func<ReadOnlyMemory<byte>, ValueTask> write, CancellationToken cancellationToken)
    {
        var answer = await http.SendAsync(() => Request(HttpMethod.Get, path), readsBody: false, cancellationToken);
        using var response = answer.Unread ?? throw Explain(answer);
        var buffer = new byte[64 * 1024];
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        while (await ReadAsync(body, buffer, cancellationToken) is > 0 and var read)
            await write(buffer.AsMemory(0, read));
    }

    public void Dispose() => http.Dispose();

    private async Task<int> ReadAsync(Stream body, byte[] buffer, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(LongestSilence);
        try
        {
            return await body.ReadAsync(buffer, patience.Token);
        }
        catch (Exception e) when (e is IOException or HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new CliException(ExitCode.Unavailable, $"{connection.Endpoint.GetLeftPart(UriPartial.Authority)} broke off its answer: {Output.TerminalText.Clean(e.Message)}");
        }
    }

    private HttpRequestMessage Request(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, new Uri(connection.Endpoint, path));
        request.Headers.Authorization = credentials;
        if (connection.Account is not null)
            request.Headers.Add("ActionTrail-Account", connection.Account);
        return request;
    }

    private CliException Explain(HttpAnswer answer)
    {
        var problem = Problem.Parse(answer.Body);
        var faults = string.Concat(problem.Faults.Select(static f => $"\n  {f.Pointer} {f.Rule}"));
        var told = string.Create(CultureInfo.InvariantCulture, $"{(int)answer.Status} {problem.Code} {problem.Text}{faults}");
        return answer.Status switch
        {
            HttpStatusCode.Unauthorized when credentials is null => new CliException(ExitCode.Denied, $"{told}\nGive --key ID:SECRET or set {ConnectionSettings.KeyVariable}."),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new CliException(ExitCode.Denied, told),
            HttpStatusCode.NotFound => new CliException(ExitCode.NotFound, told),
            HttpStatusCode.Conflict when problem.Code == "EventNotSealed" => new CliException(ExitCode.Unavailable, told),
            HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed => new CliException(ExitCode.Conflict, told),
            HttpStatusCode.BadRequest or HttpStatusCode.UnsupportedMediaType => new CliException(ExitCode.Usage, told),
            _ => new CliException(ExitCode.Unavailable, told),
        };
    }
}
