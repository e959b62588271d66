using System.Collections.Concurrent;
using ActionTrail.Events;

namespace ActionTrail.Ingest;

/// <summary>Benches between two commits. At most one per processor is kept; more are made and thrown away under load.</summary>
internal sealed class IngestBenches(NormalizerOptions options)
{
    private readonly ConcurrentQueue<IngestBench> idle = new();

    public IngestBench Rent() => idle.TryDequeue(out var bench) ? bench : new IngestBench(options);

    public void Return(IngestBench bench)
    {
        bench.Clear();
        if (idle.Count < Environment.ProcessorCount)
            idle.Enqueue(bench);
        else
            bench.Dispose();
    }
}
