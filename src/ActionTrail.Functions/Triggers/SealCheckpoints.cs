using ActionTrail.Layout;
using ActionTrail.Logstores;
using ActionTrail.Proofs;

namespace ActionTrail.Functions.Triggers;

/// <summary>The sealing timer: the history and every Logstore. Without a key of checkpoints nothing is sealed.</summary>
internal sealed class SealCheckpoints(IServiceProvider services, LogstoreRegistry logstores) : ITrigger
{
    public string Function => "SealCheckpoints";

    public async Task RunAsync(ReadOnlyMemory<byte> invocation, CancellationToken cancellationToken)
    {
        if (services.GetService<SealRound>() is not { } round)
            return;
        var others = new List<StoreName>();
        await foreach (var logstore in logstores.ScanAsync(cancellationToken))
            others.Add(logstore.Store);
        await round.RunAsync(others, cancellationToken);
    }
}
