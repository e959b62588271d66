using System.Security.Cryptography;

namespace ActionTrail.Access;

/// <summary>HTTP Basic: <c>operator</c> and the operator key, or an access key id and its secret.</summary>
internal sealed class BasicSignIn(KeyRing ring, AccessOptions options) : ISignInWay
{
    private readonly byte[] operatorHash = KeyRing.Hash(options.OperatorKey);

    public string? Challenge => "Basic realm=\"ActionTrail\", charset=\"UTF-8\"";

    public SignInAttempt? Read(SignInRequest request)
    {
        if (request.Header("Authorization") is not { } header || !header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
            return null;
        return BasicCredentials.TryParse(header, out var credentials)
            ? new SignInAttempt(credentials.UserName, cancellationToken => ProveAsync(credentials, cancellationToken))
            : SignInAttempt.Unreadable;
    }

    private async Task<Authentication> ProveAsync(BasicCredentials credentials, CancellationToken cancellationToken)
    {
        var given = KeyRing.Hash(credentials.Password);
        if (credentials.UserName == Account.Operator)
        {
            return CryptographicOperations.FixedTimeEquals(given, operatorHash)
                ? new Authentication(Caller.Operator, Account.Operator, AccessKeyId: null)
                : Authentication.Refused;
        }

        return await ring.FindAsync(credentials.UserName, cancellationToken) is { } entry
            ? entry.Outcome(CryptographicOperations.FixedTimeEquals(given, entry.SecretHash))
            : Authentication.Refused;
    }
}
