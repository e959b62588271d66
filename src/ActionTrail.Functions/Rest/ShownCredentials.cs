using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ActionTrail.Access;
using Microsoft.AspNetCore.Http.Features;

namespace ActionTrail.Functions.Rest;

/// <summary>What a request shows of who sends it, for <see cref="Authenticator"/>.</summary>
internal sealed class ShownCredentials(HttpContext context, PublicAddress address, BodyForm form)
{
    /// <summary>Whether the body, when it was hashed, was longer than the operation allows.</summary>
    public bool BodyIsTooLarge { get; private set; }

    /// <param name="parameters">Decoded parameters of an RPC call; null for REST.</param>
    public SignInRequest Read(IReadOnlyList<KeyValuePair<string, string>>? parameters = null)
    {
        var (path, query) = Target();
        return new SignInRequest
        {
            Method = context.Request.Method,
            Path = path,
            Query = query,
            Headers = context.Request.Headers,
            Hosts = address.HostsOf(context.Request),
            ClientAddress = ClientAddress.Of(context),
            Parameters = parameters,
            HashBodyAsync = HashBodyAsync,
        };
    }

    /// <summary>Path and query as they came on the wire: a signature covers their spelling.</summary>
    private (string Path, string Query) Target()
    {
        var raw = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (!raw.StartsWith('/'))
            raw = context.Request.Path.ToUriComponent() + context.Request.QueryString.ToUriComponent();
        var mark = raw.IndexOf('?', StringComparison.Ordinal);
        return mark < 0 ? (raw, "") : (raw[..mark], raw[(mark + 1)..]);
    }

    /// <summary>Reads the body and leaves it there to be read again: what was hashed is what is used.</summary>
    private async Task<byte[]?> HashBodyAsync(CancellationToken cancellationToken)
    {
        if (await RequestBody.ReadAsync(context.Request.Body, RequestBody.LimitOf(form), cancellationToken) is not { } body)
        {
            BodyIsTooLarge = true;
            return null;
        }

        MemoryMarshal.TryGetArray(body, out var bytes);
        context.Request.Body = new MemoryStream(bytes.Array ?? [], bytes.Offset, bytes.Count, writable: false);
        return SHA256.HashData(body.Span);
    }
}
