namespace ActionTrail.Access;

/// <summary>How callers are told apart.</summary>
public sealed record AccessOptions
{
    /// <summary>Fewest characters of the operator key.</summary>
    public const int MinOperatorKeyLength = 20;

    /// <summary>Bytes of the encryption key.</summary>
    public const int EncryptionKeyBytes = 32;

    /// <summary>Password of the Basic user <c>operator</c>: at least <see cref="MinOperatorKeyLength"/> characters.</summary>
    public required string OperatorKey { get; init; }

    /// <summary>The <see cref="EncryptionKeyBytes"/> bytes from which the key that seals access key secrets is derived. Losing them voids all access keys.</summary>
    public required byte[] EncryptionKey { get; init; }

    /// <summary>How long a key or account that was read may be used without reading it again: the delay of a deactivation on other instances.</summary>
    public TimeSpan CacheTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Failed attempts to sign in that a client address, and an access key, may make per minute; twice as many at once.</summary>
    public int FailuresPerMinute { get; init; } = 60;

    /// <summary>Calls per second of one account on an instance.</summary>
    public int CallsPerSecond { get; init; } = 500;

    /// <summary>Calls that an account which was idle may make at once.</summary>
    public int CallBurst { get; init; } = 1000;

    /// <summary>How Entra ID tokens are read; null: they are not offered.</summary>
    public Tokens.TokenOptions? Tokens { get; init; }
}
