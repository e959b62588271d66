using ActionTrail.Compaction;
using ActionTrail.Functions.Settings;
using ActionTrail.Layout;
using ActionTrail.Logstores;

namespace ActionTrail.Functions.Triggers;

/// <summary>The compaction timer. A run goes on until nothing is due or its time is used up; the next one catches up.</summary>
internal sealed class CompactSegments(CompactionRound round, LogstoreRegistry logstores, AppSettings settings) : ITrigger
{
    public string Function => "CompactSegments";

    public async Task RunAsync(ReadOnlyMemory<byte> invocation, CancellationToken cancellationToken)
    {
        if (!settings.Compacts)
            return;
        var others = new List<StoreName>();
        await foreach (var logstore in logstores.ScanAsync(cancellationToken))
            others.Add(logstore.Store);
        await round.RunAsync(others, cancellationToken);
    }
}
