using System.Security.Cryptography;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;

namespace ActionTrail.Ingest;

/// <summary>The objects of one commit before they are written: the segment and the quarantined records, with the references that the commit row holds.</summary>
internal sealed class CommitObjects : IDisposable
{
    private static readonly ObjectLabel QuarantineLabel = new("application/x-ndjson");

    private readonly SegmentImage? image;
    private readonly byte[] records;

    private CommitObjects(SegmentImage? image, SegmentReference? segment, byte[] records, QuarantineReference? quarantine)
    {
        this.image = image;
        this.records = records;
        Segment = segment;
        Quarantine = quarantine;
    }

    public int Count => image?.Count ?? 0;

    public SegmentReference? Segment { get; }

    public QuarantineReference? Quarantine { get; }

    /// <summary>Builds the objects of the commit that covers <paramref name="first"/>..<paramref name="last"/> from what lies on the bench.</summary>
    public static CommitObjects Build(StoreName store, PartitionName partition, long first, long last, SegmentBuilder builder, IReadOnlyList<QuarantineRecord> quarantined)
    {
        SegmentImage? built = null;
        SegmentReference? segment = null;
        if (builder.Count > 0)
        {
            built = builder.Build();
            segment = built.ToReference(Keys.FreshSegment(store, partition, first, last, built.Sha256));
        }

        byte[] lines = [];
        QuarantineReference? quarantine = null;
        if (quarantined.Count > 0)
        {
            lines = QuarantineFormat.Write(quarantined);
            var sha256 = SHA256.HashData(lines);
            quarantine = new QuarantineReference(Keys.QuarantineObject(store, partition, first, last, sha256), sha256, quarantined.Count);
        }

        return new CommitObjects(built, segment, lines, quarantine);
    }

    /// <summary>Writes what is not there yet. The name carries the hash of the content, so that an object that exists is this one.</summary>
    public Task WriteAsync(IObjectStore objects, CancellationToken cancellationToken) => WriteAsync(objects, withSegment: true, cancellationToken);

    public async Task WriteAsync(IObjectStore objects, bool withSegment, CancellationToken cancellationToken)
    {
        if (Quarantine is not null)
            await CreateAsync(objects, Containers.Quarantine, Quarantine.Name, records, QuarantineLabel, cancellationToken);
        if (Segment is not null && withSegment)
            await CreateAsync(objects, Containers.Events, Segment.Name, image!.Content, ObjectLabel.Binary, cancellationToken);
    }

    public void Dispose() => image?.Dispose();

    private static async Task CreateAsync(IObjectStore objects, string container, string name, ReadOnlyMemory<byte> content, ObjectLabel label, CancellationToken cancellationToken)
    {
        try
        {
            await objects.CreateAsync(container, name, content, label, cancellationToken);
        }
        catch (StoreException error) when (error.Kind == StoreErrorKind.Conflict)
        {
            // An earlier attempt wrote it and died, or its answer got lost.
        }
    }
}
