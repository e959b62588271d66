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

    /// <summary>Every host name under which the client may have asked: the header's, what front ends say it was, the configured one.</summary>
    public IReadOnlyCollection<string> HostsOf(HttpRequest request)
    {
        var hosts = new List<string>(4) { request.Host.Value ?? "" };
        if (Last(request, "X-Forwarded-Host") is { } forwarded)
            hosts.Add(forwarded);
        if (Last(request, "DISGUISED-HOST") is { } disguised)
            hosts.Add(disguised);
        if (configured is not null)
            hosts.Add(configured.Authority);
        return hosts;
    }

    private static string? Last(HttpRequest request, string header)
    {
        var value = request.Headers[header].ToString().Split(',')[^1].Trim();
        return value.Length == 0 ? null : value;
    }
}
