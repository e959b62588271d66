namespace ActionTrail.Digests.Validation;

/// <summary>A container, or a copy of its tree: what trails delivered, and their digests. Names use <c>/</c>.</summary>
public interface IDeliveredFiles
{
    /// <summary>Name of the container; null when a copy does not tell it.</summary>
    string? Container { get; }

    /// <summary>Every object, in any order.</summary>
    IAsyncEnumerable<string> ListAsync(CancellationToken cancellationToken);

    /// <summary>The object from its beginning, or null when it is not there. The caller disposes it.</summary>
    Task<Stream?> OpenAsync(string name, CancellationToken cancellationToken);
}
