using System.Security.Cryptography;

namespace ActionTrail.Cli.Send;

/// <summary>A window over the input that only moves forward and holds what is between two consumed places. Counts lines and hashes what leaves it.</summary>
internal sealed class InputBuffer(Stream stream, bool hashes) : IDisposable
{
    private const int Step = 256 << 10;

    private readonly IncrementalHash? hash = hashes ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
    private byte[] bytes = new byte[Step];
    private int start;
    private int end;
    private bool mayHaveMark = true;

    /// <summary>Bytes that were consumed.</summary>
    public long Offset { get; private set; }

    /// <summary>Line of the first byte at hand, from 1.</summary>
    public long Line { get; private set; } = 1;

    /// <summary>Nothing comes behind what is at hand.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>What is at hand and not consumed; valid until <see cref="FillAsync"/>.</summary>
    public ReadOnlyMemory<byte> Rest => bytes.AsMemory(start, end - start);

    public string Sha256 => hash is null ? "" : Convert.ToHexStringLower(hash.GetCurrentHash());

    /// <summary>Brings more bytes to hand, or finds that there are none.</summary>
    /// <exception cref="InvalidDataException">The input is damaged gzip.</exception>
    public async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (end == bytes.Length)
            MakeRoom();
        var read = await stream.ReadAsync(bytes.AsMemory(end), cancellationToken);
        IsWhole = read == 0;
        end += read;
        if (mayHaveMark && (end - start >= 3 || IsWhole))
        {
            mayHaveMark = false;
            if (Rest.Span.StartsWith("\uFEFF"u8))
                start += 3;
        }
        else if (mayHaveMark)
        {
            await FillAsync(cancellationToken);
        }
    }

    public void Consume(int count)
    {
        var consumed = bytes.AsSpan(start, count);
        hash?.AppendData(consumed);
        Line += consumed.Count((byte)'\n');
        Offset += count;
        start += count;
    }

    public void Dispose() => hash?.Dispose();

    // Keeps the buffer small after one large record.
    private void MakeRoom()
    {
        var length = end - start;
        var wanted = length > bytes.Length / 2 ? bytes.Length * 2 : Math.Max(Step, Math.Min(bytes.Length, length * 4));
        var target = wanted == bytes.Length ? bytes : new byte[wanted];
        bytes.AsSpan(start, length).CopyTo(target);
        bytes = target;
        start = 0;
        end = length;
    }
}
