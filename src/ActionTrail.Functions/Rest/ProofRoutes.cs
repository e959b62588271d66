using System.Globalization;
using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.Functions.Settings;
using ActionTrail.Layout;
using ActionTrail.Proofs;
using ActionTrail.Query;

namespace ActionTrail.Functions.Rest;

/// <summary><c>/v1/events/{eventId}/proof</c> and <c>/v1/checkpoints</c>, and the same of a Logstore: what anybody may keep to hold the store to it later.</summary>
internal sealed class ProofRoutes(EventLookup lookup, LookupRateLimiter limiter, EventSources sources, ProofFinder proofs, SealLog log, AppSettings settings, PublicAddress address)
{
    /// <summary>Sealing runs each minute.</summary>
    private static readonly TimeSpan SealedSoon = TimeSpan.FromMinutes(1);

    private const int MaxPage = 1000;
    private const int DefaultPage = 100;

    public IEnumerable<ApiRoute> All =>
    [
        .. EventSources.Both(new("GET", "/v1/events/{eventId}/proof", Operation.GetEventProof, GetProofAsync, ProofDescriptions.Proof)),
        .. EventSources.Both(new("GET", "/v1/checkpoints", Operation.ListCheckpoints, ListAsync, ProofDescriptions.List)),
        .. EventSources.Both(new("GET", "/v1/checkpoints/keys", Operation.ListCheckpointKeys, ListKeysAsync, ProofDescriptions.Keys)),
        .. EventSources.Both(new("GET", "/v1/checkpoints/{size}", Operation.GetCheckpoint, GetAsync, ProofDescriptions.Get)),
        .. EventSources.Both(new("GET", "/v1/checkpoints/{from}/consistency/{to}", Operation.GetConsistencyProof, GetConsistencyAsync, ProofDescriptions.Consistency)),
    ];

    private async Task<ApiResult> GetProofAsync(ApiCall call)
    {
        var (asRouted, size) = (call.Route("eventId"), ReadSize(call, "checkpoint"));
        var eventId = call.Note("eventId", asRouted.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase))!;
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (!limiter.TryAcquire(call.Caller.HomeAccountId, out var wait))
            return new Problem(ProblemType.TooManyRequests) { RetryAfter = wait };
        if (await sources.FindAsync(call) is not { } source)
            return ProblemType.LogstoreNotFound;
        var found = await lookup.FindAsync(source.Store, source.Reach, call.AccountId, eventId, call.Cancellation);
        if (found is null && asRouted != eventId)
            found = await lookup.FindAsync(source.Store, source.Reach, call.AccountId, asRouted, call.Cancellation);
        if (found is null)
            return ProblemType.EventNotFound;
        var result = await proofs.FindAsync(source.Store, found.Partition, found.SequenceNumber, found.Body, size, call.Cancellation);
        return result.Outcome switch
        {
            ProofOutcome.Found => ApiResult.Ok(json =>
            {
                json.WriteStartObject();
                ProofJson.Write(json, result.Proof!, result.Checkpoint?.Note);
                json.WriteEndObject();
            }),
            ProofOutcome.NotSealed when settings.CheckpointKey is null => new Problem(ProblemType.EventNotSealed, "Checkpoints are not switched on here."),
            ProofOutcome.NotSealed => new Problem(ProblemType.EventNotSealed) { RetryAfter = SealedSoon },
            ProofOutcome.SealedWithoutEvents => ProblemType.ProofNotAvailable,
            _ => new Problem(ProblemType.CheckpointNotFound, "The checkpoint is older than the event, or of a size that the log never had."),
        };
    }

    private async Task<ApiResult> ListAsync(ApiCall call)
    {
        var pageSize = call.Query.Number("pageSize", 1, MaxPage, DefaultPage);
        var before = ReadSize(call, "before");
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (await sources.FindAsync(call) is not { } source)
            return ProblemType.LogstoreNotFound;
        var page = new List<StoredCheckpoint>();
        await foreach (var checkpoint in log.ReadCheckpointsAsync(source.Store, (before ?? long.MaxValue) - 1, call.Cancellation))
        {
            page.Add(checkpoint);
            if (page.Count > pageSize)
                break;
        }

        var shown = page.Take(pageSize).ToList();
        var next = page.Count > pageSize
            ? string.Create(CultureInfo.InvariantCulture, $"{address.Of(call.Request)}{source.CheckpointsPath}?pageSize={pageSize}&before={shown[^1].Size}")
            : null;
        return ApiResult.Ok(json => JsonPage.Write(json, shown, Write, next));
    }

    private async Task<ApiResult> ListKeysAsync(ApiCall call)
    {
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (await sources.FindAsync(call) is not { } source)
            return ProblemType.LogstoreNotFound;
        var keys = new List<StoredNoteKey>();
        await foreach (var key in log.ReadKeysAsync(source.Store, call.Cancellation))
            keys.Add(key);
        return ApiResult.Ok(json => JsonPage.Write(json, keys.OrderBy(static k => k.Since), WriteKey, nextLink: null));
    }

    private async Task<ApiResult> GetAsync(ApiCall call)
    {
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (await sources.FindAsync(call) is not { } source)
            return ProblemType.LogstoreNotFound;
        var checkpoint = call.Route("size") switch
        {
            "latest" => await proofs.FindLatestAsync(source.Store, call.Cancellation),
            var text when Size(text) is { } size => await log.FindCheckpointAsync(source.Store, size, call.Cancellation),
            _ => null,
        };
        return checkpoint is null ? ProblemType.CheckpointNotFound : ApiResult.Ok(json => Write(json, checkpoint));
    }

    private async Task<ApiResult> GetConsistencyAsync(ApiCall call)
    {
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (Size(call.Route("from")) is not { } from || Size(call.Route("to")) is not { } to || from > to)
            return Problem.Invalid([new Fault("", "Two sizes of the log, 1 or more, the smaller one first.")]);
        if (await sources.FindAsync(call) is not { } source)
            return ProblemType.LogstoreNotFound;
        return await proofs.FindConsistencyAsync(source.Store, from, to, call.Cancellation) is not { } path
            ? ProblemType.CheckpointNotFound
            : ApiResult.Ok(json =>
            {
                json.WriteStartObject();
                ProofJson.WriteConsistency(json, from, to, path);
                json.WriteEndObject();
            });
    }

    private static long? ReadSize(ApiCall call, string name)
    {
        if (call.Query.Text(name) is not { } text)
            return null;
        if (Size(text) is not { } size)
            call.Query.Refuse(name, "The size of a checkpoint: a whole number, 1 or more.");
        else
            return size;
        return null;
    }

    private static long? Size(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size >= 1 ? size : null;

    private static void Write(Utf8JsonWriter json, StoredCheckpoint checkpoint)
    {
        json.WriteStartObject();
        json.WriteNumber("size"u8, checkpoint.Size);
        json.WriteBase64String("root"u8, checkpoint.Root);
        json.WriteString("signedAt"u8, checkpoint.SignedAt.UtcDateTime);
        json.WriteString("note"u8, checkpoint.Note);
        json.WriteEndObject();
    }

    private static void WriteKey(Utf8JsonWriter json, StoredNoteKey key)
    {
        json.WriteStartObject();
        json.WriteString("key"u8, key.Text);
        json.WriteString("since"u8, key.Since.UtcDateTime);
        json.WriteEndObject();
    }
}
