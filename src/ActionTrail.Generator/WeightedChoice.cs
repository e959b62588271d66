namespace ActionTrail.Generator;

/// <summary>Draws an index with given weights in constant time (alias method).</summary>
internal sealed class WeightedChoice
{
    private readonly double[] _keep;
    private readonly int[] _alias;

    public WeightedChoice(ReadOnlySpan<double> weights)
    {
        var count = weights.Length;
        ArgumentOutOfRangeException.ThrowIfZero(count, nameof(weights));
        var total = 0.0;
        foreach (var weight in weights)
            total += weight;

        _keep = new double[count];
        _alias = new int[count];
        var small = new Stack<int>();
        var large = new Stack<int>();
        for (var i = 0; i < count; i++)
        {
            _keep[i] = weights[i] * count / total;
            _alias[i] = i;
            (_keep[i] < 1 ? small : large).Push(i);
        }

        while (small.Count > 0 && large.Count > 0)
        {
            var (under, over) = (small.Pop(), large.Peek());
            _alias[under] = over;
            _keep[over] -= 1 - _keep[under];
            if (_keep[over] < 1)
                small.Push(large.Pop());
        }

        // What rounding has left over is always kept.
        foreach (var i in small.Concat(large))
            _keep[i] = 1;
    }

    /// <summary>Weights 1/rank^exponent: few are met often, most seldom.</summary>
    public static WeightedChoice Zipf(int count, double exponent)
    {
        var weights = new double[count];
        for (var i = 0; i < count; i++)
            weights[i] = Math.Pow(i + 1, -exponent);
        return new WeightedChoice(weights);
    }

    public int Draw(ref Chance chance)
    {
        var column = chance.Below(_keep.Length);
        return chance.Fraction() < _keep[column] ? column : _alias[column];
    }
}
