using System.Runtime.CompilerServices;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Trails;

namespace ActionTrail.Digests;

/// <summary>Where a trail's chain ends, and what went wrong last: row <c>head</c>.</summary>
internal sealed record DigestHead(string TrailKey, string? ETag)
{
    /// <summary>End of the newest sealed digest; null before the first one.</summary>
    public DateTimeOffset? End { get; init; }

    public bool IsLogging { get; init; }

    /// <summary>The newest sealed digest as the next one names it.</summary>
    public PreviousDigest? Last { get; init; }

    public DateTimeOffset? SealedAt { get; init; }

    /// <summary>Null when the last attempt went well.</summary>
    public string? Error { get; init; }

    public DateTimeOffset? ErrorAt { get; init; }

    /// <summary>When the first attempt failed since one went well.</summary>
    public DateTimeOffset? ErrorSince { get; init; }

    public TableAction ToAction()
    {
        var row = new TableRow(TrailKey, DigestKeys.Head).With("End", End).With("IsLogging", IsLogging)
            .With("Container", Last?.Container).With("Object", Last?.Object).With("Hash", Last?.Hash).With("Signature", Last?.Signature)
            .With("SealedAt", SealedAt).With("Error", Error).With("ErrorAt", ErrorAt).With("ErrorSince", ErrorSince).With("Version", 1);
        return ETag is null ? TableAction.Insert(row) : TableAction.Replace(row, ETag);
    }

    public static DigestHead FromRow(string trailKey, TableRow? row) => row is null ? new(trailKey, null) : new(trailKey, row.ETag)
    {
        End = row.Known(1).FindTime("End"),
        IsLogging = row.GetBoolean("IsLogging"),
        Last = row.FindString("Object") is { } name ? new(row.GetString("Container"), name, row.GetString("Hash"), row.GetString("Signature")) : null,
        SealedAt = row.FindTime("SealedAt"),
        Error = row.FindString("Error"),
        ErrorAt = row.FindTime("ErrorAt"),
        ErrorSince = row.FindTime("ErrorSince"),
    };
}

/// <summary>
/// A digest: row <c>g{end}</c>. Everything that it will say beside its files is fixed by whoever inserts the row first: where it lies, what it follows,
/// which key signs it. Once it is written the row has its hash and signature.
/// </summary>
internal sealed record DigestRow
{
    public required string TrailKey { get; init; }

    /// <summary>Without files.</summary>
    public required Digest Plan { get; init; }

    public required DateTimeOffset PlannedAt { get; init; }

    public DateTimeOffset? SealedAt { get; init; }

    public string? Hash { get; init; }

    public string? Signature { get; init; }

    public int Files { get; init; }

    public long Events { get; init; }

    public string ETag { get; init; } = "";

    public TableRow ToRow() => new TableRow(TrailKey, DigestKeys.Digest(Plan.EndTime))
        .With("Account", Plan.AccountId).With("TrailName", Plan.TrailName).With("TrailId", Plan.TrailId).With("HomeRegion", Plan.HomeRegion)
        .With("Start", Plan.StartTime).With("End", Plan.EndTime).With("Container", Plan.Container).With("Object", Plan.Object)
        .With("Key", Plan.KeyFingerprint).With("Algorithm", SigningKey.NameOf(Plan.Algorithm)).With("IsLogging", Plan.IsLogging)
        .With("PreviousContainer", Plan.Previous?.Container).With("PreviousObject", Plan.Previous?.Object)
        .With("PreviousHash", Plan.Previous?.Hash).With("PreviousSignature", Plan.Previous?.Signature)
        .With("PlannedAt", PlannedAt).With("SealedAt", SealedAt).With("Hash", Hash).With("Signature", Signature).With("Files", Files).With("Events", Events).With("Version", 1);

    /// <exception cref="StoreException">Corrupt: the row is not one that <see cref="ToRow"/> makes.</exception>
    public static DigestRow FromRow(TableRow row)
    {
        if (row.GetInt32("Version") != 1 || SigningKey.ParseAlgorithm(row.GetString("Algorithm")) is not { } algorithm)
            throw new StoreException(StoreErrorKind.Corrupt, $"Digest {row.PartitionKey} / {row.RowKey} is unreadable or from a newer version.");
        return new DigestRow
        {
            TrailKey = row.PartitionKey,
            Plan = new Digest
            {
                AccountId = row.GetString("Account"),
                TrailName = row.GetString("TrailName"),
                TrailId = row.GetString("TrailId"),
                HomeRegion = row.GetString("HomeRegion"),
                StartTime = row.GetTime("Start"),
                EndTime = row.GetTime("End"),
                Container = row.GetString("Container"),
                Object = row.GetString("Object"),
                KeyFingerprint = row.GetString("Key"),
                Algorithm = algorithm,
                IsLogging = row.GetBoolean("IsLogging"),
                Previous = row.FindString("PreviousObject") is { } name
                    ? new(row.GetString("PreviousContainer"), name, row.GetString("PreviousHash"), row.GetString("PreviousSignature"))
                    : null,
                Files = [],
            },
            PlannedAt = row.GetTime("PlannedAt"),
            SealedAt = row.FindTime("SealedAt"),
            Hash = row.FindString("Hash"),
            Signature = row.FindString("Signature"),
            Files = row.GetInt32("Files"),
            Events = row.GetInt64("Events"),
            ETag = row.ETag ?? "",
        };
    }
}

/// <summary>A trail whose chain is looked after, as it was when that began: it may be forgotten while its digests are not.</summary>
internal sealed record DigestedTrail(Trail Trail, DateTimeOffset Since);

/// <summary>The rows of table <c>digests</c>.</summary>
internal sealed class DigestRecords(ITableStore tables)
{
    public async Task<DigestHead> ReadHeadAsync(string trailKey, CancellationToken cancellationToken) =>
        DigestHead.FromRow(trailKey, await tables.FindAsync(Tables.Digests, trailKey, DigestKeys.Head, cancellationToken));

    /// <summary>Fixes what a digest will say; the first who does has the say.</summary>
    public async Task<DigestRow> PlanAsync(DigestRow row, CancellationToken cancellationToken)
    {
        if (await FindAsync(row.TrailKey, row.Plan.EndTime, cancellationToken) is { } found)
            return found;
        try
        {
            return row with { ETag = await tables.InsertAsync(Tables.Digests, row.ToRow(), cancellationToken) };
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Conflict)
        {
            return await FindAsync(row.TrailKey, row.Plan.EndTime, cancellationToken)
                ?? throw new StoreException(StoreErrorKind.Unavailable, $"Digest {row.TrailKey} / {row.Plan.EndTime:u} came and went.");
        }
    }

    /// <summary>Changes a plan that cannot be carried out; false when somebody else changed it.</summary>
    public Task<bool> ReplanAsync(DigestRow row, CancellationToken cancellationToken) => TryAsync([TableAction.Replace(row.ToRow(), row.ETag)], cancellationToken);

    /// <summary>Records a written digest and moves the end of the chain behind it; false when somebody else did.</summary>
    public Task<bool> SealAsync(DigestRow row, DigestHead head, CancellationToken cancellationToken) =>
        TryAsync([TableAction.Replace(row.ToRow(), row.ETag), head.ToAction()], cancellationToken);

    /// <summary>Records what went wrong; when somebody else changed the head meanwhile, his word counts.</summary>
    public Task<bool> SaveErrorAsync(DigestHead head, CancellationToken cancellationToken) => TryAsync([head.ToAction()], cancellationToken);

    public async Task<DigestRow?> FindAsync(string trailKey, DateTimeOffset end, CancellationToken cancellationToken) =>
        await tables.FindAsync(Tables.Digests, trailKey, DigestKeys.Digest(end), cancellationToken) is { } row ? DigestRow.FromRow(row) : null;

    /// <summary>Digests that end at or after a time, oldest first.</summary>
    public async IAsyncEnumerable<DigestRow> ReadFromAsync(string trailKey, DateTimeOffset from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in tables.QueryAsync(Tables.Digests, trailKey, DigestKeys.Digest(from), DigestKeys.AfterDigests, cancellationToken))
            yield return DigestRow.FromRow(row);
    }

    /// <summary>The digests of all trails. Reads the whole table.</summary>
    public async IAsyncEnumerable<DigestRow> ScanAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in tables.ScanAsync(Tables.Digests, cancellationToken))
        {
            if (row.PartitionKey != DigestKeys.Open && row.RowKey.StartsWith(DigestKeys.FirstDigest, StringComparison.Ordinal))
                yield return DigestRow.FromRow(row);
        }
    }

    public async IAsyncEnumerable<DigestedTrail> ReadTrailsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in tables.QueryAsync(Tables.Digests, DigestKeys.Open, fromRowKey: null, toRowKey: null, cancellationToken))
            yield return new(TrailRow.Read(row), row.GetTime("Since"));
    }

    public Task ForgetTrailAsync(string trailKey, CancellationToken cancellationToken) => tables.DeleteAsync(Tables.Digests, DigestKeys.Open, trailKey, etag: null, cancellationToken);

    private async Task<bool> TryAsync(IReadOnlyList<TableAction> actions, CancellationToken cancellationToken)
    {
        try
        {
            await tables.SubmitAsync(Tables.Digests, actions, cancellationToken);
            return true;
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.Conflict or StoreErrorKind.NotFound)
        {
            return false;
        }
    }
}
