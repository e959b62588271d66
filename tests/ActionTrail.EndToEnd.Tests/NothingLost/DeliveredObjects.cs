using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.EndToEnd.Tests.NothingLost;

/// <summary>What deliveries wrote to the container of the trail, each object held against its own name.</summary>
internal sealed partial class DeliveredObjects
{
    private DeliveredObjects()
    {
    }

    public List<string> Names { get; } = [];

    /// <summary>Per event id, the objects that hold it (one entry per time).</summary>
    public Dictionary<string, List<string>> ObjectsOfEvent { get; } = new(StringComparer.Ordinal);

    public List<string> Faults { get; } = [];

    public static async Task<DeliveredObjects> ReadAsync(IObjectStore objects, string container, string prefix, string account)
    {
        var delivered = new DeliveredObjects();
        await foreach (var found in objects.ListAsync(container, "", default))
        {
            if (DigestObjectName.IsInFolder(found.Name))
            {
                continue;
            }

            delivered.Names.Add(found.Name);
            await using var stored = await objects.OpenReadAsync(container, found.Name, default);
            await using var unpacked = new GZipStream(stored, CompressionMode.Decompress);
            using var content = new MemoryStream();
            await unpacked.CopyToAsync(content);
            delivered.Add(found.Name, content.ToArray(), prefix, account);
        }

        return delivered;
    }

    private void Add(string name, byte[] content, string prefix, string account)
    {
        using var document = JsonDocument.Parse(content);
        var events = document.RootElement.EnumerateArray().ToList();
        var hash = Convert.ToHexStringLower(SHA256.HashData(content))[..32];
        var expected = string.Create(CultureInfo.InvariantCulture, $"_{events.Count}_{content.Length}_{hash}.json.gz");
        if (!Grammar().IsMatch(name) || !name.StartsWith(prefix + "/", StringComparison.Ordinal) || !name.EndsWith(expected, StringComparison.Ordinal))
        {
            Faults.Add($"{name} holds what should be called …{expected}");
        }

        foreach (var one in events)
        {
            if (one.GetProperty("recipientAccountId").GetString() != account)
            {
                Faults.Add($"{name} holds an event of another account: {one}");
            }

            var id = one.GetProperty("eventId").GetString()!;
            if (!ObjectsOfEvent.TryGetValue(id, out var holders))
            {
                ObjectsOfEvent[id] = holders = [];
            }

            holders.Add(name);
        }
    }

    [GeneratedRegex(@"/ActionTrail_[^/_]+_\d{14}_[0-9a-f]{8}_\d{4}_\d+_\d+_[0-9a-f]{32}\.json\.gz$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Grammar();
}
