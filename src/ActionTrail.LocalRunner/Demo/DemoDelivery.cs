using System.IO.Compression;
using System.Net;
using System.Text.Json;
using ActionTrail.LocalRunner.Hosting;
using Azure.Storage.Blobs;

namespace ActionTrail.LocalRunner.Demo;

/// <summary>The trail of the tour and the objects it delivers.</summary>
internal sealed class DemoDelivery(DemoApi api, BlobContainerClient container, TextWriter output, TimeProvider clock)
{
    public const string TrailName = "demo-trail";
    public const string ContainerName = "demo-audit";
    private readonly HashSet<string> _before = new(StringComparer.Ordinal);

    /// <summary>Makes container and trail where they are not there yet, and starts the trail.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        foreach (var name in await ListAsync(cancellationToken))
            _before.Add(name);
        await api.CallAsync("create trail", HttpMethod.Post, "v1/trails", $$"""{"name":"{{TrailName}}","container":"{{ContainerName}}","eventRW":"All","trailRegion":"All"}""",
            [HttpStatusCode.Created, HttpStatusCode.Conflict], cancellationToken);
        await api.CallAsync("start trail", HttpMethod.Post, $"v1/trails/{TrailName}/start", json: null, [HttpStatusCode.OK, HttpStatusCode.NoContent], cancellationToken);
        var status = await api.CallAsync("trail status", HttpMethod.Get, $"v1/trails/{TrailName}/status", json: null, [HttpStatusCode.OK], cancellationToken);
        if (!status.Json.TryGetProperty("isLogging", out var isLogging) || isLogging.ValueKind != JsonValueKind.True)
            throw new DemoFailure("trail status", "isLogging true", $"it was {status.Text}");
    }

    /// <summary>Waits for the first object of this tour, reads it whole and tells about it. Returns its signed address, and how many objects there are.</summary>
    public async Task<(Uri First, int Count)> ShowFirstObjectAsync(CancellationToken cancellationToken)
    {
        List<string> delivered;
        while ((delivered = [.. (await ListAsync(cancellationToken)).Where(name => !_before.Contains(name))]).Count == 0)
            await Task.Delay(TimeSpan.FromSeconds(1), clock, cancellationToken);

        var name = delivered[0];
        var content = (await container.GetBlobClient(name).DownloadContentAsync(cancellationToken)).Value.Content;
        await using var unzipped = new GZipStream(content.ToStream(), CompressionMode.Decompress);
        using var json = await ParseAsync(name, unzipped, cancellationToken);
        if (json.RootElement.ValueKind != JsonValueKind.Array || json.RootElement.GetArrayLength() == 0)
            throw new DemoFailure("first object", "a JSON array of events", $"{name} holds a {json.RootElement.ValueKind}");
        output.WriteLine($"First delivered object ({json.RootElement.GetArrayLength():N0} events, {content.ToMemory().Length:N0} bytes of gzip):");
        output.WriteLine($"  {ContainerName}/{name}");
        var address = new UriBuilder(ReadableContainer.AddressOf(container, clock.GetUtcNow()));
        address.Path += "/" + name;
        return (address.Uri, delivered.Count);
    }

    private static async Task<JsonDocument> ParseAsync(string name, Stream unzipped, CancellationToken cancellationToken)
    {
        try
        {
            return await JsonDocument.ParseAsync(unzipped, cancellationToken: cancellationToken);
        }
        catch (Exception error) when (error is JsonException or InvalidDataException)
        {
            throw new DemoFailure("first object", $"gzip of JSON in {name}", error.Message);
        }
    }

    private async Task<List<string>> ListAsync(CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await foreach (var blob in container.GetBlobsAsync(cancellationToken: cancellationToken))
        {
            if (blob.Name.EndsWith(".gz", StringComparison.Ordinal))
                names.Add(blob.Name);
        }
        return names;
    }
}
