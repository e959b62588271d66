using System.Buffers;

namespace ActionTrail.Segments.Compact;

/// <summary>
/// Takes rows into a row group that are shredded already: numbers of the old group's dictionary and skeletons are turned into the new one's, so
/// that an old text is looked up once and not once per row. Gives the numbers that cutting the bodies would give.
/// </summary>
/// <remarks>Memory: 4 bytes per entry and skeleton of each old group that has rows in the new one.</remarks>
internal sealed class GroupAdoption(ValueTable texts, SkeletonTable skeletons) : IDisposable
{
    private readonly Dictionary<GroupCodec, Known> groups = [];
    private readonly PooledBytes scratch = new();
    private GroupCodec? latest;
    private Known latestKnown;

    /// <summary>Sets what stands in the holes of a row, as numbers of the new group.</summary>
    public void Leaves(ShreddedBlock block, ReadOnlySpan<int> old, Span<int> target, int row)
    {
        var known = Of(block.Codec).Entries;
        for (var i = 0; i < old.Length; i++)
        {
            var leaf = old[i];
            if (leaf < 0)
            {
                target[i] = texts.Add(block.Literal(~leaf, scratch), row);
            }
            else if (leaf < RowEntry.Count)
            {
                target[i] = leaf;
            }
            else if (known[leaf] == 0)
            {
                target[i] = texts.Add(block.Codec.Dictionary.Text(leaf), row);
                known[leaf] = target[i];
            }
            else
            {
                target[i] = known[leaf];
                texts.Repeat(target[i], row);
            }
        }
    }

    /// <summary>The number of the row's skeleton in the new group.</summary>
    public int Skeleton(ShreddedBlock block, int row)
    {
        var old = block.Skeleton(row);
        if (old.Place < 0)
            return skeletons.Add(old.Text.Span, old.Holes);
        ref var number = ref Of(block.Codec).Skeletons[old.Place];
        if (number == 0)
            number = skeletons.Add(old.Text.Span, old.Holes) + 1;
        else
            skeletons.Repeat(number - 1);
        return number - 1;
    }

    public void Clear()
    {
        foreach (var known in groups.Values)
        {
            ArrayPool<int>.Shared.Return(known.Entries);
            ArrayPool<int>.Shared.Return(known.Skeletons);
        }

        groups.Clear();
        (latest, latestKnown) = (null, default);
    }

    public long HeldBytes => scratch.HeldBytes + groups.Values.Sum(static known => 4L * (known.Entries.Length + known.Skeletons.Length));

    public void Dispose()
    {
        Clear();
        scratch.Dispose();
    }

    private Known Of(GroupCodec codec)
    {
        if (codec == latest)
            return latestKnown;
        if (!groups.TryGetValue(codec, out var known))
        {
            known = new(Rent(codec.Dictionary.Count), Rent(codec.Skeletons.Length));
            groups.Add(codec, known);
        }

        (latest, latestKnown) = (codec, known);
        return known;
    }

    private static int[] Rent(int count)
    {
        var rented = ArrayPool<int>.Shared.Rent(Math.Max(1, count));
        rented.AsSpan(0, count).Clear();
        return rented;
    }

    /// <param name="Entries">By the old number the new one; 0, which no stored text has, until it is known.</param>
    /// <param name="Skeletons">By the old place the new number plus one; 0 until it is known.</param>
    private readonly record struct Known(int[] Entries, int[] Skeletons);
}
