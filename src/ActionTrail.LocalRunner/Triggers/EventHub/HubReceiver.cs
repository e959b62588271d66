using System.Globalization;
using System.Text.Json;

namespace ActionTrail.LocalRunner.Triggers.EventHub;

/// <summary>The receive face of tools/eventhubs and of its bridge: <c>GET /$runner/{hub}</c> and <c>GET /$runner/{hub}/partitions/{p}/events</c>.</summary>
internal sealed class HubReceiver(HttpClient client) : IHubReceiver
{
    public async Task<HubDescription> DescribeAsync(string hub, CancellationToken cancellationToken)
    {
        using var document = await GetAsync($"$runner/{Uri.EscapeDataString(hub)}", cancellationToken);
        var partitions = document.RootElement.GetProperty("partitions").EnumerateArray()
            .Select(item => new HubPartition(item.GetProperty("id").GetString()!, item.GetProperty("first").GetInt64(), item.GetProperty("next").GetInt64()));
        return new HubDescription(document.RootElement.GetProperty("namespace").GetString()!, [.. partitions]);
    }

    public async Task<HubPage> ReceiveAsync(string hub, string partition, long from, long? to, int max, int minCount, TimeSpan wait, CancellationToken cancellationToken)
    {
        var path = string.Create(
            CultureInfo.InvariantCulture,
            $"$runner/{Uri.EscapeDataString(hub)}/partitions/{Uri.EscapeDataString(partition)}/events?from={from}&max={max}&minCount={minCount}&waitMs={(long)wait.TotalMilliseconds}");
        using var document = await GetAsync(to is null ? path : string.Create(CultureInfo.InvariantCulture, $"{path}&to={to}"), cancellationToken);
        var items = document.RootElement.GetProperty("events");
        var events = new List<HubEvent>(items.GetArrayLength());
        foreach (var item in items.EnumerateArray())
        {
            events.Add(new HubEvent(
                item.GetProperty("sequenceNumber").GetInt64(),
                item.GetProperty("offset").GetString()!,
                item.GetProperty("enqueuedTimeUtc").GetDateTimeOffset(),
                item.GetProperty("partitionKey").GetString(),
                item.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object ? properties.GetRawText() : "{}",
                item.TryGetProperty("systemProperties", out var system) && system.ValueKind == JsonValueKind.Object ? system.GetRawText() : "{}",
                item.GetProperty("body").GetString()!));
        }

        return new HubPage(document.RootElement.GetProperty("namespace").GetString()!, events);
    }

    private async Task<JsonDocument> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException($"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}", inner: null, response.StatusCode);
        }

        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        return await JsonDocument.ParseAsync(stream, default, cancellationToken);
    }
}
