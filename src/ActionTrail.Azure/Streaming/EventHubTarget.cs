using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActionTrail.Delivery;

namespace ActionTrail.Azure.Streaming;

/// <summary>Where an event hub is and how to sign in: a key, or an identity.</summary>
internal sealed record EventHubAddress(Uri Hub, string? KeyName, string? Key, BearerTokens? Tokens);

/// <summary>
/// An event hub, over its HTTPS batch send:
/// <code>
/// POST /{hub}/messages?timeout=60&amp;api-version=2014-01
/// Authorization: SharedAccessSignature sr=…&amp;sig=…&amp;se=…&amp;skn=…   (or Bearer …)
/// Content-Type: application/vnd.microsoft.servicebus.json
/// BrokerProperties: {"PartitionKey":"acme"}
/// </code>
/// answered 201. All events of a batch go to the partition of the account's hash, one after the other.
/// </summary>
internal sealed class EventHubTarget(string name, EventHubAddress address, Func<string, bool> allows, int maxBatchBytes, HttpMessageInvoker http, TimeProvider time) : IBatchTarget
{
    private static readonly MediaTypeHeaderValue Batch = new("application/vnd.microsoft.servicebus.json");
    private static readonly TimeSpan SignatureLife = TimeSpan.FromMinutes(20);

    private readonly HttpsSend send = new(http);
    private readonly string what = $"Stream {name}";

    public int MaxBatchBytes => maxBatchBytes;

    public bool Allows(string account) => allows(account);

    public async Task SendAsync(EventBatch batch, CancellationToken cancellationToken)
    {
        var content = new ReadOnlyMemoryContent(batch.Content) { Headers = { ContentType = Batch } };
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address.Hub, $"{address.Hub.AbsolutePath.TrimEnd('/')}/messages?timeout=60&api-version=2014-01")) { Content = content };
        request.Headers.TryAddWithoutValidation("Authorization", await AuthorizeAsync(cancellationToken));
        if (batch.Account is { } account)
            request.Headers.TryAddWithoutValidation("BrokerProperties", $"{{\"PartitionKey\":\"{JsonEncodedText.Encode(account)}\"}}");
        await send.SendAsync(what, request, cancellationToken);
    }

    private async Task<string> AuthorizeAsync(CancellationToken cancellationToken)
    {
        if (address.Tokens is not null)
            return "Bearer " + await address.Tokens.GetAsync(what, cancellationToken);

        // sr is signed as it is sent, percent-encoded.
        var resource = Uri.EscapeDataString(address.Hub.GetLeftPart(UriPartial.Path).ToLowerInvariant());
        var ends = (time.GetUtcNow() + SignatureLife).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(address.Key!), Encoding.UTF8.GetBytes($"{resource}\n{ends}"));
        return $"SharedAccessSignature sr={resource}&sig={Uri.EscapeDataString(Convert.ToBase64String(signature))}&se={ends}&skn={Uri.EscapeDataString(address.KeyName!)}";
    }
}
