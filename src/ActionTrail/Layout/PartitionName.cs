using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace ActionTrail.Layout;

/// <summary>
/// A partition of a commit log. <c>hub-{hash:x8}-{id:D4}</c> is partition <c>id</c> of the event hub whose
/// <c>namespace/hub</c> hashes to <c>hash</c>; <c>api-{n:D2}</c> takes events accepted over HTTP and our own audit events.
/// Another namespace has other partitions: a hub made anew under another name never meets old sequence numbers.
/// </summary>
public readonly partial record struct PartitionName
{
    private readonly string? name;

    private PartitionName(string name) => this.name = name;

    public bool IsHub => name is not null && name.StartsWith("hub-", StringComparison.Ordinal);

    /// <summary>The partition of an event hub. <paramref name="partitionId"/> is the hub's own decimal id, 0-9999.</summary>
    /// <exception cref="FormatException">The partition id is not such a number.</exception>
    public static PartitionName Hub(string fullyQualifiedNamespace, string eventHubName, string partitionId)
    {
        var id = int.Parse(partitionId, NumberStyles.None, CultureInfo.InvariantCulture);
        var hub = Hash64.Of($"{fullyQualifiedNamespace}/{eventHubName}".ToLowerInvariant());
        return Parse(string.Create(CultureInfo.InvariantCulture, $"hub-{hub >> 32:x8}-{id:D4}"));
    }

    public static PartitionName Api(int number) => Parse(string.Create(CultureInfo.InvariantCulture, $"api-{number:D2}"));

    public static bool TryParse([NotNullWhen(true)] string? text, out PartitionName partition)
    {
        partition = text is not null && Grammar().IsMatch(text) ? new PartitionName(text) : default;
        return partition.name is not null;
    }

    /// <exception cref="FormatException">The text is no partition name.</exception>
    public static PartitionName Parse(string text) =>
        TryParse(text, out var partition) ? partition : throw new FormatException($"'{text}' is no partition name.");

    public override string ToString() => name ?? throw new InvalidOperationException("A default PartitionName has no text.");

    [GeneratedRegex("^(hub-[0-9a-f]{8}-[0-9]{4}|api-[0-9]{2})\\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Grammar();
}
