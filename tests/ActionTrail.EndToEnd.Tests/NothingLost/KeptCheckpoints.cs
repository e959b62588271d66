using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using ActionTrail.Proofs;

namespace ActionTrail.EndToEnd.Tests.NothingLost;

/// <summary>Somebody outside who fetches the newest checkpoint again and again and keeps every one.</summary>
internal sealed class KeptCheckpoints(ApiClient api)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(long Size, string Root), DateTimeOffset> kept = new();

    public int Count => kept.Count;

    /// <summary>Fetches until cancelled; a service that is away is asked again.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                using var response = await api.SendAsync(HttpMethod.Get, "v1/checkpoints/latest", content: null, cancellationToken);
                if (response.StatusCode == HttpStatusCode.OK)
                {
                    using var checkpoint = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
                    kept.TryAdd(Read(checkpoint.RootElement), DateTimeOffset.UtcNow);
                }
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                // It is away.
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// Every kept checkpoint that is not a beginning of the newest one, one line each, unless it was fetched in the last seconds of an Azurite that was killed:
    /// those it forgot, as docs/proofs.md says, and they are only counted.
    /// </summary>
    public async Task<(List<string> Faults, int Broken)> JudgeAsync(IReadOnlyCollection<DateTimeOffset> azuriteKills)
    {
        var (faults, broken) = (new List<string>(), 0);
        var (size, root) = Read(await api.CallAsync(HttpMethod.Get, "v1/checkpoints/latest", json: null, HttpStatusCode.OK));
        foreach (var (checkpoint, at) in kept.OrderBy(static one => one.Key.Size))
        {
            if (await ContinuesAsync(checkpoint, (size, root)))
            {
                continue;
            }

            if (azuriteKills.Any(kill => Ledger.MayBeForgotten(at, kill)))
            {
                broken++;
            }
            else
            {
                faults.Add(string.Create(CultureInfo.InvariantCulture, $"the checkpoint of size {checkpoint.Size}, fetched at {at:HH:mm:ss.fff}, is not a beginning of the newest one, of size {size}"));
            }
        }

        return (faults, broken);
    }

    private async Task<bool> ContinuesAsync((long Size, string Root) older, (long Size, string Root) newest)
    {
        if (older.Size >= newest.Size)
        {
            return older == newest;
        }

        var answer = await api.CallAsync(
            HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"v1/checkpoints/{older.Size}/consistency/{newest.Size}"), json: null, HttpStatusCode.OK, HttpStatusCode.NotFound);
        if (!answer.TryGetProperty("path", out _))
        {
            return false;
        }

        var (from, to, path) = ProofJson.ReadConsistency(JsonSerializer.SerializeToUtf8Bytes(answer));
        return (from, to) == (older.Size, newest.Size) && MerkleTree.IsConsistent(from, Convert.FromBase64String(older.Root), to, Convert.FromBase64String(newest.Root), path);
    }

    private static (long Size, string Root) Read(JsonElement checkpoint) => (checkpoint.GetProperty("size").GetInt64(), checkpoint.GetProperty("root").GetString()!);
}
