using ActionTrail.Delivery;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Trails;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Digests;

/// <summary>
/// Seals the digests of one trail that are due, one after the other. Each step is repeatable and the first who does it has the say: plan, close the
/// interval, write, record. Whoever dies or races in between repeats.
/// </summary>
internal sealed class TrailSealer(
    ITableStore tables, IObjectStore objects, ISigningKeys signing, IReadOnlyList<SigningKey> keys, DigestOptions options, TimeProvider time, ILogger log)
{
    private const int MaxError = 1000;

    private readonly DigestRecords records = new(tables);
    private readonly UnsealedDeliveries unsealed = new(tables);
    private readonly DigestWriter writer = new(objects, signing);
    private readonly DigestCopies copies = new(objects);

    /// <summary>Returns how many digests were sealed.</summary>
    /// <param name="digested">The trail as it was when its digests began.</param>
    /// <param name="current">The trail as it is; null when it is deleted and forgotten.</param>
    /// <param name="limit">Intervals up to this are due.</param>
    /// <param name="state">Is told how far the chain is.</param>
    /// <param name="cancellationToken">Stops between two requests; the next run goes on.</param>
    public async Task<int> RunAsync(DigestedTrail digested, Trail? current, DateTimeOffset limit, ChainState state, CancellationToken cancellationToken)
    {
        var key = digested.Trail.Key;
        var head = await records.ReadHeadAsync(key, cancellationToken);
        state.End = head.End;
        if (head.End >= limit && current is not null)
        {
            state.IsKnown = true;
            return 0;
        }

        for (var count = 0; ; count++)
        {
            var first = await unsealed.FindFirstAsync(key, cancellationToken);
            if (first is not null && first.Hour <= head.End)
            {
                await unsealed.ForgetThroughAsync(key, head.End.Value, cancellationToken);
                first = await unsealed.FindFirstAsync(key, cancellationToken);
            }

            if (DigestSchedule.Next(head.End, head.IsLogging, current, digested.Since, first?.Hour, options.Interval) is not var (start, end) || end > limit)
            {
                state.IsKnown = true;
                if (current is null && first is null && !head.IsLogging)
                    await ForgetAsync(digested, cancellationToken);
                return count;
            }

            (state.Due, state.IsKnown) = (end, true);
            var trail = current ?? digested.Trail;
            if (await SealAsync(trail, isGone: current is null, head, start, end, cancellationToken) is not { } sealedHead)
                return count;
            head = sealedHead;
            (state.End, state.Due) = (head.End, null);
        }
    }

    /// <summary>The end of the chain after the digest, whoever sealed it; null when it could not be.</summary>
    private async Task<DigestHead?> SealAsync(Trail trail, bool isGone, DigestHead head, DateTimeOffset start, DateTimeOffset end, CancellationToken cancellationToken)
    {
        using var activity = DigestMetrics.Start(trail.Key, end);

        // 1. What it will say is fixed once, whatever becomes of trail, keys and settings meanwhile.
        if (keys.At(end) is not { } newKey)
            return await FailAsync(head, end, "No signing key is valid at its end.", isBlocked: true, cancellationToken);
        var row = await records.PlanAsync(Plan(trail, isGone, head, start, end, newKey), cancellationToken);
        if (row.SealedAt is not null)
            return await MovedAsync(head, cancellationToken);
        if (keys.FirstOrDefault(k => k.Fingerprint == row.Plan.KeyFingerprint) is not { } key)
            return await FailAsync(head, end, $"The signing key {row.Plan.KeyFingerprint} is no longer there.", isBlocked: true, cancellationToken);

        // 2. From here on nothing is added to the interval.
        await unsealed.CloseAsync(trail.Key, end, cancellationToken);
        var files = new List<DigestedFile>();
        await foreach (var delivery in unsealed.ReadThroughAsync(trail.Key, end, cancellationToken))
            files.AddRange(delivery.Objects.Select(o => FileOf(delivery.Container, o)));

        // 3. The object, our copy of it, then the row.
        var digest = row.Plan with { Files = files };
        WrittenDigest written;
        using var deadline = new CancellationTokenSource(options.WriteDeadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            written = await writer.WriteAsync(digest, key, either.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return await FailAsync(head, end, $"Writing it took longer than {options.WriteDeadline:c}.", isBlocked: false, cancellationToken);
        }
        catch (DigestConflictException e)
        {
            return await FailAsync(head, end, e.Message, isBlocked: true, cancellationToken);
        }
        catch (DigestDestinationException e)
        {
            // A trail that was pointed at another container since has its digest there.
            if (e.Error.Kind is StoreErrorKind.NotFound or StoreErrorKind.Denied && !isGone && trail.Container != row.Plan.Container)
                await records.ReplanAsync(Plan(trail, isGone, head, start, end, newKey) with { ETag = row.ETag }, cancellationToken);
            return await FailAsync(head, end, e.Message, isBlocked: false, cancellationToken);
        }

        await copies.WriteAsync(trail.Key, end, written, cancellationToken);
        var now = time.GetUtcNow();
        var events = files.Sum(static f => (long)f.Events);
        var done = row with { SealedAt = now, Hash = written.Hash, Signature = written.Signature, Files = files.Count, Events = events };
        var next = head with
        {
            End = end,
            IsLogging = digest.IsLogging,
            Last = new(digest.Container, digest.Object, written.Hash, written.Signature),
            SealedAt = now,
            Error = null,
            ErrorAt = null,
            ErrorSince = null,
        };
        if (!await records.SealAsync(done, next, cancellationToken))
            return await MovedAsync(head, cancellationToken);
        activity?.SetTag("actiontrail.files", files.Count).SetTag("actiontrail.events", events);
        DigestLog.Sealed(log, digest.Object, files.Count, events);
        await unsealed.ForgetThroughAsync(trail.Key, end, cancellationToken);
        return await records.ReadHeadAsync(trail.Key, cancellationToken);
    }

    private DigestRow Plan(Trail trail, bool isGone, DigestHead head, DateTimeOffset start, DateTimeOffset end, SigningKey key) => new()
    {
        TrailKey = trail.Key,
        Plan = new Digest
        {
            AccountId = trail.Account,
            TrailName = trail.Name,
            TrailId = trail.TrailId,
            HomeRegion = trail.HomeRegion,
            StartTime = start,
            EndTime = end,
            Container = trail.Container!,
            Object = DigestObjectName.Of(trail.Prefix, trail.Account, trail.HomeRegion, trail.Name, trail.Key, end),
            KeyFingerprint = key.Fingerprint,
            Algorithm = key.Algorithm,
            IsLogging = !isGone && trail.LogFileValidation && trail.LoggedAt(end),
            Previous = head.Last,
            Files = [],
        },
        PlannedAt = time.GetUtcNow(),
    };

    private static DigestedFile FileOf(string container, DeliveredObject one) => new(container, one.Name, one.Events, one.Bytes, one.Sha256)
    {
        StoredHash = one.Stored?.Sha256,
        StoredBytes = one.Stored?.Bytes,
        OldestEventTime = one.Stored is { } oldest ? DateTimeOffset.FromUnixTimeMilliseconds(oldest.OldestEventMs) : null,
        NewestEventTime = one.Stored is { } newest ? DateTimeOffset.FromUnixTimeMilliseconds(newest.NewestEventMs) : null,
    };

    /// <summary>The chain as somebody else left it; null when it did not move.</summary>
    private async Task<DigestHead?> MovedAsync(DigestHead before, CancellationToken cancellationToken) =>
        await records.ReadHeadAsync(before.TrailKey, cancellationToken) is { } now && now.End > (before.End ?? DateTimeOffset.MinValue) ? now : null;

    private async Task<DigestHead?> FailAsync(DigestHead head, DateTimeOffset end, string reason, bool isBlocked, CancellationToken cancellationToken)
    {
        if (isBlocked)
            DigestLog.Blocked(log, head.TrailKey, end, reason);
        else
            DigestLog.Failed(log, head.TrailKey, end, reason);
        var now = time.GetUtcNow();
        await records.SaveErrorAsync(head with { Error = reason.Length > MaxError ? reason[..MaxError] : reason, ErrorAt = now, ErrorSince = head.ErrorSince ?? now }, cancellationToken);
        return null;
    }

    /// <summary>Ends the care for a trail that is gone, unless something was written meanwhile or may still be: also a job that gave up may be tried again.</summary>
    private async Task ForgetAsync(DigestedTrail digested, CancellationToken cancellationToken)
    {
        var key = digested.Trail.Key;
        if (await HasOpenDeliveriesAsync(digested.Trail, cancellationToken) || await unsealed.FindFirstAsync(key, cancellationToken) is not null)
            return;
        await records.ForgetTrailAsync(key, cancellationToken);
        if (await unsealed.FindFirstAsync(key, cancellationToken) is not null)
            await DigestRegistry.AddAsync(tables, digested.Trail, digested.Since, cancellationToken);
        else
            DigestLog.Complete(log, key);
    }

    private async Task<bool> HasOpenDeliveriesAsync(Trail trail, CancellationToken cancellationToken)
    {
        var (first, last) = JobKeys.OpenJobs(trail.Account);
        await foreach (var unused in tables.QueryAsync(Tables.Jobs, JobKeys.Open, first, last, cancellationToken))
            return true;
        foreach (var (from, to) in new[] { (DeliveryKeys.FirstPending, DeliveryKeys.AfterPending), (DeliveryKeys.FirstUndelivered, DeliveryKeys.AfterUndelivered) })
        {
            await foreach (var unused in tables.QueryAsync(Tables.Deliveries, trail.Key, from, to, cancellationToken))
                return true;
        }

        return false;
    }
}
