namespace ActionTrail.Functions.Rest;

/// <summary>The address under which clients see this app, for absolute links.</summary>
internal sealed class PublicAddress(Uri? configured)
{
    /// <summary>The configured address, else what the front end or the client called us, without a slash at the end.</summary>
    public string Of(HttpRequest request)
    {
        if (configured is not null)
            return configured.GetLeftPart(UriPartial.Path).TrimEnd('/');
        var scheme = Last(request, "X-Forwarded-Proto") is "https" ? "https" : request.Scheme;
        var host = Last(request, "X-Forwarded-Host") ?? Last(request, "DISGUISED-HOST") ?? request.Host.Value ?? "localhost";
        return Uri.TryCreate($"{scheme}://{host}", UriKind.Absolute, out var address) && address.AbsolutePath == "/" && address.UserInfo.Length == 0
            ? $"{scheme}://{address.Authority}"
            : $"{request.Scheme}://localhost";
    }

    private static string? Last(HttpRequest request, string header)
    {
        var value = request.Headers[header].ToString().Split(',')[^1].Trim();
        return value.Length == 0 ? null : value;
    }
}
