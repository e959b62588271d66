namespace ActionTrail.Storage.Tests.Contracts;

/// <summary>What every <see cref="ITableStore"/> does. Each test works in a table of its own.</summary>
public abstract class TableStoreContract
{
    private static readonly CancellationToken None = CancellationToken.None;

    protected abstract ITableStore Store { get; }

    [Fact]
    public async Task Making_a_table_twice_is_one_table()
    {
        var table = await TableAsync();
        await Store.InsertAsync(table, new TableRow("p", "r"), None);
        await Store.CreateTableAsync(table, None);
        Assert.NotNull(await Store.FindAsync(table, "p", "r", None));
    }

    [Fact]
    public async Task Every_property_type_comes_back_as_it_went()
    {
        var table = await TableAsync();
        var time = new DateTimeOffset(2026, 2, 28, 23, 59, 59, TimeSpan.Zero).AddTicks(1234567);
        var row = new TableRow("p", "r")
            .With("Text", "it's \"quoted\" \\ <é> 漢字 😀\r\n\t").With("Empty", "")
            .With("Int", int.MinValue).With("LongSmall", 5L).With("LongBig", long.MaxValue)
            .With("Yes", true).With("No", false)
            .With("Half", 0.5).With("Whole", 3.0).With("Huge", 1e300).With("Tiny", -5e-324)
            .With("NotANumber", double.NaN).With("Up", double.PositiveInfinity).With("Down", double.NegativeInfinity)
            .With("Time", time).With("Abroad", time.ToOffset(TimeSpan.FromHours(8)))
            .With("Bytes", new byte[] { 0, 1, 254, 255 }).With("NoBytes", Array.Empty<byte>());
        await Store.InsertAsync(table, row, None);

        var found = await Store.FindAsync(table, "p", "r", None);

        Assert.Equal(row.Properties.OrderBy(p => p.Key, StringComparer.Ordinal).Select(Show), found!.Properties.OrderBy(p => p.Key, StringComparer.Ordinal).Select(Show));
        Assert.Equal(TimeSpan.Zero, found.GetTime("Abroad").Offset);
        Assert.Equal(("p", "r"), (found.PartitionKey, found.RowKey));
    }

    [Fact]
    public async Task What_is_not_there_is_null_and_a_missing_table_is_a_fault()
    {
        var table = await TableAsync();
        Assert.Null(await Store.FindAsync(table, "p", "r", None));
        Assert.False(await Store.DeleteAsync(table, "p", "r", etag: null, None));
        Assert.Empty(await Store.QueryAsync(table, "p", null, null, None).ToListAsync());

        await KindIs(StoreErrorKind.NotFound, () => Store.FindAsync("absent0", "p", "r", None));
        await KindIs(StoreErrorKind.NotFound, () => Store.InsertAsync("absent0", new TableRow("p", "r"), None));
        await KindIs(StoreErrorKind.NotFound, () => Store.UpsertAsync("absent0", new TableRow("p", "r"), None));
        await KindIs(StoreErrorKind.NotFound, () => Store.DeleteAsync("absent0", "p", "r", etag: null, None));
        await KindIs(StoreErrorKind.NotFound, () => Store.SubmitAsync("absent0", [TableAction.Insert(new TableRow("p", "r"))], None));
        await KindIs(StoreErrorKind.NotFound, () => Store.QueryAsync("absent0", "p", null, null, None).ToListAsync().AsTask());
        await KindIs(StoreErrorKind.NotFound, () => Store.ScanAsync("absent0", None).ToListAsync().AsTask());
    }

    [Fact]
    public async Task A_second_insert_conflicts_and_changes_nothing()
    {
        var table = await TableAsync();
        var etag = await Store.InsertAsync(table, new TableRow("p", "r").With("N", 1), None);
        await KindIs(StoreErrorKind.Conflict, () => Store.InsertAsync(table, new TableRow("p", "r").With("N", 2), None));
        var found = await Store.FindAsync(table, "p", "r", None);
        Assert.Equal(1, found!.GetInt32("N"));
        Assert.Equal(etag, found.ETag);
    }

    [Fact]
    public async Task A_replacement_needs_the_etag_it_saw_and_drops_old_properties()
    {
        var table = await TableAsync();
        var first = await Store.InsertAsync(table, new TableRow("p", "r").With("Old", "x"), None);
        var second = await Store.ReplaceAsync(table, new TableRow("p", "r").With("New", "y"), first, None);
        Assert.NotEqual(first, second);
        await KindIs(StoreErrorKind.Conflict, () => Store.ReplaceAsync(table, new TableRow("p", "r").With("New", "z"), first, None));

        var found = await Store.FindAsync(table, "p", "r", None);
        Assert.Equal("y", found!.GetString("New"));
        Assert.Null(found.FindString("Old"));
        Assert.Equal(second, found.ETag);
        await KindIs(StoreErrorKind.NotFound, () => Store.ReplaceAsync(table, new TableRow("p", "gone"), first, None));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.ReplaceAsync(table, new TableRow("p", "r"), "*", None));
    }

    [Fact]
    public async Task An_upsert_inserts_and_replaces()
    {
        var table = await TableAsync();
        await Store.UpsertAsync(table, new TableRow("p", "r").With("Old", 1), None);
        var etag = await Store.UpsertAsync(table, new TableRow("p", "r").With("New", 2), None);
        var found = await Store.FindAsync(table, "p", "r", None);
        Assert.Equal(["New"], found!.Properties.Keys);
        Assert.Equal(etag, found.ETag);
    }

    [Fact]
    public async Task A_delete_is_guarded_by_the_etag_when_there_is_one()
    {
        var table = await TableAsync();
        var first = await Store.InsertAsync(table, new TableRow("p", "r"), None);
        var second = await Store.UpsertAsync(table, new TableRow("p", "r").With("N", 1), None);
        await KindIs(StoreErrorKind.Conflict, () => Store.DeleteAsync(table, "p", "r", first, None));
        Assert.NotNull(await Store.FindAsync(table, "p", "r", None));
        Assert.True(await Store.DeleteAsync(table, "p", "r", second, None));
        Assert.False(await Store.DeleteAsync(table, "p", "r", second, None));
    }

    [Fact]
    public async Task Ranges_are_half_open_and_ordinal()
    {
        var table = await TableAsync();
        string[] keys = ["", "A", "B", "a", "a'b", "a+b%20", "b", "é", "漢"];
        foreach (var key in keys.Reverse())
            await Store.InsertAsync(table, new TableRow("it's", key), None);
        await Store.InsertAsync(table, new TableRow("other", "a"), None);

        Assert.Equal(keys, await KeysAsync(null, null));
        Assert.Equal(["A", "B", "a"], await KeysAsync("A", "a'b"));
        Assert.Equal(["a'b", "a+b%20", "b"], await KeysAsync("a'b", "é"));
        Assert.Equal(["é", "漢"], await KeysAsync("é", null));
        Assert.Equal([""], await KeysAsync(null, "A"));
        Assert.Empty(await KeysAsync("b", "b"));
        Assert.Empty(await KeysAsync("b", "a"));

        async Task<IEnumerable<string>> KeysAsync(string? from, string? to) =>
            (await Store.QueryAsync(table, "it's", from, to, None).ToListAsync()).Select(row => row.RowKey);
    }

    [Fact]
    public async Task A_scan_goes_through_all_partitions_and_pages()
    {
        var table = await TableAsync();
        foreach (var partition in new[] { "b", "a" })
        {
            foreach (var chunk in Enumerable.Range(0, 1100).Chunk(100))
                await Store.SubmitAsync(table, [.. chunk.Select(i => TableAction.Insert(new TableRow(partition, $"{i:D5}").With("N", i)))], None);
        }

        var rows = await Store.ScanAsync(table, None).ToListAsync();
        Assert.Equal(2200, rows.Count);
        Assert.Equal(rows.OrderBy(r => r.PartitionKey, StringComparer.Ordinal).ThenBy(r => r.RowKey, StringComparer.Ordinal).Select(r => (r.PartitionKey, r.RowKey)), rows.Select(r => (r.PartitionKey, r.RowKey)));
        Assert.Equal(1100, await Store.QueryAsync(table, "b", null, null, None).CountAsync());
        Assert.Equal(1050, await Store.QueryAsync(table, "b", "00020", "01070", None).CountAsync());
    }

    [Fact]
    public async Task A_transaction_does_all_of_its_kinds()
    {
        var table = await TableAsync();
        var replace = await Store.InsertAsync(table, new TableRow("p", "replace").With("N", 0), None);
        var delete = await Store.InsertAsync(table, new TableRow("p", "delete"), None);
        await Store.InsertAsync(table, new TableRow("p", "delete-any"), None);
        await Store.InsertAsync(table, new TableRow("p", "upsert-old").With("Old", 1), None);

        await Store.SubmitAsync(
            table,
            [
                TableAction.Insert(new TableRow("p", "it's new").With("Text", "--batch\r\n--changeset\r\n")),
                TableAction.Replace(new TableRow("p", "replace").With("N", 1), replace),
                TableAction.Delete("p", "delete", delete),
                TableAction.Delete("p", "delete-any"),
                TableAction.Upsert(new TableRow("p", "upsert-old").With("New", 2)),
                TableAction.Upsert(new TableRow("p", "upsert-new").With("New", 3)),
            ],
            None);

        var rows = await Store.QueryAsync(table, "p", null, null, None).ToListAsync();
        Assert.Equal(["it's new", "replace", "upsert-new", "upsert-old"], rows.Select(row => row.RowKey));
        Assert.Equal("--batch\r\n--changeset\r\n", rows[0].GetString("Text"));
        Assert.Equal(1, rows[1].GetInt32("N"));
        Assert.Equal(["New"], rows[3].Properties.Keys);
    }

    [Theory]
    [InlineData("insert", StoreErrorKind.Conflict)]
    [InlineData("replace-moved", StoreErrorKind.Conflict)]
    [InlineData("replace-absent", StoreErrorKind.NotFound)]
    [InlineData("delete-moved", StoreErrorKind.Conflict)]
    [InlineData("delete-absent", StoreErrorKind.NotFound)]
    public async Task A_refused_transaction_changes_nothing(string refused, StoreErrorKind kind)
    {
        var table = await TableAsync();
        var stale = await Store.InsertAsync(table, new TableRow("p", "head").With("N", 1), None);
        var etag = await Store.ReplaceAsync(table, new TableRow("p", "head").With("N", 2), stale, None);
        var head = new TableRow("p", "head").With("N", 3);
        var last = refused switch
        {
            "insert" => TableAction.Insert(head),
            "replace-moved" => TableAction.Replace(head, stale),
            "replace-absent" => TableAction.Replace(new TableRow("p", "gone"), stale),
            "delete-moved" => TableAction.Delete("p", "head", stale),
            _ => TableAction.Delete("p", "gone"),
        };
        var actions = Enumerable.Range(0, 99).Select(i => TableAction.Insert(new TableRow("p", $"new-{i:D2}"))).Append(last).ToList();

        await KindIs(kind, () => Store.SubmitAsync(table, actions, None));

        var row = Assert.Single(await Store.ScanAsync(table, None).ToListAsync());
        Assert.Equal(2, row.GetInt32("N"));
        Assert.Equal(etag, row.ETag);
    }

    [Fact]
    public async Task Of_racing_replacements_one_wins()
    {
        var table = await TableAsync();
        var etag = await Store.InsertAsync(table, new TableRow("p", "head").With("N", -1), None);
        var wins = await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
        {
            try
            {
                await Store.SubmitAsync(table, [TableAction.Insert(new TableRow("p", $"c{i}")), TableAction.Replace(new TableRow("p", "head").With("N", i), etag)], None);
                return true;
            }
            catch (StoreException lost) when (lost.Kind == StoreErrorKind.Conflict)
            {
                return false;
            }
        }));
        Assert.Single(wins, won => won);
        Assert.Equal(2, await Store.ScanAsync(table, None).CountAsync());
    }

    [Fact]
    public async Task The_limits_of_a_transaction_are_those_of_the_service()
    {
        var table = await TableAsync();
        await Store.SubmitAsync(table, [.. Rows(100)], None);
        await Refused(table, [.. Rows(101)]);
        await Refused(table, []);
        await Refused(table, [TableAction.Insert(new TableRow("p", "x")), TableAction.Upsert(new TableRow("p", "x"))]);
        await Refused(table, [TableAction.Insert(new TableRow("p", "x")), TableAction.Insert(new TableRow("q", "y"))]);
        await Refused(table, [.. Enumerable.Range(0, 50).Select(i => TableAction.Insert(Fat($"fat-{i}", 1)))]);
        Assert.Equal(100, await Store.ScanAsync(table, None).CountAsync());

        // 47 x 64 KiB of binary are 3.92 MiB in Base64.
        await Store.SubmitAsync(table, [.. Enumerable.Range(0, 47).Select(i => TableAction.Insert(Fat($"fat-{i}", 1)))], None);
        Assert.Equal(147, await Store.ScanAsync(table, None).CountAsync());

        static IEnumerable<TableAction> Rows(int count) => Enumerable.Range(0, count).Select(i => TableAction.Insert(new TableRow("p", $"{i:D3}")));
    }

    [Fact]
    public async Task The_limits_of_a_row_are_those_of_the_service()
    {
        var table = await TableAsync();
        await Store.InsertAsync(table, new TableRow("p", "text").With("T", new string('é', 32 * 1024)), None);
        await Store.InsertAsync(table, new TableRow("p", "binary").With("B", new byte[64 * 1024]), None);
        await Store.InsertAsync(table, new TableRow(new string('k', 512), new string('漢', 512)), None);
        await Store.InsertAsync(table, Fat("fat", 15), None);
        Assert.Equal(32 * 1024, (await Store.FindAsync(table, "p", "text", None))!.GetString("T").Length);
        Assert.NotNull(await Store.FindAsync(table, new string('k', 512), new string('漢', 512), None));

        await RowRefused(table, new TableRow("p", "x").With("T", new string('a', (32 * 1024) + 1)));
        await RowRefused(table, new TableRow("p", "x").With("B", new byte[(64 * 1024) + 1]));
        await RowRefused(table, Fat("x", 16));
        await RowRefused(table, new TableRow("p", new string('k', 513)));
        await RowRefused(table, new TableRow("p", "x").With("Timestamp", "mine"));
        await RowRefused(table, new TableRow("p", "x").With("a-b", 1));
        await RowRefused(table, new TableRow("p", "x").With("T", "\ud800"));
        await RowRefused(table, new TableRow("p", "x").With("T", 1.5m));
        await RowRefused(table, new TableRow("p", "x").With("T", new DateTimeOffset(1600, 12, 31, 0, 0, 0, TimeSpan.Zero)));
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a#b")]
    [InlineData("a?b")]
    [InlineData("a\tb")]
    [InlineData("a\u0085b")]
    public async Task Forbidden_characters_in_keys_are_refused_everywhere(string key)
    {
        var table = await TableAsync();
        await RowRefused(table, new TableRow("p", key));
        await RowRefused(table, new TableRow(key, "r"));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.FindAsync(table, "p", key, None));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.DeleteAsync(table, key, "r", etag: null, None));
    }

    [Fact]
    public async Task Stored_rows_do_not_change_with_the_caller_s_objects()
    {
        var table = await TableAsync();
        var bytes = new byte[] { 1 };
        var row = new TableRow("p", "r").With("B", bytes);
        await Store.InsertAsync(table, row, None);
        bytes[0] = 2;
        row.With("B", null);
        var found = await Store.FindAsync(table, "p", "r", None);
        found!.GetBytes("B")[0]++;
        Assert.Equal([1], (await Store.FindAsync(table, "p", "r", None))!.GetBytes("B"));
    }

    [Fact]
    public async Task The_caller_s_cancellation_passes_through()
    {
        var table = await TableAsync();
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.InsertAsync(table, new TableRow("p", "r"), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.QueryAsync(table, "p", null, null, cancelled).ToListAsync().AsTask());
        Assert.Null(await Store.FindAsync(table, "p", "r", None));
    }

    internal static async Task KindIs(StoreErrorKind kind, Func<Task> act) => Assert.Equal(kind, (await Assert.ThrowsAsync<StoreException>(act)).Kind);

    private static TableRow Fat(string key, int blocks)
    {
        var row = new TableRow("p", key);
        for (var i = 0; i < blocks; i++)
            row[$"B{i}"] = new byte[64 * 1024];
        return row;
    }

    private static string Show(KeyValuePair<string, object> property) => property.Value switch
    {
        byte[] bytes => $"{property.Key} bytes {Convert.ToHexString(bytes)}",
        DateTimeOffset time => $"{property.Key} time {time.UtcTicks}",
        double number => $"{property.Key} double {BitConverter.DoubleToInt64Bits(number):X}",
        var value => $"{property.Key} {value.GetType().Name} {value}",
    };

    private async Task<string> TableAsync()
    {
        var table = "t" + Guid.NewGuid().ToString("N");
        await Store.CreateTableAsync(table, None);
        return table;
    }

    private async Task Refused(string table, IReadOnlyList<TableAction> actions) =>
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.SubmitAsync(table, actions, None));

    private async Task RowRefused(string table, TableRow row)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Store.InsertAsync(table, row, None));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.UpsertAsync(table, row, None));
        await Refused(table, [TableAction.Insert(row)]);
    }
}
