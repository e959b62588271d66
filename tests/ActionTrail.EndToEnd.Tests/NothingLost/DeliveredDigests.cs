using System.Globalization;
using System.Net;
using System.Text.Json;
using ActionTrail.Digests;
using ActionTrail.EndToEnd.Tests.Cli;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.EndToEnd.Tests.NothingLost;

/// <summary>The digests of the trail, as they lie in its container, as the service lists them, and as the program proves them.</summary>
internal sealed class DeliveredDigests(ApiClient api, IObjectStore store, string container, string trail)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(2);

    private readonly List<(string Object, DateTimeOffset SealedAt, int Files)> lost = [];

    /// <summary>For the output of the test.</summary>
    public string Summary { get; private set; } = "";

    /// <summary>
    /// Waits until digests name all objects; then each must be in exactly one, and the program content. A digest that was sealed in the last seconds of an Azurite that was killed may be gone with
    /// its copy, as docs/digests.md says: the program must name it.
    /// </summary>
    /// <param name="objects">What was delivered.</param>
    /// <param name="azuriteKills">When an Azurite was killed.</param>
    /// <param name="validateAsync">Runs <c>actiontrail validate-logs</c>.</param>
    public async Task<List<string>> JudgeAsync(List<string> objects, IReadOnlyCollection<DateTimeOffset> azuriteKills, Func<Task<CliResult>> validateAsync)
    {
        var began = DateTimeOffset.UtcNow;
        List<string> named, unnamed;
        do
        {
            await Task.Delay(Poll);
            named = await ReadAsync();
            unnamed = [.. objects.Except(named, StringComparer.Ordinal)];
        }
        while (unnamed.Count > lost.Sum(one => one.Files) && DateTimeOffset.UtcNow - began < Patience);

        List<string> faults =
        [
            .. lost.Where(one => !azuriteKills.Any(kill => Ledger.MayBeForgotten(one.SealedAt, kill))).Select(one => $"the digest {one.Object}, sealed at {one.SealedAt:O}, is gone"),
            .. named.CountBy(name => name, StringComparer.Ordinal).Where(pair => pair.Value > 1).Select(pair => $"{pair.Value} digests name {pair.Key}"),
        ];
        if (unnamed.Count > lost.Sum(one => one.Files))
        {
            faults.AddRange(unnamed.Select(name => $"no digest names {name}"));
        }

        var proved = await validateAsync();
        if (lost.Count == 0 && proved.ExitCode != 0)
        {
            faults.Add($"validate-logs ended with {proved.ExitCode}: {proved.Output}{proved.Errors}");
        }

        faults.AddRange(lost.Where(one => !proved.Output.Contains(one.Object, StringComparison.Ordinal)).Select(one => $"validate-logs does not miss the digest {one.Object}: {proved.Output}"));
        Summary = string.Create(CultureInfo.InvariantCulture, $"{named.Count} objects in digests, {lost.Count} digests forgotten by Azurite, proved after {(DateTimeOffset.UtcNow - began).TotalSeconds:0} s");
        return faults;
    }

    /// <summary>The objects that the digests in the container name; notes sealed digests that are not there.</summary>
    private async Task<List<string>> ReadAsync()
    {
        // The list first: what is sealed by then must be there.
        var listed = new List<JsonElement>();
        for (var next = $"v1/trails/{trail}/digests?pageSize=1000"; next is not null;)
        {
            var page = await api.CallAsync(HttpMethod.Get, next, json: null, HttpStatusCode.OK);
            listed.AddRange(page.GetProperty("value").EnumerateArray());
            next = page.TryGetProperty("nextLink", out var link) ? link.GetString() : null;
        }

        var (names, named) = (new HashSet<string>(StringComparer.Ordinal), new List<string>());
        await foreach (var found in store.ListAsync(container, "", default))
        {
            if (DigestObjectName.TryParse(found.Name, out _, out _))
            {
                names.Add(found.Name);
                Assert.True(DigestJson.TryParse(await store.ReadAsync(container, found.Name, 0, (int)found.Length, default), out var digest, out var fault), fault);
                named.AddRange(digest.Files.Select(file => file.Object));
            }
        }

        lost.Clear();
        lost.AddRange(listed.Where(one => one.GetProperty("state").GetString() == "sealed" && !names.Contains(one.GetProperty("object").GetString()!))
            .Select(one => (one.GetProperty("object").GetString()!, one.GetProperty("sealedTime").GetDateTimeOffset(), one.GetProperty("files").GetInt32())));
        return named;
    }
}
