using System.Globalization;
using System.Text;
using System.Text.Json;
using Azure;
using Azure.Storage.Blobs;

namespace ActionTrail.LocalRunner.Triggers.Timers;

/// <summary>The host's own place: <c>azure-webjobs-hosts/timers/{hostid}/Host.Functions.{name}/status</c>, <c>{"Last","Next","LastUpdated"}</c>.</summary>
internal sealed class BlobTimerStatusStore(BlobServiceClient account, string hostId) : ITimerStatusStore
{
    private readonly BlobContainerClient container = account.GetBlobContainerClient("azure-webjobs-hosts");

    public async Task<TimerStatus?> LoadAsync(string functionName, CancellationToken cancellationToken)
    {
        try
        {
            var content = await Blob(functionName).DownloadContentAsync(cancellationToken);
            using var document = JsonDocument.Parse(content.Value.Content.ToMemory());
            return new TimerStatus(Time(document, "Last"), Time(document, "Next"), Time(document, "LastUpdated"));
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    public async Task SaveAsync(string functionName, TimerStatus status, CancellationToken cancellationToken)
    {
        await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        var text = $$"""{"Last":"{{Text(status.Last)}}","Next":"{{Text(status.Next)}}","LastUpdated":"{{Text(status.LastUpdated)}}"}""";
        await Blob(functionName).UploadAsync(new BinaryData(Encoding.UTF8.GetBytes(text)), overwrite: true, cancellationToken);
    }

    private BlobClient Blob(string functionName) => container.GetBlobClient($"timers/{hostId}/Host.Functions.{functionName}/status");

    private static DateTimeOffset Time(JsonDocument document, string name) => document.RootElement.GetProperty(name).GetDateTimeOffset();

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture);
}
