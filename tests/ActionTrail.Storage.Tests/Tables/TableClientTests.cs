using System.Globalization;
using ActionTrail.Azure;
using ActionTrail.Azure.Tables;
using ActionTrail.Storage.Tests.Azurite;
using ActionTrail.Storage.Tests.Contracts;
using Azure;

namespace ActionTrail.Storage.Tests.Tables;

/// <summary>The Tables client itself: what the adapters do not use, and error codes.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class TableClientTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Refusals_carry_status_and_error_code()
    {
        var client = await ClientAsync();
        var absent = await Assert.ThrowsAsync<RequestFailedException>(() => client.GetEntityAsync<TableEntity>("p", "r"));
        Assert.Equal((404, TableErrorCode.ResourceNotFound), (absent.Status, absent.ErrorCode));

        await client.AddEntityAsync(new TableEntity("p", "r"));
        var twice = await Assert.ThrowsAsync<RequestFailedException>(() => client.AddEntityAsync(new TableEntity("p", "r")));
        Assert.Equal((409, TableErrorCode.EntityAlreadyExists), (twice.Status, twice.ErrorCode));

        var stale = new ETag("W/\"datetime'2020-01-01T00%3A00%3A00.0000000Z'\"");
        var moved = await Assert.ThrowsAsync<RequestFailedException>(() => client.UpdateEntityAsync(new TableEntity("p", "r"), stale));
        Assert.Equal((412, TableErrorCode.UpdateConditionNotSatisfied), (moved.Status, moved.ErrorCode));

        Assert.Equal(404, (await client.DeleteEntityAsync("p", "gone")).Status);
        Assert.False((await client.GetEntityIfExistsAsync<TableEntity>("p", "gone")).HasValue);
    }

    [Fact]
    public async Task A_refused_transaction_names_the_action()
    {
        var client = await ClientAsync();
        await client.AddEntityAsync(new TableEntity("p", "2"));
        var refused = await Assert.ThrowsAsync<TableTransactionFailedException>(() => client.SubmitTransactionAsync(
            Enumerable.Range(0, 4).Select(i => new TableTransactionAction(TableTransactionActionType.Add, new TableEntity("p", $"{i}")))));
        Assert.Equal((409, TableErrorCode.EntityAlreadyExists, 2), (refused.Status, refused.ErrorCode, refused.FailedTransactionActionIndex));
    }

    [Fact]
    public async Task Merge_keeps_what_it_does_not_name()
    {
        var client = await ClientAsync();
        await client.AddEntityAsync(new TableEntity("p", "r") { ["A"] = 1, ["B"] = 1 });
        await client.UpdateEntityAsync(new TableEntity("p", "r") { ["B"] = 2 }, ETag.All);
        await client.UpsertEntityAsync(new TableEntity("p", "r") { ["C"] = 3 });
        await client.SubmitTransactionAsync([new(TableTransactionActionType.UpdateMerge, new TableEntity("p", "r") { ["D"] = 4 })]);
        var entity = (await client.GetEntityAsync<TableEntity>("p", "r", ["A", "B", "C", "D"])).Value;
        Assert.Equal((1, 2, 3, 4), (entity.GetInt32("A"), entity.GetInt32("B"), entity.GetInt32("C"), entity.GetInt32("D")));
    }

    [Fact]
    public async Task Pages_go_on_from_their_continuation_token()
    {
        var client = await ClientAsync();
        await client.SubmitTransactionAsync(Enumerable.Range(0, 25).Select(
            i => new TableTransactionAction(TableTransactionActionType.Add, new TableEntity("it's", $"{i:D2}") { ["N"] = i, ["M"] = i })));
        var query = client.QueryAsync<TableEntity>("N lt 23", maxPerPage: 10, ["RowKey", "N"]);
        var first = await query.AsPages().FirstAsync();
        Assert.Equal(10, first.Values.Count);
        var rest = await query.AsPages(first.ContinuationToken).ToListAsync();
        Assert.Equal([10, 3], rest.Select(page => page.Values.Count));
        Assert.Null(rest[^1].ContinuationToken);
        Assert.Null(first.Values[0].GetInt32("M"));
        Assert.Equal(Enumerable.Range(0, 23), (await query.ToListAsync()).Select(e => e.GetInt32("N")!.Value));
    }

    [Fact]
    public async Task A_shared_access_signature_is_enough_for_what_it_allows()
    {
        var client = await ClientAsync();
        await client.AddEntityAsync(new TableEntity("p", "r") { ["N"] = 1 });
        var endpoint = $"http://127.0.0.1:{azurite.TablePort}/{AzuriteFixture.Account}";
        var reader = new TableServiceClient($"TableEndpoint={endpoint};SharedAccessSignature={Sign(client.Name, "r")}").GetTableClient(client.Name);
        Assert.Equal(1, (await reader.GetEntityAsync<TableEntity>("p", "r")).Value.GetInt32("N"));
        Assert.Single(await reader.QueryAsync<TableEntity>("PartitionKey eq 'p'").ToListAsync());
        var denied = await Assert.ThrowsAsync<RequestFailedException>(() => reader.AddEntityAsync(new TableEntity("p", "s")));
        Assert.Equal(403, denied.Status);
    }

    [Fact]
    public async Task A_wrong_key_is_denied()
    {
        var wrong = azurite.ConnectionString.Replace(AzuriteFixture.Key, Convert.ToBase64String(new byte[64]), StringComparison.Ordinal);
        var store = StorageConnection.FromConnectionString(wrong);
        await TableStoreContract.KindIs(StoreErrorKind.Denied, () => store.CreateTableStore().CreateTableAsync("denied", CancellationToken.None));
        await TableStoreContract.KindIs(StoreErrorKind.Denied, () => store.CreateObjectStore().CreateContainerAsync("denied", CancellationToken.None));
        await TableStoreContract.KindIs(StoreErrorKind.Denied, () => store.CreateWorkQueue().CreateQueueAsync("denied", CancellationToken.None));
    }

    /// <summary>A table SAS as Microsoft's REST reference ("Create a service SAS") builds it.</summary>
    private static string Sign(string table, string permissions)
    {
        var expiry = DateTimeOffset.UtcNow.AddHours(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var text = $"{permissions}\n\n{expiry}\n/table/{AzuriteFixture.Account}/{table}\n\n\n\n2019-02-02\n\n\n\n";
        var signature = new TableSharedKeyCredential(AzuriteFixture.Account, AzuriteFixture.Key).Sign(text);
        return $"sv=2019-02-02&tn={table}&sp={permissions}&se={Uri.EscapeDataString(expiry)}&sig={Uri.EscapeDataString(signature)}";
    }

    private async Task<TableClient> ClientAsync()
    {
        var client = new TableServiceClient(azurite.ConnectionString).GetTableClient("t" + Guid.NewGuid().ToString("N"));
        Assert.Equal(204, (await client.CreateIfNotExistsAsync()).GetRawResponse().Status);
        Assert.Equal(409, (await client.CreateIfNotExistsAsync()).GetRawResponse().Status);
        return client;
    }
}
