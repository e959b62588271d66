using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ActionTrail.Access;

/// <summary>Where an attempt to sign in comes from, and for which credential.</summary>
internal readonly record struct SignInOrigin(string Address, string? Credential);

/// <summary>
/// Slows down whoever fails to sign in; success costs nothing. Failures are counted by client address (IPv6: by /64). A credential that worked from
/// an address within the last day has a count of its own there, so that a neighbour behind the same address does not lock it out. Failures are
/// counted by access key as well, but that only changes what a wrong attempt is answered (429 instead of an audited 401): a right one passes, from
/// whichever address the key is attacked. Each process counts for itself.
/// </summary>
internal sealed class SignInLimiter(int failuresPerMinute, TimeProvider time)
{
    private const int MaxKnown = 20_000;

    private static readonly TimeSpan KnownFor = TimeSpan.FromDays(1);

    private readonly TokenBuckets byOrigin = new(failuresPerMinute / 60.0, failuresPerMinute * 2.0, time);
    private readonly TokenBuckets byKey = new(failuresPerMinute / 60.0, failuresPerMinute * 2.0, time);
    private readonly ConcurrentDictionary<SignInOrigin, DateTimeOffset> known = new();

    /// <summary>How long this origin must wait before its credentials are looked at; null: look.</summary>
    public TimeSpan? Wait(SignInOrigin origin) => byOrigin.Wait(Name(origin));

    /// <summary>Counts a failure; how long to wait when the access key had too many of them, else null.</summary>
    public TimeSpan? Failed(SignInOrigin origin, string? accessKeyId)
    {
        byOrigin.Take(Name(origin));
        return accessKeyId is null ? null : byKey.Take(accessKeyId);
    }

    public void Succeeded(SignInOrigin origin)
    {
        origin = origin with { Address = Network(origin.Address) };
        var now = time.GetUtcNow();
        if (known.TryGetValue(origin, out var since) && now - since < KnownFor / 2)
            return;
        if (known.Count >= MaxKnown)
            known.Clear();
        known[origin] = now;
    }

    private string Name(SignInOrigin origin)
    {
        origin = origin with { Address = Network(origin.Address) };
        return origin.Credential is not null && known.TryGetValue(origin, out var since) && time.GetUtcNow() - since < KnownFor
            ? $"{origin.Address} {origin.Credential}"
            : origin.Address;
    }

    /// <summary>A customer has a whole /64 of IPv6 addresses; one bucket for each would be no limit.</summary>
    private static string Network(string address)
    {
        if (!address.Contains(':', StringComparison.Ordinal) || !IPAddress.TryParse(address, out var parsed) || parsed.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        if (parsed.IsIPv4MappedToIPv6)
            return parsed.MapToIPv4().ToString();
        var bytes = parsed.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes) + "/64";
    }
}
