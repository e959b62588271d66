using System.Security.Cryptography;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Segments.Compact;
using ActionTrail.Storage;

namespace ActionTrail.Compaction;

/// <summary>
/// Writes the segments of one plan, one after another: a segment ends when it is full, and at the end of a part (the accounts of a shard's slice, or
/// one large account of it). Numbers are given in the order of writing, so that the same inputs give the same names.
/// </summary>
internal sealed class SegmentOutput(IObjectStore objects, CompactionPlan plan, int level, int sieveRows) : IDisposable
{
    private readonly CompactSegmentBuilder builder = new(level);
    private readonly Dictionary<PartitionName, (long First, long Last)> ranges = [];
    private PartitionName rangePartition;
    private (long First, long Last) range = (long.MaxValue, long.MinValue);
    private int shard;
    private string? account;

    public List<CompactedSegment> Written { get; } = [];

    public long Rows { get; private set; }

    public long Copies { get; private set; }

    /// <summary>All that follows is of this shard, and of this account when it is large.</summary>
    public async Task BeginAsync(int shardNumber, string? largeAccount, CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        (shard, account) = (shardNumber, largeAccount);
    }

    /// <summary>Whether the segment is to be flushed before more comes.</summary>
    public bool IsFull => builder.IsFull;

    public void Add(in CompactRow row)
    {
        builder.Add(row);
        if (row.Origin.Partition != rangePartition)
            TurnTo(row.Origin.Partition);
        range = (Math.Min(range.First, row.At.SequenceNumber), Math.Max(range.Last, row.At.SequenceNumber));
    }

    /// <summary>Ends the segment and writes it. Its name says its content: one that is there already is this one.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (builder.Count == 0)
            return;
        TurnTo(default);
        var isFull = builder.IsFull;
        using var image = builder.Build();
        var name = CompactionKeys.Segment(plan.Store, plan.Generation, shard, Written.Count, image.Sha256);
        await CreateAsync(name, image.Content, cancellationToken);
        var reference = image.ToReference(name) with { Sieve = image.Count >= sieveRows ? await SieveAsync(image, cancellationToken) : null };
        Written.Add(new CompactedSegment
        {
            Store = plan.Store,
            Shard = shard,
            Id = CompactionKeys.SegmentId(plan.Generation, Written.Count),
            Level = level,
            Since = plan.Generation,
            Segment = reference,
            Count = image.Count,
            Account = account,
            IsFull = isFull,
            Without = account is null && reference.Accounts.ToBytes() is null ? [.. plan.LargeAccounts.Where(id => CompactionHead.ShardOf(id, plan.Shards) == shard)] : [],
            Ranges = [.. ranges.Select(static r => new SequenceRange(r.Key, r.Value.First, r.Value.Last)).OrderBy(static r => r.Partition.ToString(), StringComparer.Ordinal)],
        });
        Rows += image.Count;
        Copies += builder.Copies;
        builder.Clear();
        ranges.Clear();
    }

    public void Dispose() => builder.Dispose();

    private async Task<SieveReference> SieveAsync(SegmentImage image, CancellationToken cancellationToken)
    {
        var sieve = SieveBuilder.Build(SegmentHead.Parse(image.Content[(int)image.HeadOffset..], image.HeadOffset, image.Content.Length), image.Sha256);
        var name = CompactionKeys.Sieve(plan.Store, plan.Generation, shard, Written.Count, SHA256.HashData(sieve));
        await CreateAsync(name, sieve, cancellationToken);
        return SieveBuilder.Reference(name, sieve);
    }

    private async Task CreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        try
        {
            await objects.CreateAsync(Containers.Events, name, content, ObjectLabel.Binary, cancellationToken);
        }
        catch (StoreException error) when (error.Kind == StoreErrorKind.Conflict)
        {
            // An earlier or another run wrote it, or its answer got lost.
        }
    }

    private void TurnTo(PartitionName partition)
    {
        if (range.First <= range.Last)
            ranges[rangePartition] = range;
        rangePartition = partition;
        range = ranges.TryGetValue(partition, out var known) ? known : (long.MaxValue, long.MinValue);
    }
}
