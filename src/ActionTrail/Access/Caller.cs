namespace ActionTrail.Access;

/// <summary>Who calls, after the credentials were proven.</summary>
/// <param name="Role">What the caller may do.</param>
/// <param name="HomeAccountId">The account that the credentials belong to; <see cref="Account.Operator"/> for the operator.</param>
/// <param name="AccessKeyId">The access key; null for the operator.</param>
public sealed record Caller(Role Role, string HomeAccountId, string? AccessKeyId)
{
    /// <summary>The holder of the operator key.</summary>
    public static Caller Operator { get; } = new(Role.Operator, Account.Operator, AccessKeyId: null);

    /// <summary>What audit events show as <c>userIdentity.userName</c>.</summary>
    public string UserName => AccessKeyId ?? Account.Operator;
}
