namespace ActionTrail.Delivery;

/// <summary>What attempts at deliveries came to in one minute.</summary>
/// <param name="Delivered">Events that now lie in the destination.</param>
/// <param name="Failed">Events of attempts that failed, as many as had been read; those of a delivery that fails twice count twice.</param>
/// <param name="Bytes">Bytes of what was delivered, uncompressed.</param>
/// <param name="Deliveries">Deliveries that ended well, those with nothing to deliver too.</param>
/// <param name="FailedAttempts">Attempts that failed.</param>
public readonly record struct MinuteCounts(long Delivered, long Failed, long Bytes, long Deliveries, long FailedAttempts)
{
    public bool IsEmpty => this == default;

    public static MinuteCounts operator +(MinuteCounts left, MinuteCounts right) => new(
        left.Delivered + right.Delivered, left.Failed + right.Failed, left.Bytes + right.Bytes, left.Deliveries + right.Deliveries, left.FailedAttempts + right.FailedAttempts);
}
