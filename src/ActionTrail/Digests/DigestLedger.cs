using System.Globalization;
using ActionTrail.Storage;
using ActionTrail.Trails;

namespace ActionTrail.Digests;

/// <summary>A digest as the API lists it. Hash and signature in hexadecimal; null until it is sealed.</summary>
public sealed record ListedDigest(
    DateTimeOffset StartTime, DateTimeOffset EndTime, string Container, string Object, string KeyFingerprint, SigningAlgorithm Algorithm,
    DateTimeOffset? SealedAt, string? Hash, string? Signature, int Files, long Events);

/// <summary>A page of digests, oldest first. <paramref name="NextToken"/> asks for the next one; null at the end.</summary>
public sealed record DigestPage(IReadOnlyList<ListedDigest> Items, string? NextToken);

/// <summary>How the digests of a trail stand.</summary>
/// <param name="LatestTime">When one was last delivered; null: never.</param>
/// <param name="LatestEnd">Until when they cover.</param>
/// <param name="LatestError">What went wrong last; null when nothing did.</param>
/// <param name="LatestErrorTime">When.</param>
public sealed record DigestStatus(DateTimeOffset? LatestTime, DateTimeOffset? LatestEnd, string? LatestError, DateTimeOffset? LatestErrorTime);

/// <summary>Reads the digests of trails, and the public keys.</summary>
public sealed class DigestLedger(ITableStore tables, ISigningKeys keys)
{
    public const int MaxPage = 1000;

    private readonly DigestRecords records = new(tables);

    public async Task<DigestStatus> ReadStatusAsync(Trail trail, CancellationToken cancellationToken)
    {
        var head = await records.ReadHeadAsync(trail.Key, cancellationToken);
        return new(head.SealedAt, head.End, head.Error, head.ErrorAt);
    }

    /// <param name="trail">The trail.</param>
    /// <param name="start">Digests that end after this; null: from the first.</param>
    /// <param name="end">Digests that begin before this; null: to the last.</param>
    /// <param name="pageSize">1 to <see cref="MaxPage"/>.</param>
    /// <param name="token">Of the page before, or null. Null comes back when the token is none of ours.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    public async Task<DigestPage?> ListAsync(Trail trail, DateTimeOffset? start, DateTimeOffset? end, int pageSize, string? token, CancellationToken cancellationToken)
    {
        var from = start is { } after ? Max(after.ToUnixTimeMilliseconds() + 1, 0) : 0;
        if (token is not null)
        {
            if (!long.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var last) || last >= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
                return null;
            from = Max(from, last + 1);
        }

        var items = new List<ListedDigest>();
        await foreach (var row in records.ReadFromAsync(trail.Key, DateTimeOffset.FromUnixTimeMilliseconds(from), cancellationToken))
        {
            if (row.Plan.StartTime >= end)
                break;
            if (items.Count == pageSize)
                return new(items, items[^1].EndTime.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
            items.Add(new(
                row.Plan.StartTime, row.Plan.EndTime, row.Plan.Container, row.Plan.Object, row.Plan.KeyFingerprint, row.Plan.Algorithm,
                row.SealedAt, row.Hash, row.Signature, row.Files, row.Events));
        }

        return new(items, NextToken: null);
    }

    /// <summary>The public keys that are valid at some time of a range, oldest first; null: no bound.</summary>
    public async Task<IReadOnlyList<SigningKey>> ListKeysAsync(DateTimeOffset? start, DateTimeOffset? end, CancellationToken cancellationToken) =>
        [.. (await keys.ListAsync(cancellationToken)).Where(k => !(k.ValidUntil <= start) && !(k.ValidFrom >= end))];

    private static long Max(long a, long b) => a > b ? a : b;
}
