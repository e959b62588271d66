namespace ActionTrail.Segments.Compact;

/// <summary>
/// Finds what foretells each column. First a sample of the rows votes for one candidate per column: a constant, a function of an
/// attribute or of a leaf shortly before, or a copy of an earlier leaf. Then all rows fill the tables, and only what pays is kept.
/// </summary>
internal sealed class PredictorSearch : IDisposable
{
    private const int MaxSample = 2048;

    /// <summary>Leaves before one that may foretell it, besides those with the same value.</summary>
    private const int Window = 6;

    /// <summary>Bits of the table in which the sample remembers what followed what; what is overwritten counts as never seen.</summary>
    private const int MemoryBits = 15;

    /// <summary>Rows that one line of a table must serve to be worth its bytes.</summary>
    private const int LeastHits = 3;

    /// <summary>Leaves without a surprise after which a column is taken for a constant and not tried otherwise.</summary>
    private const int ProvenConstant = 64;

    private const int FixedContexts = PredictorContext.FirstColumn;

    private readonly PooledArray<CandidateScore> fixedScores = new();
    private readonly PooledArray<long> memoryKeys = new();
    private readonly PooledArray<int> memoryValues = new();
    private readonly PooledArray<int> seenAt = new();
    private readonly PooledArray<int> occurrences = new();
    private readonly List<List<CandidateScore>> columnScores = [];
    private readonly PooledArray<ulong> entryBits = new();
    private readonly bool[] usable = new bool[PredictorContext.Attributes];

    /// <summary>Sets the predictors and turns every leaf that is foretold into its complement.</summary>
    public void Run(RowGroup group, GroupAttributes attributes, Predictors predictors, LeafParents parents)
    {
        var columns = group.Skeletons.Paths.Count;
        predictors.Clear(columns);
        for (var a = 0; a < usable.Length; a++)
            usable[a] = attributes.HasCodes(a) && 2 * attributes.Distinct(a) < Math.Max(64, group.Rows.Length);
        MarkEntries(group);
        Sample(group, attributes, columns);
        for (var column = 0; column < columns; column++)
            Choose(column, predictors);
        parents.Resolve(group.Skeletons, predictors);
        predictors.LayOut(attributes);
        Fill(group, attributes, predictors, parents);
        Mark(group, attributes, predictors, parents);
    }

    public long HeldBytes => fixedScores.HeldBytes + memoryKeys.HeldBytes + memoryValues.HeldBytes + seenAt.HeldBytes + occurrences.HeldBytes + entryBits.HeldBytes
        + columnScores.Sum(static scores => 24L * scores.Capacity);

    public void Dispose()
    {
        fixedScores.Dispose();
        memoryKeys.Dispose();
        memoryValues.Dispose();
        seenAt.Dispose();
        occurrences.Dispose();
        entryBits.Dispose();
    }

    private void Sample(RowGroup group, GroupAttributes attributes, int columns)
    {
        fixedScores.Resize(columns * FixedContexts).Clear();
        occurrences.Resize(columns).Clear();
        memoryKeys.Resize(1 << MemoryBits).Clear();
        memoryValues.Resize(1 << MemoryBits);
        seenAt.Resize(group.Texts.Entries.Length).Clear();
        while (columnScores.Count < columns)
            columnScores.Add([]);
        foreach (var scores in columnScores)
            scores.Clear();
        var rows = group.Rows.Length;
        var sample = Math.Clamp(rows / 8, Math.Min(rows, 256), MaxSample);
        for (var s = 0; s < sample; s++)
            SampleRow(group, attributes, (int)((long)s * rows / sample), s);
    }

    private void SampleRow(RowGroup group, GroupAttributes attributes, int rowNumber, int sample)
    {
        ref readonly var row = ref group.Rows[rowNumber];
        var columns = group.Skeletons.Columns(group.Skeletons.Entries[row.Skeleton]);
        var leaves = group.Leaves.Slice(row.FirstLeaf, columns.Length);
        for (var i = 0; i < leaves.Length; i++)
        {
            var (column, value) = (columns[i], leaves[i]);
            var count = ++occurrences[column];
            ref var seen = ref seenAt[value];
            var stamp = (sample << 13) + 1;
            if (seen >= stamp)
                Score(column, PredictorKind.Copy, columns[seen - stamp]).Hits++;
            else
                seen = stamp + i;
            if (!IsEntry(value))
                continue;
            ref var constant = ref fixedScores[column * FixedContexts];
            Remember(ref constant, column, PredictorContext.Nothing, 0, value);
            if (count > ProvenConstant && constant.Conflicts == 0)
                continue;
            for (var a = 1; a < PredictorContext.Attributes; a++)
            {
                if (usable[a])
                    Remember(ref fixedScores[(column * FixedContexts) + PredictorContext.FirstAttribute + a], column, PredictorContext.FirstAttribute + a, attributes.Codes(a)[rowNumber], value);
            }

            for (var j = Math.Max(0, i - Window); j < i; j++)
            {
                if (IsEntry(leaves[j]) && columns[j] != column)
                    Remember(ref Score(column, PredictorKind.Map, PredictorContext.FirstColumn + columns[j]), column, PredictorContext.FirstColumn + columns[j], leaves[j], value);
            }
        }
    }

    /// <summary>A bit per text says whether it goes into the dictionary: the texts themselves are far apart in memory.</summary>
    private void MarkEntries(RowGroup group)
    {
        var texts = group.Texts.Entries;
        entryBits.Resize((texts.Length + 63) / 64).Clear();
        for (var i = 0; i < texts.Length; i++)
        {
            if (texts[i].Rows > 1 && texts[i].Length <= CompactFormat.MaxEntryBytes)
                entryBits[i / 64] |= 1UL << i;
        }
    }

    private bool IsEntry(int value) => (entryBits[value / 64] & (1UL << value)) != 0;

    private void Remember(ref CandidateScore score, int column, int context, int key, int value)
    {
        var whole = ((((long)column << 13) + context + 1) << 32) | (uint)key;
        var at = (int)(((ulong)whole * 0x9E3779B97F4A7C15) >> (64 - MemoryBits));
        if (memoryKeys[at] != whole)
            score.Firsts++;
        else if (memoryValues[at] == value)
            score.Hits++;
        else
            score.Conflicts++;
        memoryKeys[at] = whole;
        memoryValues[at] = value;
    }

    private ref CandidateScore Score(int column, PredictorKind kind, int context)
    {
        var scores = columnScores[column];
        var span = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(scores);
        for (var i = 0; i < span.Length; i++)
        {
            if (span[i].Context == context && span[i].Kind == kind)
                return ref span[i];
        }

        scores.Add(new() { Kind = kind, Context = context });
        return ref System.Runtime.InteropServices.CollectionsMarshal.AsSpan(scores)[^1];
    }

    private void Choose(int column, Predictors predictors)
    {
        var best = 0.1 * occurrences[column];
        for (var context = 0; context < FixedContexts; context++)
            Consider(column, PredictorKind.Map, context, fixedScores[(column * FixedContexts) + context], predictors, ref best);
        foreach (var score in columnScores[column])
            Consider(column, score.Kind, score.Context, score, predictors, ref best);
    }

    private static void Consider(int column, PredictorKind kind, int context, in CandidateScore score, Predictors predictors, ref double best)
    {
        var worth = score.Hits + (0.25 * score.Firsts) - (0.25 * score.Conflicts);
        if (worth <= best)
            return;
        best = worth;
        predictors.Set(column, kind, context);
    }

    /// <summary>All rows vote on the tables; then what they foretell right is counted.</summary>
    private void Fill(RowGroup group, GroupAttributes attributes, Predictors predictors, LeafParents parents)
    {
        for (var pass = 0; pass < 2; pass++)
        {
            for (var rowNumber = 0; rowNumber < group.Rows.Length; rowNumber++)
            {
                ref readonly var row = ref group.Rows[rowNumber];
                ref readonly var skeleton = ref group.Skeletons.Entries[row.Skeleton];
                var columns = group.Skeletons.Columns(skeleton);
                for (var i = 0; i < columns.Length; i++)
                {
                    var value = group.Leaves[row.FirstLeaf + i];
                    if (predictors.Kind(columns[i]) != PredictorKind.Map || !IsEntry(value)
                        || !TryKey(group, attributes, predictors, parents, rowNumber, i, columns[i], out var key))
                        continue;
                    if (pass == 0)
                    {
                        predictors.Cast(columns[i], key, value);
                        continue;
                    }

                    ref var vote = ref predictors.Find(columns[i], key);
                    vote.Hits += vote.Key != 0 && vote.Value == value ? 1 : 0;
                }
            }
        }

        predictors.Drop(LeastHits);
    }

    private void Mark(RowGroup group, GroupAttributes attributes, Predictors predictors, LeafParents parents)
    {
        for (var rowNumber = 0; rowNumber < group.Rows.Length; rowNumber++)
        {
            ref readonly var row = ref group.Rows[rowNumber];
            ref readonly var skeleton = ref group.Skeletons.Entries[row.Skeleton];
            var columns = group.Skeletons.Columns(skeleton);
            for (var i = 0; i < columns.Length; i++)
            {
                ref var leaf = ref group.Leaves[row.FirstLeaf + i];
                if (IsForetold(group, attributes, predictors, parents, rowNumber, i, columns[i], leaf))
                    leaf = ~leaf;
            }
        }
    }

    private bool IsForetold(RowGroup group, GroupAttributes attributes, Predictors predictors, LeafParents parents, int rowNumber, int leaf, int column, int value)
    {
        ref readonly var row = ref group.Rows[rowNumber];
        switch (predictors.Kind(column))
        {
            case PredictorKind.Copy:
                var parent = parents.Of(group.Skeletons.Entries[row.Skeleton], leaf);
                return parent >= 0 && Value(group.Leaves[row.FirstLeaf + parent]) == value;
            case PredictorKind.Map:
                return TryKey(group, attributes, predictors, parents, rowNumber, leaf, column, out var key)
                    && predictors.Find(column, key) is { Key: not 0 } vote && vote.Value == value;
            default:
                return false;
        }
    }

    private bool TryKey(RowGroup group, GroupAttributes attributes, Predictors predictors, LeafParents parents, int rowNumber, int leaf, int column, out int key)
    {
        key = 0;
        var context = predictors.Context(column);
        if (context == PredictorContext.Nothing)
            return true;
        if (context < PredictorContext.FirstColumn)
        {
            key = attributes.Codes(context - PredictorContext.FirstAttribute)[rowNumber];
            return true;
        }

        ref readonly var row = ref group.Rows[rowNumber];
        var parent = parents.Of(group.Skeletons.Entries[row.Skeleton], leaf);
        if (parent < 0)
            return false;
        key = Value(group.Leaves[row.FirstLeaf + parent]);
        return IsEntry(key);
    }

    private static int Value(int leaf) => leaf < 0 ? ~leaf : leaf;

    private struct CandidateScore
    {
        public PredictorKind Kind;
        public int Context;
        public int Hits;
        public int Firsts;
        public int Conflicts;
    }
}
