using System.IO.Compression;

namespace ActionTrail.Cli.Send;

/// <summary>Opens what the command line names: a file, or <c>-</c> for the standard input; gzip, which its first two bytes tell, is inflated.</summary>
internal static class InputFile
{
    /// <exception cref="CliException">There is no such file, or it cannot be read.</exception>
    public static async Task<Stream> OpenAsync(string name, Stream standardInput, CancellationToken cancellationToken)
    {
        Stream input;
        try
        {
            if (Directory.Exists(name))
                throw new CliException(ExitCode.Usage, $"{name} is a folder; name a file, or - for the standard input.");
            input = name == "-" ? standardInput : new FileStream(name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Usage, e.Message);
        }

        var head = new byte[2];
        var length = await input.ReadAtLeastAsync(head, 2, throwOnEndOfStream: false, cancellationToken);
        Stream whole = new ReplayedStream(head.AsMemory(0, length), input);
        return head is [0x1F, 0x8B] ? new GZipStream(whole, CompressionMode.Decompress) : whole;
    }

    /// <summary>A stream with the bytes in front of it again that were read to look at them. For reading only.</summary>
    private sealed class ReplayedStream(ReadOnlyMemory<byte> head, Stream rest) : Stream
    {
        private ReadOnlyMemory<byte> head = head;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer) => head.IsEmpty ? rest.Read(buffer) : TakeHead(buffer);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            // A read from a terminal or pipe does not end by itself when it is cancelled.
            head.IsEmpty ? await rest.ReadAsync(buffer, cancellationToken).AsTask().WaitAsync(cancellationToken) : TakeHead(buffer.Span);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                rest.Dispose();
            base.Dispose(disposing);
        }

        private int TakeHead(Span<byte> buffer)
        {
            var count = Math.Min(buffer.Length, head.Length);
            head.Span[..count].CopyTo(buffer);
            head = head[count..];
            return count;
        }
    }
}
