using System.Net;

namespace ActionTrail.Functions.Rest;

/// <summary>Where a request comes from, as far as the front end says.</summary>
internal static class ClientAddress
{
    /// <summary>
    /// The last entry of <c>X-Forwarded-For</c> without its port (the one that the nearest front end added; earlier ones are the
    /// client's own claim), else the peer of the connection, which behind a host is the host itself.
    /// </summary>
    public static string Of(HttpContext context)
    {
        var last = context.Request.Headers["X-Forwarded-For"].ToString().Split(',')[^1].Trim();
        if (IPAddress.TryParse(last, out var bare))
            return bare.ToString();
        if (IPEndPoint.TryParse(last, out var withPort))
            return withPort.Address.ToString();
        return context.Connection.RemoteIpAddress?.ToString() ?? "Internal";
    }
}
