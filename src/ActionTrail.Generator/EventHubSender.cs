using System.Net;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using ActionTrail.Generator.Formats;

namespace ActionTrail.Generator;

/// <summary>
/// Sends events to an event hub by its HTTPS calls. A call that fails in a way that may pass is repeated; then an event may
/// arrive twice, which the service makes harmless, for it shows one (account, event id) once.
/// </summary>
public sealed class EventHubSender(HttpClient http, EventHubEndpoint endpoint, TimeProvider time)
{
    private const int MaxTries = 8;
    private static readonly TimeSpan TokenLife = TimeSpan.FromHours(1);
    private string? _token;
    private DateTimeOffset _tokenExpires;

    /// <summary>Sends the batch as one request and empties it. An empty batch is not sent.</summary>
    /// <exception cref="HttpRequestException">The hub refused the batch, or stayed away through all tries; the batch is unchanged.</exception>
    public async Task SendAsync(EventHubBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Count == 0)
            return;
        await SendAsync(batch.ToBody(), "application/vnd.microsoft.servicebus.json", contentEncoding: null, cancellationToken);
        batch.Clear();
    }

    /// <summary>Sends one event whose body is these bytes: one record, an array, <c>{"records":[...]}</c>, gzip of these, or anything else.</summary>
    /// <exception cref="HttpRequestException">The hub refused the event, or stayed away through all tries.</exception>
    public Task SendAsync(ReadOnlyMemory<byte> body, string contentType, string? contentEncoding, CancellationToken cancellationToken) =>
        SendAsync(body, contentType, contentEncoding, [], cancellationToken);

    /// <summary>
    /// Sends one message with its content type and properties. Properties travel as headers, quoted so that <c>1.0</c> stays text; no header may have a
    /// colon, so <c>cloudEvents:id</c> goes as <c>cloudEvents_id</c>, which the AMQP binding of CloudEvents allows as well.
    /// </summary>
    /// <exception cref="HttpRequestException">The hub refused the message, or stayed away through all tries.</exception>
    public Task SendAsync(HubMessage message, CancellationToken cancellationToken) =>
        SendAsync(message.Body, message.ContentType, contentEncoding: null, message.Properties, cancellationToken);

    private async Task SendAsync(ReadOnlyMemory<byte> body, string contentType, string? contentEncoding, IEnumerable<KeyValuePair<string, string>> properties, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            TimeSpan pause;
            try
            {
                using var request = Request(body, contentType, contentEncoding, properties);
                using var response = await http.SendAsync(request, cancellationToken);
                if (response.StatusCode == HttpStatusCode.Created)
                    return;
                var mayPass = response.StatusCode == HttpStatusCode.TooManyRequests || (int)response.StatusCode >= 500;
                if (!mayPass || attempt == MaxTries)
                {
                    var detail = await response.Content.ReadAsStringAsync(cancellationToken);
                    throw new HttpRequestException($"the event hub answered {(int)response.StatusCode}, expected 201: {detail}", inner: null, response.StatusCode);
                }
                pause = response.Headers.RetryAfter?.Delta ?? Backoff(attempt);
            }
            catch (HttpRequestException error) when (error.StatusCode is null && attempt < MaxTries)
            {
                pause = Backoff(attempt);
            }
            await Task.Delay(pause, time, cancellationToken);
        }
    }

    private HttpRequestMessage Request(ReadOnlyMemory<byte> body, string contentType, string? contentEncoding, IEnumerable<KeyValuePair<string, string>> properties)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, endpoint.SendAddress) { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        if (contentEncoding is not null)
            request.Content.Headers.ContentEncoding.Add(contentEncoding);
        request.Headers.TryAddWithoutValidation("Authorization", Token());
        foreach (var (name, value) in properties)
            request.Headers.TryAddWithoutValidation(name.Replace(':', '_'), $"\"{JavaScriptEncoder.Default.Encode(value)}\"");
        return request;
    }

    private string Token()
    {
        var now = time.GetUtcNow();
        if (_token is null || _tokenExpires - now < TokenLife / 4)
        {
            _tokenExpires = now + TokenLife;
            _token = endpoint.Token(_tokenExpires);
        }
        return _token;
    }

    private static TimeSpan Backoff(int attempt) => TimeSpan.FromMilliseconds(50 << attempt);
}
