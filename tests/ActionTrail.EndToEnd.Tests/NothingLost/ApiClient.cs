using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace ActionTrail.EndToEnd.Tests.NothingLost;

/// <summary>Calls the REST API as one caller and goes on asking while the service is away.</summary>
internal sealed class ApiClient(HttpClient http, Uri address, string user, string password)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    private readonly AuthenticationHeaderValue credentials = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));

    /// <summary>The JSON of an answer with one of the statuses; anything else that does not pass with time fails the test.</summary>
    public async Task<JsonElement> CallAsync(HttpMethod method, string path, string? json, params HttpStatusCode[] expected)
    {
        using var patience = new CancellationTokenSource(Patience);
        var last = "no answer";
        while (!patience.IsCancellationRequested)
        {
            try
            {
                using var response = await SendAsync(method, path, json is null ? null : new StringContent(json, Encoding.UTF8, "application/json"), patience.Token);
                var text = await response.Content.ReadAsStringAsync(patience.Token);
                if (expected.Contains(response.StatusCode))
                {
                    using var document = JsonDocument.Parse(text.Length == 0 ? "null" : text);
                    return document.RootElement.Clone();
                }

                last = $"{(int)response.StatusCode}: {text}";
                Assert.True((int)response.StatusCode is 429 or >= 500, $"{method} {path} was answered {last}");
                await Task.Delay(Pause, patience.Token);
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                last = e.Message;
                await Task.Delay(Pause, CancellationToken.None);
            }
        }

        throw new InvalidOperationException($"{method} {path} was not answered as it must: {last}");
    }

    /// <summary>One try.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(address, path)) { Content = content };
        request.Headers.Authorization = credentials;
        request.Headers.ConnectionClose = true;
        return await http.SendAsync(request, cancellationToken);
    }

    /// <summary>All ids that paging through the last day of a place shows, in order, with the service that each event names.</summary>
    public async Task<List<(string EventId, string Service)>> ReadAllAsync(string direction, string place = "v1/events")
    {
        var found = new List<(string, string)>();
        var path = $"{place}?direction={direction}&pageSize=1000";
        for (string? next = path; next is not null;)
        {
            var page = await CallAsync(HttpMethod.Get, next, json: null, HttpStatusCode.OK);
            found.AddRange(page.GetProperty("value").EnumerateArray().Select(item => (item.GetProperty("eventId").GetString()!, item.GetProperty("serviceName").GetString()!)));
            next = page.TryGetProperty("nextLink", out var link) ? link.GetString() : null;
        }

        return found;
    }
}
