using System.Security.Cryptography;

namespace ActionTrail.Delivery;

/// <summary>
/// A seekable stream that is kept in memory up to <paramref name="memoryBytes"/> and then moved to a stream that
/// <paramref name="openTemporary"/> opens (a file that vanishes when it is closed). What a delivery holds in memory is bounded by it. Written from
/// beginning to end, and hashed on the way.
/// </summary>
internal sealed class SpoolStream(int memoryBytes, Func<Stream> openTemporary) : Stream
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private Stream inner = new MemoryStream();
    private bool isTemporary;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => true;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => inner.Position = value;
    }

    /// <summary>SHA-256 of what was written; afterwards nothing is.</summary>
    public byte[] Sha256() => hash.GetHashAndReset();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        hash.AppendData(buffer);
        if (!isTemporary && inner.Position + buffer.Length > memoryBytes)
            MoveOut();
        inner.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer) => inner.Read(buffer);

    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => inner.ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void SetLength(long value) => inner.SetLength(value);

    public override void Flush() => inner.Flush();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            hash.Dispose();
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private void MoveOut()
    {
        var temporary = openTemporary();
        var position = inner.Position;
        inner.Position = 0;
        inner.CopyTo(temporary);
        temporary.Position = position;
        inner.Dispose();
        inner = temporary;
        isTemporary = true;
    }
}
