using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ActionTrail.Generator;

/// <summary>Where and with which shared access key events are sent over HTTPS (or HTTP on loopback).</summary>
/// <param name="Address">Root of the namespace, such as <c>http://127.0.0.1:5380/</c>.</param>
/// <param name="Hub">Name of the event hub.</param>
/// <param name="KeyName">Name of the shared access policy.</param>
/// <param name="Key">The policy's key, used as text.</param>
public sealed record EventHubEndpoint(Uri Address, string Hub, string KeyName, string Key)
{
    /// <summary>Path of the send call, to any partition.</summary>
    public Uri SendAddress => new(Address, $"{Uri.EscapeDataString(Hub)}/messages?api-version=2014-01");

    /// <summary>
    /// A shared access signature for the hub: HMAC-SHA256 over the percent-encoded resource, a line feed and the expiry in
    /// Unix seconds, as the Event Hubs documentation describes it.
    /// </summary>
    public string Token(DateTimeOffset expires)
    {
        var resource = Uri.EscapeDataString(new Uri(Address, Hub).AbsoluteUri);
        var seconds = expires.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Key), Encoding.UTF8.GetBytes($"{resource}\n{seconds}"));
        return $"SharedAccessSignature sr={resource}&sig={Uri.EscapeDataString(Convert.ToBase64String(signature))}&se={seconds}&skn={Uri.EscapeDataString(KeyName)}";
    }
}
