using ActionTrail.Storage;
using ActionTrail.Trails;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Digests;

/// <summary>What one run did. <paramref name="Complete"/>: false when it left trails to the next run.</summary>
public sealed record SealReport(int Trails, int Digests, int Failed, bool Complete);

/// <summary>
/// The timer's work: seals what is due of every trail. It may run twice at once and die anywhere; the next run goes on. A trail whose container fails delays
/// only its own chain.
/// </summary>
public sealed class DigestSealer(ITableStore tables, IObjectStore objects, TrailStore trails, ISigningKeys signing, DigestOptions options, TimeProvider time, ILogger<DigestSealer> log)
{
    private readonly DigestRecords records = new(tables);

    /// <exception cref="StoreException">A store or the keys failed before any trail was looked at; the next run does it.</exception>
    public async Task<SealReport> RunAsync(CancellationToken cancellationToken)
    {
        if (!options.IsEnabled)
            return new(0, 0, 0, Complete: true);
        var started = time.GetTimestamp();
        var now = time.GetUtcNow();
        var limit = DigestSchedule.Floor(now - options.Settle, options.Interval);
        var keys = await signing.ListAsync(cancellationToken);
        var current = await ReadCurrentAsync(cancellationToken);
        var digested = await RegisterAsync(current, now, cancellationToken);
        var sealer = new TrailSealer(tables, objects, signing, keys, options, time, log);
        var states = digested.Select(static one => (Digested: one, State: new ChainState())).ToList();
        var (sealedCount, failed, left) = (0, 0, 0);
        await Parallel.ForEachAsync(
            states,
            new ParallelOptions { MaxDegreeOfParallelism = options.Parallelism, CancellationToken = cancellationToken },
            async (item, token) =>
            {
                var (one, state) = item;
                if (time.GetElapsedTime(started) > options.RunLimit)
                {
                    Interlocked.Increment(ref left);
                    return;
                }

                try
                {
                    Interlocked.Add(ref sealedCount, await sealer.RunAsync(one, current.GetValueOrDefault(one.Trail.Key), limit, state, token));
                }
                catch (StoreException e)
                {
                    Interlocked.Increment(ref failed);
                    DigestLog.PassedOver(log, one.Trail.Key, e.Message);
                }
            });
        Measure(states, current, now);
        return new(digested.Count, sealedCount, failed, left == 0);
    }

    /// <summary>What is late, over all trails. A trail of which the run learnt nothing is no reason to say that none is.</summary>
    private void Measure(List<(DigestedTrail Digested, ChainState State)> states, Dictionary<string, Trail> current, DateTimeOffset now)
    {
        var ages = states
            .Where(one => one.State.IsKnown && current.GetValueOrDefault(one.Digested.Trail.Key) is { LogFileValidation: true, IsLogging: true, DeletedAt: null })
            .Select(one => now - (one.State.End ?? one.Digested.Since)).ToList();
        var missing = states.Where(static one => one.State.Due is not null).Select(static one => one.State.Due!.Value).ToList();
        var overdue = missing.Count == 0 ? TimeSpan.Zero : now - missing.Min() - options.Settle;
        if (missing.Count > 0 || states.TrueForAll(static one => one.State.IsKnown))
        {
            DigestMetrics.Missing(overdue);
            DigestMetrics.Newest(ages.Count == 0 ? TimeSpan.Zero : ages.Max());
        }

        if (overdue > options.OverdueAlarm)
            DigestLog.Overdue(log, missing.Count, overdue);
    }

    private async Task<Dictionary<string, Trail>> ReadCurrentAsync(CancellationToken cancellationToken)
    {
        var current = new Dictionary<string, Trail>(StringComparer.Ordinal);
        await foreach (var trail in trails.ScanAsync(cancellationToken))
        {
            if (trail.Container is not null)
                current[trail.Key] = trail;
        }

        return current;
    }

    /// <summary>The trails whose digests are looked after, with those that log and are not among them yet.</summary>
    private async Task<List<DigestedTrail>> RegisterAsync(Dictionary<string, Trail> current, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var digested = new List<DigestedTrail>();
        await foreach (var one in records.ReadTrailsAsync(cancellationToken))
            digested.Add(one);
        var known = digested.Select(static one => one.Trail.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var trail in current.Values.Where(t => t is { LogFileValidation: true, IsLogging: true, DeletedAt: null } && !known.Contains(t.Key)))
        {
            await DigestRegistry.AddAsync(tables, trail, now, cancellationToken);
            digested.Add(new(trail, now));
        }

        return digested;
    }
}
