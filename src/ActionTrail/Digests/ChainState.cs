namespace ActionTrail.Digests;

/// <summary>How far the chain of one trail has come in a run; it says so also when the run of this trail fails.</summary>
internal sealed class ChainState
{
    /// <summary>End of the newest sealed digest; null before the first one, or while it is not read.</summary>
    public DateTimeOffset? End { get; set; }

    /// <summary>End of the digest that is due and not sealed; null when there is none, or while <see cref="IsKnown"/> is false.</summary>
    public DateTimeOffset? Due { get; set; }

    /// <summary>Whether it was found out what is due.</summary>
    public bool IsKnown { get; set; }
}
