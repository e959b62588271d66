using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Segments;

/// <summary>Reads blocks of one segment at once: neighbours are joined into one read up to a bound, and a bounded number of reads is under way.</summary>
internal static class BlockWave
{
    /// <summary>Most bytes of one joined read: a longer one would wait for bytes that parallel reads bring sooner.</summary>
    private const int MaxReadBytes = 1024 * 1024;

    /// <summary>Bytes that are read in vain rather than by a request of their own.</summary>
    private const int MaxGapBytes = 32 * 1024;

    /// <param name="objects">The store.</param>
    /// <param name="name">The segment's object in container <c>events</c>.</param>
    /// <param name="head">The segment's head.</param>
    /// <param name="blocks">Distinct and ascending.</param>
    /// <param name="parallel">Most reads under way.</param>
    /// <param name="reads">Counts the reads; null: nobody asks.</param>
    /// <param name="cancellationToken">Stops the reads.</param>
    public static async Task<IEnumerable<(int Block, SegmentBlock Content)>> ReadAsync(
        IObjectStore objects, string name, SegmentHead head, SortedSet<int> blocks, int parallel, SegmentReads? reads, CancellationToken cancellationToken)
    {
        var runs = Join(head, blocks);
        var decoded = new List<(int, SegmentBlock)>[runs.Count];
        if (runs.Count == 1)
        {
            return await ReadRunAsync(objects, name, head, runs[0], reads, cancellationToken);
        }

        var bound = new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, runs.Count, bound, async (run, stop) => decoded[run] = await ReadRunAsync(objects, name, head, runs[run], reads, stop));
        return decoded.SelectMany(static run => run);
    }

    private static List<List<int>> Join(SegmentHead head, SortedSet<int> blocks)
    {
        var runs = new List<List<int>>();
        long start = 0, end = 0;
        foreach (var block in blocks)
        {
            var range = head.Block(block);
            var joins = runs.Count > 0 && range.Offset - end <= MaxGapBytes && range.Offset + range.Length - start <= MaxReadBytes;
            if (joins)
            {
                runs[^1].Add(block);
            }
            else
            {
                runs.Add([block]);
                start = range.Offset;
            }

            end = range.Offset + range.Length;
        }

        return runs;
    }

    private static async Task<List<(int Block, SegmentBlock Content)>> ReadRunAsync(
        IObjectStore objects, string name, SegmentHead head, List<int> run, SegmentReads? reads, CancellationToken cancellationToken)
    {
        var start = head.Block(run[0]).Offset;
        var last = head.Block(run[^1]);
        reads?.Add(last.Offset + last.Length - start);
        var bytes = await objects.ReadAsync(Containers.Events, name, start, (int)(last.Offset + last.Length - start), cancellationToken);
        var decoded = new List<(int, SegmentBlock)>(run.Count);
        foreach (var block in run)
        {
            var range = head.Block(block);
            decoded.Add((block, head.Decode(block, bytes.AsMemory((int)(range.Offset - start), range.Length))));
        }

        return decoded;
    }
}
