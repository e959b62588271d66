using System.Text;

namespace ActionTrail.Storage.Tests.Contracts;

/// <summary>What every <see cref="IObjectStore"/> does. Each test works in a container of its own.</summary>
public abstract class ObjectStoreContract
{
    private static readonly CancellationToken None = CancellationToken.None;

    protected abstract IObjectStore Store { get; }

    [Fact]
    public async Task Content_label_and_facts_come_back()
    {
        var container = await ContainerAsync();
        var label = new ObjectLabel("application/json", "gzip") { Metadata = new Dictionary<string, string> { ["Events"] = "12", ["sha256"] = "ab+/=" } };
        await Store.CreateAsync(container, "a/b c/é+%20.json", Encoding.UTF8.GetBytes("hello"), label, None);

        var found = await Store.FindAsync(container, "a/b c/é+%20.json", None);

        Assert.Equal(("a/b c/é+%20.json", 5L), (found!.Name, found.Length));
        Assert.NotEmpty(found.ETag);
        Assert.NotEqual(default, found.LastModified);
        Assert.Equal("12", found.Metadata["events"]);
        Assert.Equal("ab+/=", found.Metadata["SHA256"]);
        Assert.Equal("hello", Encoding.UTF8.GetString(await Store.ReadAsync(container, found.Name, 0, 5, None)));
    }

    [Fact]
    public async Task An_object_is_created_once()
    {
        var container = await ContainerAsync();
        await Store.CreateAsync(container, "x", new byte[] { 1 }, ObjectLabel.Binary, None);
        await KindIs(StoreErrorKind.Conflict, () => Store.CreateAsync(container, "x", new byte[] { 2 }, ObjectLabel.Binary, None));
        await KindIs(StoreErrorKind.Conflict, () => Store.CreateAsync(container, "x", new byte[] { 1 }, ObjectLabel.Binary, None));
        Assert.Equal([1], await Store.ReadAsync(container, "x", 0, 1, None));
    }

    [Fact]
    public async Task Of_racing_creations_one_wins()
    {
        var container = await ContainerAsync();
        var wins = await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
        {
            try
            {
                await Store.CreateAsync(container, "x", new[] { (byte)i }, ObjectLabel.Binary, None);
                return i;
            }
            catch (StoreException lost) when (lost.Kind == StoreErrorKind.Conflict)
            {
                return -1;
            }
        }));
        Assert.Equal([(byte)Assert.Single(wins, won => won >= 0)], await Store.ReadAsync(container, "x", 0, 1, None));
    }

    [Fact]
    public async Task A_stream_is_written_from_its_beginning_whatever_its_size()
    {
        var container = await ContainerAsync();
        var content = new byte[33 * 1024 * 1024];
        new Random(1).NextBytes(content);
        using var stream = new MemoryStream(content) { Position = 100 };
        await Store.CreateAsync(container, "big", stream, ObjectLabel.Binary, None);
        stream.Position = 0;
        await KindIs(StoreErrorKind.Conflict, () => Store.CreateAsync(container, "big", stream, ObjectLabel.Binary, None));

        await using var read = await Store.OpenReadAsync(container, "big", None);
        using var copy = new MemoryStream();
        await read.CopyToAsync(copy);
        Assert.True(copy.ToArray().AsSpan().SequenceEqual(content));
        Assert.Equal(content[1_000_000..1_000_100], await Store.ReadAsync(container, "big", 1_000_000, 100, None));
    }

    [Fact]
    public async Task Ranges_are_exact_or_corrupt()
    {
        var container = await ContainerAsync();
        await Store.CreateAsync(container, "x", new byte[] { 0, 1, 2, 3, 4 }, ObjectLabel.Binary, None);
        Assert.Equal([1, 2], await Store.ReadAsync(container, "x", 1, 2, None));
        Assert.Equal([4], await Store.ReadAsync(container, "x", 4, 1, None));
        Assert.Empty(await Store.ReadAsync(container, "x", 5, 0, None));
        await KindIs(StoreErrorKind.Corrupt, () => Store.ReadAsync(container, "x", 4, 2, None));
        await KindIs(StoreErrorKind.Corrupt, () => Store.ReadAsync(container, "x", 5, 1, None));
        await KindIs(StoreErrorKind.Corrupt, () => Store.ReadAsync(container, "x", 6, 0, None));
    }

    [Fact]
    public async Task An_empty_object_is_an_object()
    {
        var container = await ContainerAsync();
        await Store.CreateAsync(container, "x", ReadOnlyMemory<byte>.Empty, ObjectLabel.Binary, None);
        Assert.Equal(0, (await Store.FindAsync(container, "x", None))!.Length);
        await using var read = await Store.OpenReadAsync(container, "x", None);
        Assert.Equal(0, await read.ReadAsync(new byte[1]));
    }

    [Fact]
    public async Task What_is_not_there_is_told()
    {
        var container = await ContainerAsync();
        Assert.True(await Store.ContainerExistsAsync(container, None));
        Assert.False(await Store.ContainerExistsAsync("absent", None));
        foreach (var place in new[] { container, "absent" })
        {
            Assert.Null(await Store.FindAsync(place, "x", None));
            Assert.False(await Store.DeleteAsync(place, "x", None));
            await KindIs(StoreErrorKind.NotFound, () => Store.ReadAsync(place, "x", 0, 1, None));
            await KindIs(StoreErrorKind.NotFound, () => Store.ReadAsync(place, "x", 0, 0, None));
            await KindIs(StoreErrorKind.NotFound, () => Store.OpenReadAsync(place, "x", None));
        }

        Assert.Empty(await Store.ListAsync(container, "", None).ToListAsync());
        await KindIs(StoreErrorKind.NotFound, () => Store.ListAsync("absent", "", None).ToListAsync().AsTask());
        await KindIs(StoreErrorKind.NotFound, () => Store.CreateAsync("absent", "x", new byte[1], ObjectLabel.Binary, None));
    }

    [Fact]
    public async Task A_listing_is_ordinal_and_by_prefix()
    {
        var container = await ContainerAsync();
        string[] names = ["A", "a", "a-b", "a/1", "a/10", "a/2", "b/1"];
        foreach (var name in names.Reverse())
            await Store.CreateAsync(container, name, new byte[name.Length], ObjectLabel.Binary, None);
        Assert.Equal(names, (await Store.ListAsync(container, "", None).ToListAsync()).Select(o => o.Name));
        var found = await Store.ListAsync(container, "a/", None).ToListAsync();
        Assert.Equal(["a/1", "a/10", "a/2"], found.Select(o => o.Name));
        Assert.Equal([3L, 4L, 3L], found.Select(o => o.Length));
        Assert.Equal((await Store.FindAsync(container, "a/1", None))!.ETag, found[0].ETag);
    }

    [Fact]
    public async Task A_deleted_object_is_gone_and_its_name_is_free()
    {
        var container = await ContainerAsync();
        await Store.CreateAsync(container, "x", new byte[1], ObjectLabel.Binary, None);
        Assert.True(await Store.DeleteAsync(container, "x", None));
        Assert.False(await Store.DeleteAsync(container, "x", None));
        await Store.CreateAsync(container, "x", new byte[2], ObjectLabel.Binary, None);
        Assert.Equal(2, (await Store.FindAsync(container, "x", None))!.Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a//b")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a/../b")]
    [InlineData("./a")]
    [InlineData("a.")]
    [InlineData("a\\b")]
    [InlineData("a\nb")]
    public async Task Names_that_a_url_would_bend_are_refused(string name)
    {
        var container = await ContainerAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => Store.CreateAsync(container, name, new byte[1], ObjectLabel.Binary, None));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.FindAsync(container, name, None));
    }

    [Theory]
    [InlineData("ab")]
    [InlineData("Abc")]
    [InlineData("a--b")]
    [InlineData("-abc")]
    [InlineData("a_b")]
    public async Task Container_names_are_checked(string container) =>
        await Assert.ThrowsAsync<ArgumentException>(() => Store.CreateContainerAsync(container, None));

    private static Task KindIs(StoreErrorKind kind, Func<Task> act) => TableStoreContract.KindIs(kind, act);

    private async Task<string> ContainerAsync()
    {
        var container = "c" + Guid.NewGuid().ToString("N");
        await Store.CreateContainerAsync(container, None);
        await Store.CreateContainerAsync(container, None);
        return container;
    }
}
