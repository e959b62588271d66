namespace ActionTrail.Delivery;

/// <summary>Events as they go over the wire in one request. <paramref name="Account"/>: whose they are; null when they are of several.</summary>
public sealed record EventBatch(ReadOnlyMemory<byte> Content, int Events, string? Account);

/// <summary>
/// A place outside that takes batches of events, which the operator has configured under a name: an event hub, a Log Analytics table. It
/// takes no batch twice knowingly and refuses none for having taken it before: who sends repeats what was not answered.
/// </summary>
public interface IBatchTarget
{
    /// <summary>Most bytes of <see cref="EventBatch.Content"/>.</summary>
    int MaxBatchBytes { get; }

    /// <summary>Whether trails of the account may deliver to it.</summary>
    bool Allows(string account);

    /// <summary>Sends one batch. When it returns, the place has it.</summary>
    /// <exception cref="Storage.StoreException">Refused, or not answered, and then the place may have it.</exception>
    Task SendAsync(EventBatch batch, CancellationToken cancellationToken);
}
