using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Delivery;

/// <summary>Writes finished parts create-only. What is there already must be the same content under the same name.</summary>
internal sealed class DestinationWriter(IObjectStore objects, DeliveryOrder order)
{
    /// <summary>Without Content-Encoding: what is downloaded is what is stored, whatever the client does with encodings.</summary>
    private const string ContentType = "application/gzip";

    private readonly string container = order.Trail.Container!;
    private readonly List<DeliveredObject> written = [];

    public IReadOnlyList<DeliveredObject> Written => written;

    /// <exception cref="DestinationException">The container is gone, closed, or does not answer.</exception>
    /// <exception cref="DestinationConflictException">Another object lies where this part belongs.</exception>
    public async Task WriteAsync(ObjectPart part, CancellationToken cancellationToken)
    {
        var trail = order.Trail;
        var (content, storedSha256, sha256) = part.Finish();
        var stem = DeliveredObjectName.Stem(trail.Format, trail.Prefix, trail.DirectoryId, part.Account, part.Region, order.Window, trail.Key, part.Number, order.Job);
        var name = DeliveredObjectName.Of(trail.Format, stem, part.Events, part.Bytes, sha256);
        var hash = Convert.ToHexStringLower(sha256);
        try
        {
            var isNew = !await ExistsAsync(stem, name, cancellationToken) && await TryCreateAsync(name, content, part.Events, hash, cancellationToken);
            var (stored, bytes) = isNew ? (Convert.ToHexStringLower(storedSha256), content.Length) : await CompareAsync(name, part.Bytes, hash, cancellationToken);
            written.Add(new(name, part.Events, part.Bytes, hash) { Stored = new(bytes, stored, part.OldestEventMs, part.NewestEventMs) });
        }
        catch (StoreException e)
        {
            throw new DestinationException(e, $"Container {container}");
        }
    }

    /// <summary>
    /// Whether an earlier attempt wrote this part. The name carries the content's hash, so that create-only alone would let two
    /// different contents of one part lie side by side: all objects of the part are looked at.
    /// </summary>
    private async Task<bool> ExistsAsync(string stem, string name, CancellationToken cancellationToken)
    {
        var exists = false;
        await foreach (var found in objects.ListAsync(container, stem, cancellationToken))
        {
            if (found.Name != name)
                throw new DestinationConflictException($"{container}/{found.Name} lies where {name} belongs.");
            exists = true;
        }

        return exists;
    }

    private async Task<bool> TryCreateAsync(string name, Stream content, int events, string hash, CancellationToken cancellationToken)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["events"] = events.ToString(CultureInfo.InvariantCulture),
            ["sha256"] = hash,
            ["window"] = order.Window.ToString(CultureInfo.InvariantCulture),
            ["trail"] = order.Trail.TrailId,
        };
        if (order.Job is { } job)
            metadata["job"] = job.ToString(CultureInfo.InvariantCulture);
        var label = new ObjectLabel(ContentType) { Metadata = metadata };
        try
        {
            await objects.CreateAsync(container, name, content, label, cancellationToken);
            return true;
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Conflict)
        {
            return false;
        }
    }

    /// <summary>What was there a request ago and is not any more came and went: no sign that the container is gone, which the next attempt would find.</summary>
    private async Task<Stream> OpenAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await objects.OpenReadAsync(container, name, cancellationToken);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound)
        {
            throw new StoreException(StoreErrorKind.Unavailable, $"{container}/{name} could not be created, and is not there.", e);
        }
    }

    /// <summary>Judges the existing object by its uncompressed content, read at most one byte further than it may be. Returns hash and length as it is stored: another gzip may have written it.</summary>
    private async Task<(string Sha256, long Bytes)> CompareAsync(string name, long bytes, string hash, CancellationToken cancellationToken)
    {
        await using var stored = await OpenAsync(name, cancellationToken);
        await using var read = new HashedStream(stored);
        await using var content = new GZipStream(read, CompressionMode.Decompress);
        using var actual = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[64 * 1024];
        var total = 0L;
        try
        {
            for (int some; total <= bytes && (some = await content.ReadAsync(buffer, cancellationToken)) > 0; total += some)
                actual.AppendData(buffer, 0, some);
        }
        catch (InvalidDataException e)
        {
            throw new DestinationConflictException($"{container}/{name} is no gzip: {e.Message}");
        }

        if (total != bytes || Convert.ToHexStringLower(actual.GetHashAndReset()) != hash)
            throw new DestinationConflictException($"{container}/{name} exists with other content.");
        return await read.FinishAsync(cancellationToken);
    }
}
