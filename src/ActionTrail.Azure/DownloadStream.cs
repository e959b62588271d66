using ActionTrail.Storage;
using Azure.Storage.Blobs.Models;

namespace ActionTrail.Azure;

/// <summary>An object on its way: failures in the middle become <see cref="StoreException"/>, and an early end is a failure (Unavailable).</summary>
internal sealed class DownloadStream(string what, BlobDownloadStreamingResult download) : Stream
{
    private long position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => download.Details.ContentLength;

    public override long Position
    {
        get => position;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await StoreErrors.ReadAsync(what, async () => await download.Content.ReadAsync(buffer, cancellationToken), cancellationToken);
        return Advance(count, buffer.Length);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count)
    {
        try
        {
            return Advance(download.Content.Read(buffer, offset, count), count);
        }
        catch (Exception failure) when (StoreErrors.IsStorageFailure(failure, CancellationToken.None))
        {
            throw StoreErrors.Translate(what, failure);
        }
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            download.Dispose();
        base.Dispose(disposing);
    }

    private int Advance(int count, int asked)
    {
        position += count;
        if (count == 0 && asked > 0 && position < Length)
            throw new StoreException(StoreErrorKind.Unavailable, $"{what}: the content ended after {position} of {Length} bytes.");
        return count;
    }
}
