using System.Runtime.CompilerServices;
using ActionTrail.Storage;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace ActionTrail.Azure;

/// <summary>
/// <see cref="IObjectStore"/> on Blob containers. Creation carries If-None-Match: *. The SDK repeats an upload whose answer was
/// lost, and the repetition finds the object there; only then is what is there compared with what was to be written: the same
/// bytes are success (this call or an identical one wrote them), others are Conflict.
/// </summary>
public sealed class AzureBlobStore : IObjectStore
{
    private readonly BlobServiceClient service;
    private readonly StorageTransferOptions transfer;

    /// <summary>Objects up to 32 MiB are one request; larger ones are blocks of 8 MiB and their list.</summary>
    public AzureBlobStore(BlobServiceClient service)
        : this(service, new StorageTransferOptions { InitialTransferSize = 32 << 20, MaximumTransferSize = 8 << 20, MaximumConcurrency = 4 })
    {
    }

    internal AzureBlobStore(BlobServiceClient service, StorageTransferOptions transfer) => (this.service, this.transfer) = (service, transfer);

    public Task CreateContainerAsync(string container, CancellationToken cancellationToken)
    {
        ObjectRules.CheckContainer(container);
        return StoreErrors.WriteAsync(
            $"create container {container}",
            _ => Container(container).CreateIfNotExistsAsync(cancellationToken: cancellationToken),
            cancellationToken);
    }

    public Task<bool> ContainerExistsAsync(string container, CancellationToken cancellationToken)
    {
        ObjectRules.CheckContainer(container);
        return StoreErrors.ReadAsync($"look for container {container}", async () => (await Container(container).ExistsAsync(cancellationToken)).Value, cancellationToken);
    }

    public async Task CreateAsync(string container, string name, ReadOnlyMemory<byte> content, ObjectLabel label, CancellationToken cancellationToken)
    {
        using var stream = BinaryData.FromBytes(content).ToStream();
        await CreateAsync(container, name, stream, label, cancellationToken);
    }

    public Task CreateAsync(string container, string name, Stream content, ObjectLabel label, CancellationToken cancellationToken)
    {
        ObjectRules.CheckLabel(label);
        var blob = Blob(container, name);
        var options = new BlobUploadOptions
        {
            Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All },
            HttpHeaders = new BlobHttpHeaders { ContentType = label.ContentType, ContentEncoding = label.ContentEncoding },
            Metadata = label.Metadata?.ToDictionary(StringComparer.OrdinalIgnoreCase),
            TransferOptions = transfer,
        };
        return StoreErrors.WriteAsync(
            $"create {container}/{name}",
            async attempts =>
            {
                content.Position = 0;
                try
                {
                    await blob.UploadAsync(content, options, cancellationToken);
                    return true;
                }
                catch (RequestFailedException refused) when (refused.Status is 409 or 412 && attempts.MayHaveHappened)
                {
                    if (await HoldsAsync(blob, content, cancellationToken))
                        return true;
                    throw new StoreException(StoreErrorKind.Conflict, $"create {container}/{name}: other content is there.", refused);
                }
            },
            cancellationToken);
    }

    public async Task<ObjectInfo?> FindAsync(string container, string name, CancellationToken cancellationToken)
    {
        var blob = Blob(container, name);
        try
        {
            var found = await StoreErrors.ReadAsync($"find {container}/{name}", () => blob.GetPropertiesAsync(cancellationToken: cancellationToken), cancellationToken);
            return new ObjectInfo(name, found.Value.ContentLength, found.Value.LastModified, found.Value.ETag.ToString("H"))
            {
                Metadata = found.Value.Metadata.ToDictionary(StringComparer.OrdinalIgnoreCase),
            };
        }
        catch (StoreException failure) when (failure.Kind == StoreErrorKind.NotFound)
        {
            return null;
        }
    }

    public async Task<byte[]> ReadAsync(string container, string name, long offset, int length, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        var blob = Blob(container, name);
        if (length == 0)
            return await ReadNothingAsync(container, name, offset, cancellationToken);
        return await StoreErrors.ReadAsync(
            $"read {container}/{name}",
            async () =>
            {
                using var download = (await blob.DownloadStreamingAsync(new BlobDownloadOptions { Range = new HttpRange(offset, length) }, cancellationToken)).Value;

                // The service says how much of the range it has before it sends it.
                if (download.Details.ContentLength != length)
                    throw new InvalidDataException("The object is shorter than what was asked for.");
                var bytes = new byte[length];
                await download.Content.ReadExactlyAsync(bytes, cancellationToken);
                return bytes;
            },
            cancellationToken);
    }

    public async Task<Stream> OpenReadAsync(string container, string name, CancellationToken cancellationToken)
    {
        var what = $"read {container}/{name}";
        var blob = Blob(container, name);
        var download = await StoreErrors.ReadAsync(what, () => blob.DownloadStreamingAsync(cancellationToken: cancellationToken), cancellationToken);
        return new DownloadStream(what, download.Value);
    }

    public async IAsyncEnumerable<ObjectInfo> ListAsync(string container, string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ObjectRules.CheckContainer(container);
        var blobs = Container(container).GetBlobsAsync(BlobTraits.None, BlobStates.None, prefix, cancellationToken);
        await foreach (var blob in StoreErrors.ListAsync($"list {container}", blobs, cancellationToken))
        {
            yield return new ObjectInfo(
                blob.Name, blob.Properties.ContentLength ?? 0, blob.Properties.LastModified ?? DateTimeOffset.MinValue, blob.Properties.ETag?.ToString("H") ?? "");
        }
    }

    /// <inheritdoc/>
    /// <remarks>True also when the object is gone after an attempt whose answer was lost.</remarks>
    public Task<bool> DeleteAsync(string container, string name, CancellationToken cancellationToken)
    {
        var blob = Blob(container, name);
        return StoreErrors.WriteAsync(
            $"delete {container}/{name}",
            async attempts => (await blob.DeleteIfExistsAsync(cancellationToken: cancellationToken)).Value || attempts.MayHaveHappened,
            cancellationToken);
    }

    private async Task<byte[]> ReadNothingAsync(string container, string name, long offset, CancellationToken cancellationToken)
    {
        var found = await FindAsync(container, name, cancellationToken)
            ?? throw new StoreException(StoreErrorKind.NotFound, $"{container}/{name} is not there.");
        return offset <= found.Length ? [] : throw new StoreException(StoreErrorKind.Corrupt, $"{container}/{name} has {found.Length} bytes; {offset} were asked for.");
    }

    private static async Task<bool> HoldsAsync(BlobClient blob, Stream content, CancellationToken cancellationToken)
    {
        using var there = (await blob.DownloadStreamingAsync(cancellationToken: cancellationToken)).Value;
        if (there.Details.ContentLength != content.Length)
            return false;
        content.Position = 0;
        var (ours, theirs) = (new byte[64 * 1024], new byte[64 * 1024]);
        while (true)
        {
            var count = await content.ReadAtLeastAsync(ours, ours.Length, throwOnEndOfStream: false, cancellationToken);
            if (count == 0)
                return true;
            await there.Content.ReadExactlyAsync(theirs.AsMemory(0, count), cancellationToken);
            if (!ours.AsSpan(0, count).SequenceEqual(theirs.AsSpan(0, count)))
                return false;
        }
    }

    private BlobContainerClient Container(string container) => service.GetBlobContainerClient(container);

    private BlobClient Blob(string container, string name)
    {
        ObjectRules.CheckContainer(container);
        ObjectRules.CheckName(name);
        return Container(container).GetBlobClient(name);
    }
}
