namespace ActionTrail.Storage;

/// <summary>What a failed storage request means to its caller.</summary>
public enum StoreErrorKind
{
    /// <summary>The row, object, table, container or queue is not there. The caller decides whether that is an answer or a fault.</summary>
    NotFound,

    /// <summary>It exists already, or its ETag moved. Nothing was written; re-read and decide again.</summary>
    Conflict,

    /// <summary>The store asks for less. Wait <see cref="StoreException.RetryAfter"/>, then repeat.</summary>
    Throttled,

    /// <summary>There is no room: a quota or a disk is used up. Nothing was written. Repeat later; whoever owns the place makes room.</summary>
    Full,

    /// <summary>The credentials or rights do not suffice. Repeating does not help; a person must act.</summary>
    Denied,

    /// <summary>No answer, or one that does not tell whether the write happened. Re-read before repeating a write.</summary>
    Unavailable,

    /// <summary>What was read is not what was written. Never repeat blindly; report it.</summary>
    Corrupt,
}

/// <summary>The one exception that storage ports throw for failures outside the program.</summary>
public sealed class StoreException : Exception
{
    public StoreException(StoreErrorKind kind, string message, Exception? inner = null, TimeSpan? retryAfter = null)
        : base(message, inner)
    {
        Kind = kind;
        RetryAfter = retryAfter;
    }

    public StoreErrorKind Kind { get; }

    /// <summary>The store's own wish for a pause, when it sent one.</summary>
    public TimeSpan? RetryAfter { get; }
}
