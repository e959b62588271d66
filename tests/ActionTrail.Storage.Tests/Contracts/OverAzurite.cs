using ActionTrail.Storage.Tests.Azurite;

namespace ActionTrail.Storage.Tests.Contracts;

[Collection(AzuriteCollection.Name)]
public sealed class AzureTableStoreTests(AzuriteFixture azurite) : TableStoreContract
{
    protected override ITableStore Store { get; } = azurite.Connection.CreateTableStore();
}

[Collection(AzuriteCollection.Name)]
public sealed class AzureBlobStoreTests(AzuriteFixture azurite) : ObjectStoreContract
{
    protected override IObjectStore Store { get; } = azurite.Connection.CreateObjectStore();
}

[Collection(AzuriteCollection.Name)]
public sealed class AzureQueueStoreTests(AzuriteFixture azurite) : WorkQueueContract
{
    protected override IWorkQueue Queue { get; } = azurite.Connection.CreateWorkQueue();

    [Fact]
    public async Task A_message_that_somebody_put_there_in_the_clear_is_handed_out_as_it_is()
    {
        await Queue.CreateQueueAsync("foreign", CancellationToken.None);
        await azurite.Connection.CreateQueueServiceClient().GetQueueClient("foreign").SendMessageAsync("{\"plain\":true}");
        Assert.Equal("{\"plain\":true}", Assert.Single(await Queue.ReceiveAsync("foreign", 1, TimeSpan.FromSeconds(1), CancellationToken.None)).Text);
    }
}
