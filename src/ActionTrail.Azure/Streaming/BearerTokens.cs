using Azure.Core;
using Azure.Identity;

namespace ActionTrail.Azure.Streaming;

/// <summary>Tokens of Entra ID for one scope, asked for again five minutes before they end.</summary>
internal sealed class BearerTokens(TokenCredential credential, string scope, TimeProvider time)
{
    private static readonly TimeSpan Early = TimeSpan.FromMinutes(5);

    private volatile Held? held;

    public async Task<string> GetAsync(string what, CancellationToken cancellationToken)
    {
        if (held is { } current && current.Ends - Early > time.GetUtcNow())
            return current.Token;
        try
        {
            var token = await credential.GetTokenAsync(new TokenRequestContext([scope]), cancellationToken);
            held = new(token.Token, token.ExpiresOn);
            return token.Token;
        }
        catch (Exception e) when (e is AuthenticationFailedException && StoreErrors.IsStorageFailure(e, cancellationToken))
        {
            throw StoreErrors.Translate(what, e);
        }
    }

    private sealed record Held(string Token, DateTimeOffset Ends);
}
