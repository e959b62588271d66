namespace ActionTrail.Access.Tokens;

/// <summary>Which Entra ID tokens prove a caller, and whom.</summary>
public sealed record TokenOptions
{
    /// <summary>Accepted values of <c>iss</c>, exactly.</summary>
    public required IReadOnlyList<string> Issuers { get; init; }

    /// <summary>Accepted values of <c>aud</c>, exactly.</summary>
    public required IReadOnlyList<string> Audiences { get; init; }

    /// <summary>Accepted values of <c>tid</c>, exactly. An issuer that names one of them issues tokens of that one only.</summary>
    public required IReadOnlyList<string> Tenants { get; init; }

    /// <summary>Where the signing keys are: the JWKS itself, or the OpenID metadata that name it.</summary>
    public required Uri KeysAddress { get; init; }

    /// <summary>Whether <see cref="KeysAddress"/> is the metadata.</summary>
    public required bool IsMetadata { get; init; }

    /// <summary>Least time between two requests for the keys: an unknown key id makes us ask no more often.</summary>
    public TimeSpan MinRefresh { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Claim that says the role: one text or several.</summary>
    public string RoleClaim { get; init; } = "roles";

    /// <summary>Values of the role claim and what they mean; of several in one token the first of this list counts.</summary>
    public required IReadOnlyList<KeyValuePair<string, Role>> Roles { get; init; }

    /// <summary>Claim that says the account.</summary>
    public string AccountClaim { get; init; } = "tid";

    /// <summary>Values of the account claim and the account each means.</summary>
    public required IReadOnlyDictionary<string, string> Accounts { get; init; }
}
