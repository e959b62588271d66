using System.IO.Compression;
using System.Security.Cryptography;

namespace ActionTrail.Digests.Validation;

/// <summary>How a file compares to what its digest says; without a file, a finding of another kind. <paramref name="Bytes"/>: read, as stored.</summary>
internal readonly record struct FileResult(DigestedFile? File, Finding? Finding, long Bytes);

/// <summary>Hashes delivered files.</summary>
internal static class FileCheck
{
    private const int BufferBytes = 1 << 20;

    public static async Task<FileResult> RunAsync(IDeliveredFiles files, DigestedFile file, bool contentOnly, CancellationToken cancellationToken)
    {
        if (contentOnly || file.StoredHash is null)
            return await CompareContentAsync(files, file, cancellationToken);
        await using var stream = await files.OpenAsync(file.Object, cancellationToken);
        if (stream is null)
            return Missing(file);
        var (hash, length, _) = await HashAsync(stream, long.MaxValue, cancellationToken);
        if (hash == file.StoredHash)
            return new(file, null, length);
        var content = await CompareContentAsync(files, file, cancellationToken);
        return content.Finding is null
            ? content with { Finding = new(FindingKind.Altered, file.Object, "It was compressed anew or something was put to it; the events in it are those that were delivered.") }
            : content;
    }

    /// <summary>SHA-256 as stored and of the content; null when it is not there.</summary>
    public static async Task<(string Stored, string? Content)?> HashBothAsync(IDeliveredFiles files, string name, CancellationToken cancellationToken)
    {
        string stored;
        await using (var stream = await files.OpenAsync(name, cancellationToken))
        {
            if (stream is null)
                return null;
            (stored, _, _) = await HashAsync(stream, long.MaxValue, cancellationToken);
        }

        await using var again = await files.OpenAsync(name, cancellationToken);
        return again is null ? null : (stored, (await HashContentAsync(again, long.MaxValue, cancellationToken)).Hash);
    }

    private static async Task<FileResult> CompareContentAsync(IDeliveredFiles files, DigestedFile file, CancellationToken cancellationToken)
    {
        await using var stream = await files.OpenAsync(file.Object, cancellationToken);
        if (stream is null)
            return Missing(file);
        await using var counted = new CountingStream(stream);
        var (hash, length) = await HashContentAsync(counted, file.Bytes, cancellationToken);
        var fault = hash is null ? "It is no gzip any more." : hash != file.Hash || length != file.Bytes ? "Its content is not what was delivered." : null;
        return new(file, fault is null ? null : new(FindingKind.Altered, file.Object, fault), counted.Count);
    }

    /// <summary>Hash and length of the content, read at most one buffer further than it may be; null when it is no gzip.</summary>
    private static async Task<(string? Hash, long Length)> HashContentAsync(Stream stream, long limit, CancellationToken cancellationToken)
    {
        try
        {
            await using var content = new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true);
            var (hash, length, _) = await HashAsync(content, limit, cancellationToken);
            return (hash, length);
        }
        catch (InvalidDataException)
        {
            return (null, 0);
        }
    }

    private static async Task<(string Hash, long Length, bool Ended)> HashAsync(Stream stream, long limit, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var length = 0L;
            while (length <= limit)
            {
                var read = await stream.ReadAsync(buffer, cancellationToken);
                if (read == 0)
                    break;
                hash.AppendData(buffer, 0, read);
                length += read;
            }

            return (Convert.ToHexStringLower(hash.GetHashAndReset()), length, length <= limit);
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static FileResult Missing(DigestedFile file) => new(file, new(FindingKind.NotFound, file.Object, "It was delivered and is not there."), 0);

    /// <summary>Counts what is read through it.</summary>
    private sealed class CountingStream(Stream inner) : Stream
    {
        public long Count { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Counted(inner.Read(buffer, offset, count));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => Counted(await inner.ReadAsync(buffer, cancellationToken));

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private int Counted(int read)
        {
            Count += read;
            return read;
        }
    }
}
