namespace ActionTrail.Storage.Tests.Contracts;

/// <summary>What every <see cref="IWorkQueue"/> does. Each test works in a queue of its own.</summary>
public abstract class WorkQueueContract
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    protected abstract IWorkQueue Queue { get; }

    [Fact]
    public async Task A_message_comes_back_hidden_and_counted()
    {
        var queue = await QueueAsync();
        await Queue.SendAsync(queue, "{\"é\":\"漢字 😀 <&>\"}", TimeSpan.Zero, None);
        Assert.Equal(1, await Queue.CountAsync(queue, None));

        var message = Assert.Single(await Queue.ReceiveAsync(queue, 32, Minute, None));

        Assert.Equal("{\"é\":\"漢字 😀 <&>\"}", message.Text);
        Assert.Equal(1, message.DequeueCount);
        Assert.Equal(9999, message.ExpiresOn.Year);
        Assert.InRange(message.NextVisibleOn - message.InsertedOn, TimeSpan.FromSeconds(59), TimeSpan.FromSeconds(120));
        Assert.Empty(await Queue.ReceiveAsync(queue, 32, Minute, None));
        Assert.Equal(1, await Queue.CountAsync(queue, None));
        await Queue.DeleteAsync(queue, message, None);
        Assert.Equal(0, await Queue.CountAsync(queue, None));
    }

    [Fact]
    public async Task A_message_let_go_comes_again_and_its_old_receipt_is_void()
    {
        var queue = await QueueAsync();
        await Queue.SendAsync(queue, "x", TimeSpan.Zero, None);
        var first = Assert.Single(await Queue.ReceiveAsync(queue, 1, Minute, None));
        await Queue.UpdateVisibilityAsync(queue, first, TimeSpan.Zero, None);

        var second = Assert.Single(await Queue.ReceiveAsync(queue, 1, Minute, None));

        Assert.Equal((first.Id, "x", 2), (second.Id, second.Text, second.DequeueCount));
        await KindIs(StoreErrorKind.Conflict, () => Queue.DeleteAsync(queue, first, None));
        await KindIs(StoreErrorKind.Conflict, () => Queue.UpdateVisibilityAsync(queue, first, Minute, None));
        await Queue.DeleteAsync(queue, second, None);
        await KindIs(StoreErrorKind.NotFound, () => Queue.DeleteAsync(queue, second, None));
        await KindIs(StoreErrorKind.NotFound, () => Queue.UpdateVisibilityAsync(queue, second, Minute, None));
    }

    [Fact]
    public async Task A_new_receipt_replaces_the_old_one()
    {
        var queue = await QueueAsync();
        await Queue.SendAsync(queue, "x", TimeSpan.Zero, None);
        var message = Assert.Single(await Queue.ReceiveAsync(queue, 1, Minute, None));
        var receipt = await Queue.UpdateVisibilityAsync(queue, message, TimeSpan.FromHours(1), None);
        Assert.NotEqual(message.PopReceipt, receipt);
        await KindIs(StoreErrorKind.Conflict, () => Queue.DeleteAsync(queue, message, None));
        await Queue.DeleteAsync(queue, message with { PopReceipt = receipt }, None);
        Assert.Equal(0, await Queue.CountAsync(queue, None));
    }

    [Fact]
    public async Task A_hidden_message_waits()
    {
        var queue = await QueueAsync();
        await Queue.SendAsync(queue, "later", TimeSpan.FromDays(7), None);
        Assert.Empty(await Queue.ReceiveAsync(queue, 32, Minute, None));
        Assert.Equal(1, await Queue.CountAsync(queue, None));
    }

    [Fact]
    public async Task Many_receivers_share_without_doubling()
    {
        var queue = await QueueAsync();
        for (var i = 0; i < 40; i++)
            await Queue.SendAsync(queue, $"{i}", TimeSpan.Zero, None);
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Queue.ReceiveAsync(queue, 5, Minute, None)));
        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"{i}").Order(StringComparer.Ordinal), taken.SelectMany(m => m).Select(m => m.Text).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_missing_queue_is_a_fault()
    {
        await KindIs(StoreErrorKind.NotFound, () => Queue.SendAsync("absent", "x", TimeSpan.Zero, None));
        await KindIs(StoreErrorKind.NotFound, () => Queue.ReceiveAsync("absent", 1, Minute, None));
        await KindIs(StoreErrorKind.NotFound, () => Queue.CountAsync("absent", None));
    }

    [Fact]
    public async Task The_limits_are_those_of_the_service()
    {
        var queue = await QueueAsync();
        await Queue.SendAsync(queue, new string('x', 48 * 1024), TimeSpan.Zero, None);
        Assert.Equal(48 * 1024, Assert.Single(await Queue.ReceiveAsync(queue, 1, Minute, None)).Text.Length);
        await Refused(() => Queue.SendAsync(queue, new string('x', (48 * 1024) + 1), TimeSpan.Zero, None));
        await Refused(() => Queue.SendAsync(queue, "", TimeSpan.Zero, None));
        await Refused(() => Queue.SendAsync(queue, "x", TimeSpan.FromDays(7.1), None));
        await Refused(() => Queue.SendAsync(queue, "x", TimeSpan.FromSeconds(-1), None));
        await Refused(() => Queue.ReceiveAsync(queue, 33, Minute, None));
        await Refused(() => Queue.ReceiveAsync(queue, 0, Minute, None));
        await Refused(() => Queue.ReceiveAsync(queue, 1, TimeSpan.Zero, None));
        Assert.Equal(1, await Queue.CountAsync(queue, None));
    }

    private static Task KindIs(StoreErrorKind kind, Func<Task> act) => TableStoreContract.KindIs(kind, act);

    private static Task Refused(Func<Task> act) => Assert.ThrowsAnyAsync<ArgumentException>(act);

    private async Task<string> QueueAsync()
    {
        var queue = "q" + Guid.NewGuid().ToString("N");
        await Queue.CreateQueueAsync(queue, None);
        await Queue.CreateQueueAsync(queue, None);
        return queue;
    }
}
