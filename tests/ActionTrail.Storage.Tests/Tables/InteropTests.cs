using ActionTrail.Azure.Tables;
using ActionTrail.Storage.Tests.Azurite;

namespace ActionTrail.Storage.Tests.Tables;

/// <summary>What our Tables client writes is read by the official one for JavaScript, and the other way round.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class InteropTests(AzuriteFixture azurite)
{
    private static readonly DateTimeOffset Time = new DateTimeOffset(2026, 2, 28, 23, 59, 59, TimeSpan.Zero).AddTicks(1234567);
    private static readonly Guid Id = Guid.Parse("0f8fad5b-d9cb-469f-a165-70867728950e");

    [Fact]
    public async Task The_official_client_reads_every_type_that_ours_wrote()
    {
        var client = new TableServiceClient(azurite.ConnectionString).GetTableClient("interopours");
        await client.CreateIfNotExistsAsync();
        await client.AddEntityAsync(new TableEntity("it's", "net 漢字 +%20")
        {
            ["Text"] = "\"quoted\" <é> 😀",
            ["Flag"] = true,
            ["Narrow"] = -7,
            ["Wide"] = long.MaxValue,
            ["Half"] = 0.5,
            ["Time"] = Time,
            ["Bytes"] = new byte[] { 0, 1, 254, 255 },
            ["Id"] = Id,
        });
        await client.SubmitTransactionAsync(
        [
            new(TableTransactionActionType.Add, new TableEntity("it's", "net-1") { ["Text"] = "one" }),
            new(TableTransactionActionType.UpsertReplace, new TableEntity("it's", "net-2") { ["Text"] = "two" }),
        ]);

        var lines = await RunAsync("read", "interopours");

        Assert.Equal(
            [
                """{"partitionKey":"it's","rowKey":"net 漢字 +%20","properties":{"Bytes":["Binary","0001feff"],"Flag":["boolean",true],"Half":["number",0.5],"Id":["Guid","0f8fad5b-d9cb-469f-a165-70867728950e"],"Narrow":["number",-7],"Text":["string","\"quoted\" <é> 😀"],"Time":["DateTime","2026-02-28T23:59:59.123Z"],"Wide":["Int64","9223372036854775807"]}}""",
                """{"partitionKey":"it's","rowKey":"net-1","properties":{"Text":["string","one"]}}""",
                """{"partitionKey":"it's","rowKey":"net-2","properties":{"Text":["string","two"]}}""",
            ],
            lines);
    }

    [Fact]
    public async Task Ours_reads_every_type_that_the_official_client_wrote()
    {
        await RunAsync("write", "interoptheirs");

        var client = new TableServiceClient(azurite.ConnectionString).GetTableClient("interoptheirs");
        var entity = (await client.GetEntityAsync<TableEntity>("it's", "js 漢字 +%20")).Value;

        Assert.Equal("\"quoted\" <é> 😀", entity.GetString("Text"));
        Assert.True(entity.GetBoolean("Flag"));
        Assert.Equal(-7, entity.GetInt32("Narrow"));
        Assert.Equal(long.MaxValue, entity.GetInt64("Wide"));
        Assert.Equal(0.5, entity.GetDouble("Half"));
        Assert.Equal(3.0, entity.GetDouble("Whole"));
        Assert.Equal(Time, entity.GetDateTimeOffset("Time"));
        Assert.Equal([0, 1, 254, 255], entity.GetBinary("Bytes"));
        Assert.Equal(Id, entity.GetGuid("Id"));
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {"it's"} and RowKey ge {"js-1"}");
        Assert.Equal(["one", "two"], (await client.QueryAsync<TableEntity>(filter).ToListAsync()).Select(e => e.GetString("Text")));
    }

    private async Task<string[]> RunAsync(string verb, string table)
    {
        var folder = Path.Combine(AzuriteFixture.Repository, "tests", "ActionTrail.Storage.Tests", "interop");
        await NodeModules.InstallAsync(folder);
        var endpoint = $"http://127.0.0.1:{azurite.TablePort}/{AzuriteFixture.Account}";
        var (code, output) = await NodeModules.RunAsync(folder, "node", "tables.mjs", verb, endpoint, AzuriteFixture.Account, AzuriteFixture.Key, table);
        Assert.True(code == 0, output);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
