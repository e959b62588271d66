using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace ActionTrail.LocalRunner.Demo;

/// <summary>Calls the REST API as one caller (HTTP Basic; the operator for an account of choice), obeys Retry-After, and turns every surprise into a <see cref="DemoFailure"/>.</summary>
internal sealed class DemoApi(HttpClient http, Uri baseAddress, string user, string password, TimeProvider clock, string? account = null)
{
    private readonly string _credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));

    public Uri BaseAddress => baseAddress;

    /// <summary>User and password as curl takes them.</summary>
    public string CurlUser => $"{user}:{password}";

    /// <summary>An answer: its status and body, parsed when it is JSON.</summary>
    public sealed record Answer(HttpStatusCode Status, JsonElement Json, string Text);

    /// <summary>Sends a request and insists on one of the given statuses.</summary>
    public async Task<Answer> CallAsync(string step, HttpMethod method, string path, string? json, HttpStatusCode[] expected, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var request = new HttpRequestMessage(method, new Uri(baseAddress, path));
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", _credentials);
            if (account is not null)
                request.Headers.Add("ActionTrail-Account", account);
            if (json is not null)
                request.Content = new StringContent(json, Encoding.UTF8, "application/json");
            using var response = await http.SendAsync(request, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            if (expected.Contains(response.StatusCode))
                return new Answer(response.StatusCode, Parse(step, text), text);
            if (response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable))
                throw new DemoFailure(step, $"status {string.Join(" or ", expected.Select(s => (int)s))} from {method} {request.RequestUri}", $"it was {(int)response.StatusCode}: {Shorten(text)}");
            var pause = response.Headers.RetryAfter?.Delta ?? response.Headers.RetryAfter?.Date - clock.GetUtcNow() ?? TimeSpan.FromSeconds(1);
            await Task.Delay(pause > TimeSpan.Zero ? pause : TimeSpan.FromMilliseconds(100), clock, cancellationToken);
        }
    }

    /// <summary>Reads a text property that the answer must have.</summary>
    public static string Text(string step, JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.GetString() is { Length: > 0 } text
            ? text
            : throw new DemoFailure(step, $"a text '{name}' in the answer", $"it was {Shorten(json.ToString())}");

    private static JsonElement Parse(string step, string text)
    {
        if (text.Length == 0)
            return default;
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            throw new DemoFailure(step, "a JSON answer", $"{error.Message} in {Shorten(text)}");
        }
    }

    private static string Shorten(string text) =>
        text.Length <= 600 ? text : string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, 600)}... ({text.Length} characters)");
}
