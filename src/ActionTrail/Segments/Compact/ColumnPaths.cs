using ActionTrail.Layout;

namespace ActionTrail.Segments.Compact;

/// <summary>
/// Numbers the paths of leaves: the keys from the root to a leaf, all elements of an array under one path. Leaves of one path in any
/// skeleton share a column, so that like stands by like. Any numbering would rebuild the events; this one compresses.
/// </summary>
internal sealed class ColumnPaths
{
    private const ulong ArrayStep = 0x9E3779B97F4A7C15;
    private const ulong KeyStep = 0xC2B2AE3D27D4EB4F;

    private readonly Dictionary<ulong, int> columns = [];
    private readonly List<ulong> open = [];

    /// <summary>Number of columns; column 0 takes the leaves of all paths beyond the bound.</summary>
    public int Count => columns.Count + 1;

    public void Clear() => columns.Clear();

    /// <summary>Appends the column of each hole.</summary>
    public void Assign(ReadOnlySpan<byte> text, ReadOnlySpan<int> holes, PooledArray<int> result)
    {
        open.Clear();
        ulong container = 1, current = 1;
        var inString = false;
        int at = 0, hole = 0;
        while (true)
        {
            if (hole < holes.Length && holes[hole] == at)
            {
                result.Add(ColumnOf(current));
                hole++;
                continue;
            }

            if (at >= text.Length)
                return;
            var one = text[at++];
            if (inString)
            {
                inString = one != '"';
                continue;
            }

            switch (one)
            {
                case (byte)'"' when hole < holes.Length && holes[hole] == at:
                    inString = true;
                    break;
                case (byte)'"':
                    var end = EventCutter.StringEnd(text, at);
                    if (end >= 0 && (hole == holes.Length || holes[hole] > end))
                    {
                        current = (container ^ Hash64.Of(text[at..end])) * KeyStep;
                        at = end + 1;
                    }

                    break;
                case (byte)'{' or (byte)'[':
                    open.Add(container);
                    current = one == '[' ? (current + 1) * ArrayStep : current;
                    container = current;
                    break;
                case (byte)'}' or (byte)']' when open.Count > 0:
                    container = open[^1];
                    open.RemoveAt(open.Count - 1);
                    current = container;
                    break;
            }
        }
    }

    private int ColumnOf(ulong path)
    {
        if (columns.TryGetValue(path, out var column))
            return column;
        if (Count >= CompactFormat.MaxColumns)
            return 0;
        columns.Add(path, Count);
        return Count - 1;
    }
}
