using System.Security.Cryptography;
using System.Text.Json;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Compaction;

/// <summary>
/// The segments that a plan adds, as an object: a JSON line per segment with the values of its catalog row. The plan row names it with its hash,
/// so that whoever finds the plan built can write the rows.
/// </summary>
internal static class OutputList
{
    private static readonly ObjectLabel Label = new("application/x-ndjson");

    /// <summary>Writes the list; its name and SHA-256, or nothing when it is empty.</summary>
    public static async Task<(string? Name, byte[] Sha256)> WriteAsync(IObjectStore objects, CompactionPlan plan, List<CompactedSegment> segments, CancellationToken cancellationToken)
    {
        if (segments.Count == 0)
            return (null, []);
        var content = Format(segments);
        var sha256 = SHA256.HashData(content);
        var name = CompactionKeys.Outputs(plan.Store, plan.Generation, sha256);
        await CreateAsync(objects, name, content, cancellationToken);
        return (name, sha256);
    }

    /// <summary>Writes the list of the segments in force at a generation; as <see cref="WriteAsync"/>.</summary>
    public static async Task<(string? Name, byte[] Sha256)> WriteCheckpointAsync(
        IObjectStore objects, StoreName store, long through, IReadOnlyList<CompactedSegment> segments, CancellationToken cancellationToken)
    {
        if (segments.Count == 0)
            return (null, []);
        var content = Format(segments);
        var sha256 = SHA256.HashData(content);
        var name = CompactionKeys.CheckpointList(store, through, sha256);
        await CreateAsync(objects, name, content, cancellationToken);
        return (name, sha256);
    }

    private static async Task CreateAsync(IObjectStore objects, string name, byte[] content, CancellationToken cancellationToken)
    {
        try
        {
            await objects.CreateAsync(Containers.Events, name, content, Label, cancellationToken);
        }
        catch (StoreException error) when (error.Kind == StoreErrorKind.Conflict)
        {
            // An earlier or another run wrote it, or its answer got lost.
        }
    }

    /// <exception cref="StoreException">NotFound: the object is gone. Corrupt: it is not the one that the plan names.</exception>
    public static async Task<List<CompactedSegment>> ReadAsync(IObjectStore objects, CompactionPlan plan, CancellationToken cancellationToken) =>
        plan.Built?.Outputs is { } name ? await ReadAsync(objects, plan.Store, name, plan.Built.OutputsSha256, cancellationToken) : [];

    /// <summary>As for a plan.</summary>
    /// <exception cref="StoreException">As for a plan.</exception>
    public static async Task<List<CompactedSegment>> ReadAsync(IObjectStore objects, StoreName store, PlanCheckpoint checkpoint, CancellationToken cancellationToken) =>
        checkpoint.Segments is { } name ? await ReadAsync(objects, store, name, checkpoint.SegmentsSha256, cancellationToken) : [];

    private static async Task<List<CompactedSegment>> ReadAsync(IObjectStore objects, StoreName store, string name, byte[] sha256, CancellationToken cancellationToken)
    {
        using var whole = new MemoryStream();
        await using (var stream = await objects.OpenReadAsync(Containers.Events, name, cancellationToken))
            await stream.CopyToAsync(whole, cancellationToken);
        var content = whole.ToArray();
        if (!SHA256.HashData(content).AsSpan().SequenceEqual(sha256))
            throw new StoreException(StoreErrorKind.Corrupt, $"{name} does not have the SHA-256 of the row that names it.");
        return Parse(store, content);
    }

    private static byte[] Format(IReadOnlyList<CompactedSegment> segments)
    {
        using var lines = new MemoryStream();
        using var json = new Utf8JsonWriter(lines);
        foreach (var one in segments)
        {
            json.Reset();
            json.WriteStartObject();
            json.WriteNumber("shard", one.Shard);
            json.WriteString("id", one.Id);
            json.WriteNumber("level", one.Level);
            json.WriteNumber("count", one.Count);
            json.WriteString("name", one.Segment.Name);
            json.WriteNumber("length", one.Segment.Length);
            json.WriteNumber("headOffset", one.Segment.HeadOffset);
            json.WriteBase64String("sha256", one.Segment.Sha256);
            json.WriteNumber("minEventTimeMs", one.Segment.MinEventTimeMs);
            json.WriteNumber("maxEventTimeMs", one.Segment.MaxEventTimeMs);
            if (one.Segment.Accounts.ToBytes() is { } accounts)
                json.WriteBase64String("accounts", accounts);
            if (one.Segment.Sieve is { } sieve)
            {
                json.WriteString("sieve", sieve.Name);
                json.WriteNumber("sievePages", sieve.Pages);
            }

            if (one.Account is not null)
                json.WriteString("account", one.Account);
            json.WriteBoolean("isFull", one.IsFull);
            if (one.Without.Count > 0)
            {
                json.WriteStartArray("without");
                foreach (var accountId in one.Without)
                    json.WriteStringValue(accountId);
                json.WriteEndArray();
            }

            json.WriteStartArray("ranges");
            foreach (var range in one.Ranges)
            {
                json.WriteStringValue(range.Partition.ToString());
                json.WriteNumberValue(range.First);
                json.WriteNumberValue(range.Last);
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.Flush();
            lines.WriteByte((byte)'\n');
        }

        return lines.ToArray();
    }

    private static List<CompactedSegment> Parse(StoreName store, byte[] content)
    {
        var segments = new List<CompactedSegment>();
        for (var rest = content.AsMemory(); rest.Span.IndexOf((byte)'\n') is >= 0 and var end; rest = rest[(end + 1)..])
        {
            using var line = JsonDocument.Parse(rest[..end]);
            var one = line.RootElement;
            var id = one.GetProperty("id").GetString()!;
            segments.Add(new CompactedSegment
            {
                Store = store,
                Shard = one.GetProperty("shard").GetInt32(),
                Id = id,
                Level = one.GetProperty("level").GetInt32(),
                Since = CompactionKeys.SinceOf(id),
                Count = one.GetProperty("count").GetInt32(),
                Segment = new SegmentReference(
                    one.GetProperty("name").GetString()!, one.GetProperty("length").GetInt64(), one.GetProperty("headOffset").GetInt64(), one.GetProperty("sha256").GetBytesFromBase64(),
                    one.GetProperty("minEventTimeMs").GetInt64(), one.GetProperty("maxEventTimeMs").GetInt64(),
                    AccountSummary.FromBytes(one.TryGetProperty("accounts", out var accounts) ? accounts.GetBytesFromBase64() : null))
                {
                    Sieve = one.TryGetProperty("sieve", out var sieve) ? new(sieve.GetString()!, one.GetProperty("sievePages").GetInt32()) : null,
                },
                Account = one.TryGetProperty("account", out var account) ? account.GetString() : null,
                IsFull = one.GetProperty("isFull").GetBoolean(),
                Without = one.TryGetProperty("without", out var without) ? [.. without.EnumerateArray().Select(static id => id.GetString()!)] : [],
                Ranges = Ranges(one.GetProperty("ranges")),
            });
        }

        return segments;
    }

    private static List<SequenceRange> Ranges(JsonElement flat)
    {
        var ranges = new List<SequenceRange>();
        for (var i = 0; i < flat.GetArrayLength(); i += 3)
            ranges.Add(new(PartitionName.Parse(flat[i].GetString()!), flat[i + 1].GetInt64(), flat[i + 2].GetInt64()));
        return ranges;
    }
}
