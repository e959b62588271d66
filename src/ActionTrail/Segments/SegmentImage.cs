using System.Buffers;
using ActionTrail.Layout;

namespace ActionTrail.Segments;

/// <summary>The bytes of a built segment and what the catalog says of it. <see cref="Dispose"/> gives the bytes back to the pool: <see cref="Content"/> is not to be read after.</summary>
public sealed class SegmentImage : IDisposable
{
    private readonly int length;
    private byte[]? content;

    internal SegmentImage(byte[] content, int length)
    {
        this.content = content;
        this.length = length;
    }

    /// <exception cref="ObjectDisposedException">The image is disposed.</exception>
    public ReadOnlyMemory<byte> Content
    {
        get
        {
            ObjectDisposedException.ThrowIf(content is null, this);
            return content.AsMemory(0, length);
        }
    }

    /// <summary>Where the head starts; it ends with <see cref="Content"/>.</summary>
    public required long HeadOffset { get; init; }

    public required int Count { get; init; }

    /// <summary>Unix milliseconds.</summary>
    public required long MinEventTimeMs { get; init; }

    /// <summary>Unix milliseconds, inclusive.</summary>
    public required long MaxEventTimeMs { get; init; }

    /// <summary>SHA-256 of <see cref="Content"/>.</summary>
    public required byte[] Sha256 { get; init; }

    public required AccountSummary Accounts { get; init; }

    /// <summary>The catalog's reference to this segment once it is stored under <paramref name="name"/>.</summary>
    public SegmentReference ToReference(string name) => new(name, length, HeadOffset, Sha256, MinEventTimeMs, MaxEventTimeMs, Accounts);

    public void Dispose()
    {
        var rented = content;
        content = null;
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }
}
