namespace ActionTrail.Storage.Tests.Contracts;

public sealed class MemoryTableStoreTests : TableStoreContract
{
    protected override ITableStore Store { get; } = new MemoryTableStore();
}

/// <summary>With pages of seven rows, so that the seams between pages are met.</summary>
public sealed class PagedMemoryTableStoreTests : TableStoreContract
{
    protected override ITableStore Store { get; } = new MemoryTableStore(pageRows: 7);
}

public sealed class MemoryObjectStoreTests : ObjectStoreContract
{
    protected override IObjectStore Store { get; } = new MemoryObjectStore(new TestClock());
}

public sealed class MemoryWorkQueueTests : WorkQueueContract
{
    private readonly TestClock clock = new();

    protected override IWorkQueue Queue => field ??= new MemoryWorkQueue(clock);

    [Fact]
    public async Task Visibility_runs_on_the_injected_clock_in_whole_seconds()
    {
        await Queue.CreateQueueAsync("queue", CancellationToken.None);
        await Queue.SendAsync("queue", "x", TimeSpan.FromMilliseconds(1500), CancellationToken.None);
        clock.Advance(TimeSpan.FromMilliseconds(1999));
        Assert.Empty(await Queue.ReceiveAsync("queue", 1, TimeSpan.FromSeconds(10), CancellationToken.None));
        clock.Advance(TimeSpan.FromMilliseconds(1));
        var first = Assert.Single(await Queue.ReceiveAsync("queue", 1, TimeSpan.FromSeconds(10), CancellationToken.None));
        clock.Advance(TimeSpan.FromSeconds(10));

        // Nobody else took it meanwhile: the receipt still holds.
        await Queue.DeleteAsync("queue", first, CancellationToken.None);
        Assert.Equal(0, await Queue.CountAsync("queue", CancellationToken.None));
    }
}
