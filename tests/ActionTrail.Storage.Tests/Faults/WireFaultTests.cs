using ActionTrail.Azure;
using ActionTrail.Storage.Tests.Azurite;
using Azure.Storage;
using Xunit.Abstractions;

namespace ActionTrail.Storage.Tests.Faults;

/// <summary>
/// Every write of the adapters, with each of its requests broken on the wire in eight ways: once, so that the SDK's repetition
/// follows, and for good. Afterwards the state is read over a whole wire and compared with what the caller was told.
/// </summary>
[Collection(AzuriteCollection.Name)]
public sealed class WireFaultTests(AzuriteFixture azurite, ITestOutputHelper output)
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly byte[] Content = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];
    private readonly WireSweep sweep = new(azurite, output);

    [Theory]
    [InlineData("insert", "head=1 new=2")]
    [InlineData("replace", "head=2")]
    [InlineData("upsert", "head=2")]
    [InlineData("delete", "")]
    [InlineData("submit", "head=2 new=2")]
    public async Task A_table_write_is_done_or_told_and_never_partial(string operation, string done)
    {
        var store = azurite.Connection.CreateTableStore();
        var runs = await sweep.RunAsync(operation, requests: 1, async (connection, table) =>
        {
            await store.CreateTableAsync(table, None);
            var etag = await store.InsertAsync(table, new TableRow("p", "head").With("N", 1), None);
            var broken = connection.CreateTableStore();
            var (added, head) = (new TableRow("p", "new").With("N", 2), new TableRow("p", "head").With("N", 2));
            Func<Task> act = operation switch
            {
                "insert" => () => broken.InsertAsync(table, added, None),
                "replace" => () => broken.ReplaceAsync(table, head, etag, None),
                "upsert" => () => broken.UpsertAsync(table, head, None),
                "delete" => async () => Assert.True(await broken.DeleteAsync(table, "p", "head", etag, None)),
                _ => () => broken.SubmitAsync(table, [TableAction.Insert(added), TableAction.Replace(head, etag)], None),
            };
            return (act, async () =>
            {
                var rows = string.Join(' ', (await store.ScanAsync(table, None).ToListAsync()).Select(row => $"{row.RowKey}={row.GetInt32("N")}"));
                Assert.Contains(rows, new[] { done, "head=1" });
                return rows == done ? WireState.New : WireState.Old;
            }
            );
        });
        Told(runs);
    }

    [Theory]
    [InlineData("small", 1000, 1)]
    [InlineData("blocks", (64 << 10) + 1, 6)]
    public async Task An_object_creation_is_exact(string title, int length, int requests)
    {
        // Above the first size the SDK writes blocks of the second and then their list.
        var transfer = new StorageTransferOptions { InitialTransferSize = 64 << 10, MaximumTransferSize = 16 << 10, MaximumConcurrency = 4 };
        var content = new byte[length];
        new Random(length).NextBytes(content);
        var store = azurite.Connection.CreateObjectStore();
        var runs = await sweep.RunAsync(title, requests, async (connection, container) =>
        {
            await store.CreateContainerAsync(container, None);
            return (
                () => new AzureBlobStore(connection.CreateBlobServiceClient(), transfer).CreateAsync(container, "x", content, ObjectLabel.Binary, None),
                async () =>
                {
                    if (await store.FindAsync(container, "x", None) is not { } found)
                        return WireState.Old;
                    var there = await store.ReadAsync(container, "x", 0, (int)found.Length, None);
                    Assert.True(there.AsSpan().SequenceEqual(content), "Other bytes are there.");
                    await store.DeleteAsync(container, "x", None);
                    return WireState.New;
                }
            );
        });
        Told(runs);

        // One broken request is mended by the SDK's repetition and the comparison, whatever it was.
        Assert.DoesNotContain(runs, run => run is { Lasting: false, Failure: not null });
    }

    [Fact]
    public async Task A_broken_creation_does_not_claim_an_object_of_others()
    {
        var store = azurite.Connection.CreateObjectStore();
        var runs = await sweep.RunAsync(
            "occupied",
            requests: 1,
            async (connection, container) =>
            {
                await store.CreateContainerAsync(container, None);
                await store.CreateAsync(container, "x", new byte[Content.Length], ObjectLabel.Binary, None);
                return (
                    () => connection.CreateObjectStore().CreateAsync(container, "x", Content, ObjectLabel.Binary, None),
                    async () => (await store.ReadAsync(container, "x", 0, Content.Length, None)).All(b => b == 0) ? WireState.Old : WireState.New);
            },
            unbroken: StoreErrorKind.Conflict);
        Assert.All(runs, run => Assert.Equal(WireState.Old, run.State));
        Assert.All(runs, run => Assert.NotNull(run.Failure));
        Assert.All(runs.Where(run => !run.Lasting), run => Assert.Equal(StoreErrorKind.Conflict, run.Failure));
    }

    [Fact]
    public async Task A_deleted_object_is_gone_when_the_caller_is_told_so()
    {
        var store = azurite.Connection.CreateObjectStore();
        Told(await sweep.RunAsync("delete-object", requests: 1, async (connection, container) =>
        {
            await store.CreateContainerAsync(container, None);
            await store.CreateAsync(container, "x", Content, ObjectLabel.Binary, None);
            return (
                async () => Assert.True(await connection.CreateObjectStore().DeleteAsync(container, "x", None)),
                async () => await store.FindAsync(container, "x", None) is null ? WireState.New : WireState.Old);
        }));
    }

    [Fact]
    public async Task A_sent_message_may_double_and_is_never_lost()
    {
        var store = azurite.Connection.CreateWorkQueue();
        var runs = await sweep.RunAsync("send", requests: 1, async (connection, queue) =>
        {
            await store.CreateQueueAsync(queue, None);
            return (
                () => connection.CreateWorkQueue().SendAsync(queue, "m", TimeSpan.Zero, None),
                async () => await store.CountAsync(queue, None) switch { 0 => WireState.Old, 1 => WireState.New, _ => WireState.Doubled });
        });
        Assert.DoesNotContain(runs, run => run is { Failure: null, State: WireState.Old });
        Assert.DoesNotContain(runs, run => run is { Failure: not null and not StoreErrorKind.Unavailable, State: not WireState.Old });
    }

    [Theory]
    [InlineData("delete-message")]
    [InlineData("let-go")]
    public async Task A_received_message_is_settled_or_told(string operation)
    {
        var store = azurite.Connection.CreateWorkQueue();
        Told(await sweep.RunAsync(operation, requests: 1, async (connection, queue) =>
        {
            await store.CreateQueueAsync(queue, None);
            await store.SendAsync(queue, "m", TimeSpan.Zero, None);
            var message = Assert.Single(await store.ReceiveAsync(queue, 1, TimeSpan.FromHours(1), None));
            var broken = connection.CreateWorkQueue();
            return operation == "delete-message"
                ? (() => broken.DeleteAsync(queue, message, None), async () => await store.CountAsync(queue, None) == 0 ? WireState.New : WireState.Old)
                : (() => broken.UpdateVisibilityAsync(queue, message, TimeSpan.Zero, None),
                   async () => (await store.ReceiveAsync(queue, 1, TimeSpan.FromHours(1), None)).Count == 1 ? WireState.New : WireState.Old);
        }));
    }

    [Fact]
    public async Task A_read_gives_the_bytes_or_an_error()
    {
        var store = azurite.Connection.CreateObjectStore();
        await store.CreateContainerAsync("wirereads", None);
        await store.CreateAsync("wirereads", "x", Content, ObjectLabel.Binary, None);
        var runs = await sweep.RunAsync("read", requests: 1, (connection, _) => Task.FromResult<(Func<Task>, Func<Task<WireState>>)>((
            async () => Assert.Equal(Content[10..900], await connection.CreateObjectStore().ReadAsync("wirereads", "x", 10, 890, None)),
            () => Task.FromResult(WireState.New))));
        Assert.DoesNotContain(runs, run => run is { Lasting: false, Failure: not null });
        Assert.All(runs.Where(run => run.Lasting), run => Assert.Contains(run.Failure, new StoreErrorKind?[] { StoreErrorKind.Unavailable, StoreErrorKind.Throttled }));
    }

    /// <summary>Done means done; of the failures, only Unavailable leaves open what happened.</summary>
    private static void Told(List<WireRun> runs)
    {
        Assert.DoesNotContain(runs, run => run is { Failure: null, State: not WireState.New });
        Assert.DoesNotContain(runs, run => run is { Failure: not null and not StoreErrorKind.Unavailable, State: WireState.New });
        Assert.Contains(runs, run => run is { Failure: StoreErrorKind.Unavailable, State: WireState.New });
    }
}
