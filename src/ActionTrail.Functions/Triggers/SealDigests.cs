using ActionTrail.Digests;

namespace ActionTrail.Functions.Triggers;

/// <summary>The digest timer: seals what is due of every trail. What one run leaves undone the next one does.</summary>
internal sealed class SealDigests(DigestSealer sealer) : ITrigger
{
    public string Function => "SealDigests";

    public Task RunAsync(ReadOnlyMemory<byte> invocation, CancellationToken cancellationToken) => sealer.RunAsync(cancellationToken);
}
