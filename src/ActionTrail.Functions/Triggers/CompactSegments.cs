using ActionTrail.Compaction;
using ActionTrail.Functions.Settings;
using ActionTrail.Layout;

namespace ActionTrail.Functions.Triggers;

/// <summary>The compaction timer. A run goes on until nothing is due or its time is used up; the next one catches up.</summary>
internal sealed class CompactSegments(Compactor compactor, AppSettings settings) : ITrigger
{
    public string Function => "CompactSegments";

    public Task RunAsync(ReadOnlyMemory<byte> invocation, CancellationToken cancellationToken) =>
        settings.Compacts ? compactor.RunAsync(StoreName.History, cancellationToken) : Task.CompletedTask;
}
