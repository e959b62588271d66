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
        var (sealedCount, failed, left) = (0, 0, 0);
        await Parallel.ForEachAsync(
            digested,
            new ParallelOptions { MaxDegreeOfParallelism = options.Parallelism, CancellationToken = cancellationToken },
            async (one, token) =>
            {
                if (time.GetElapsedTime(started) > options.RunLimit)
                {
                    Interlocked.Increment(ref left);
                    return;
                }

                try
                {
                    Interlocked.Add(ref sealedCount, await sealer.RunAsync(one, current.GetValueOrDefault(one.Trail.Key), limit, token));
                }
                catch (StoreException e)
                {
                    Interlocked.Increment(ref failed);
                    DigestLog.PassedOver(log, one.Trail.Key, e.Message);
                }
            });
        return new(digested.Count, sealedCount, failed, left == 0);
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
