namespace ActionTrail.Access;

/// <summary>Who calls, after the credentials were proven.</summary>
/// <param name="Role">What the caller may do.</param>
/// <param name="HomeAccountId">The account that the credentials belong to; <see cref="Account.Operator"/> for the operator.</param>
/// <param name="AccessKeyId">The access key; null for the operator and for the holder of a token.</param>
public sealed record Caller(Role Role, string HomeAccountId, string? AccessKeyId)
{
    /// <summary>Whom the token was issued for, by the issuer's unchanging id; null when no token was used.</summary>
    public string? Subject { get; init; }

    /// <summary>The holder of the operator key.</summary>
    public static Caller Operator { get; } = new(Role.Operator, Account.Operator, AccessKeyId: null);

    /// <summary>What audit events show as <c>userIdentity.userName</c>: for a token <c>{role}:{subject}</c>, the form of assumed roles.</summary>
    public string UserName => Subject is null ? PrincipalId : $"{Role}:{Subject}";

    /// <summary>What audit events show as <c>userIdentity.principalId</c>.</summary>
    public string PrincipalId => AccessKeyId ?? Subject ?? Account.Operator;
}
