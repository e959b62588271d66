namespace ActionTrail.Access;

/// <summary>The outcome of a look at credentials.</summary>
/// <param name="Caller">Who calls; null when the credentials do not prove it. The answer never says why.</param>
/// <param name="AuditAccountId">The account whose audit trail shows the attempt: the key's own when the key exists, else the operator's.</param>
/// <param name="AccessKeyId">The access key that was named, if it exists.</param>
public sealed record Authentication(Caller? Caller, string AuditAccountId, string? AccessKeyId)
{
    /// <summary>Nobody was proven and no account is concerned.</summary>
    public static Authentication Refused { get; } = new(Caller: null, Account.Operator, AccessKeyId: null);

    /// <summary>How long to wait, when there were too many failures: the credentials were not looked at, or not for the first time refused.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>A header or parameter of a way to sign in that is not offered here; null otherwise. It says nothing about any key.</summary>
    public string? NotOffered { get; init; }
}

/// <summary>Credentials of one way to sign in, read but not proven.</summary>
/// <param name="Credential">Which credential the request names, to count its failures; null when none can be told.</param>
/// <param name="ProveAsync">Looks at it. Throws <see cref="Storage.StoreException"/> when the store fails.</param>
internal sealed record SignInAttempt(string? Credential, Func<CancellationToken, Task<Authentication>> ProveAsync)
{
    /// <summary>Credentials that cannot be read.</summary>
    public static SignInAttempt Unreadable { get; } = new(Credential: null, static _ => Task.FromResult(Authentication.Refused));
}

/// <summary>One way to sign in. It knows no other.</summary>
internal interface ISignInWay
{
    /// <summary>The scheme as <c>WWW-Authenticate</c> names it; null when it is no scheme of that header.</summary>
    string? Challenge { get; }

    /// <summary>What the request shows for this way; null when it does not use it.</summary>
    SignInAttempt? Read(SignInRequest request);
}
