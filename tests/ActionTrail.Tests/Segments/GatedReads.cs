using ActionTrail.Storage;
using Moq;

namespace ActionTrail.Tests.Segments;

/// <summary>An object store whose ranged reads wait until the test opens the gate.</summary>
internal sealed class GatedReads
{
    private readonly TaskCompletionSource open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public GatedReads(IObjectStore inner)
    {
        var mock = new Mock<IObjectStore>(MockBehavior.Strict);
        mock.Setup(s => s.ReadAsync(It.IsAny<string>(), It.IsAny<string>(), It.IsAny<long>(), It.IsAny<int>(), It.IsAny<CancellationToken>()))
            .Returns(async (string container, string name, long offset, int length, CancellationToken cancellationToken) =>
            {
                asked.TrySetResult();
                await Task.WhenAny(open.Task, Task.Delay(Timeout.Infinite, cancellationToken));
                if (cancellationToken.IsCancellationRequested)
                    stopped.TrySetResult();
                cancellationToken.ThrowIfCancellationRequested();
                return await inner.ReadAsync(container, name, offset, length, cancellationToken);
            });
        Store = mock.Object;
    }

    public IObjectStore Store { get; }

    /// <summary>Completes when the first read began.</summary>
    public Task Asked => asked.Task;

    /// <summary>Completes when a read was cancelled.</summary>
    public Task Stopped => stopped.Task;

    public void Open() => open.TrySetResult();
}
