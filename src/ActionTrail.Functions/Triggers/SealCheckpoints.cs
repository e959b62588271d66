using ActionTrail.Layout;
using ActionTrail.Proofs;

namespace ActionTrail.Functions.Triggers;

/// <summary>The sealing timer. Without a key of checkpoints nothing is sealed.</summary>
internal sealed class SealCheckpoints(IServiceProvider services) : ITrigger
{
    public string Function => "SealCheckpoints";

    public Task RunAsync(ReadOnlyMemory<byte> invocation, CancellationToken cancellationToken) =>
        services.GetService<CommitSealer>() is { } sealer ? sealer.RunAsync(StoreName.History, cancellationToken) : Task.CompletedTask;
}
