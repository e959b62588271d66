using ActionTrail.Access;
using ActionTrail.Directories;
using ActionTrail.Trails;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Tests.Trails;

public sealed class OrganizationTrailTests
{
    private static readonly TrailDraft Organization = TrailBench.Draft("trail-all") with { IsOrganizationTrail = true };

    [Fact]
    public async Task Management_and_administrators_make_one_trail_per_directory_and_the_management_account_owns_it()
    {
        var (bench, directory) = await StartAsync();
        foreach (var account in (string[])["kid", "stranger"])
            Assert.Equal(TrailOutcomeKind.NotPermitted, (await bench.Trails.CreateAsync(account, Organization, default)).Kind);
        var made = await bench.Trails.CreateAsync("deputy", Organization, default);
        Assert.Equal((TrailOutcomeKind.Created, "acme", directory), (made.Kind, made.Trail!.Account, made.Trail.DirectoryId));
        foreach (var account in (string[])["acme", "deputy"])
            Assert.Equal(TrailOutcomeKind.QuotaExceeded, (await bench.Trails.CreateAsync(account, Organization with { Name = "trail-two" }, default)).Kind);

        // It does not count among the five of the account, and the container is the management account's.
        for (var i = 0; i < 5; i++)
            await bench.Trails.CreateAsync("acme", TrailBench.Draft($"trail-{i}"), default);
        Assert.Equal(5, (await bench.Trails.ListAsync("acme", default)).Count);
        Assert.Equal(TrailOutcomeKind.ContainerMissing, (await bench.Trails.CreateAsync("deputy", TrailBench.Draft("trail-own"), default)).Kind);
        Assert.Equal(TrailOutcomeKind.NameTaken, (await bench.Trails.CreateAsync("kid", TrailBench.Draft("trail-all") with { Container = "other-logs" }, default)).Kind);
        Assert.Equal(TrailOutcomeKind.Ok, (await bench.Trails.DeleteAsync("deputy", "trail-all", ifMatch: null, default)).Kind);
        Assert.Equal(TrailOutcomeKind.Created, (await bench.Trails.CreateAsync("acme", Organization, default)).Kind);
    }

    [Fact]
    public async Task Everybody_in_the_directory_sees_it_and_only_who_administers_it_changes_it()
    {
        var (bench, _) = await StartAsync();
        await bench.Trails.CreateAsync("acme", Organization, default);
        foreach (var (account, access) in new[] { ("acme", TrailAccess.Own), ("deputy", TrailAccess.Administered), ("kid", TrailAccess.Shadow) })
        {
            Assert.Empty(await bench.Trails.ListAsync(account, default));
            Assert.Equal(access, Assert.Single(await bench.Trails.ListVisibleAsync(account, includeOrganization: true, default)).Access);
            Assert.Equal(access, (await bench.Trails.ResolveAsync(account, "trail-all", isOrganization: false, default))!.Access);
        }

        Assert.Empty(await bench.Trails.ListVisibleAsync("stranger", includeOrganization: true, default));
        var before = await bench.DumpAsync();
        foreach (var (account, kind) in new[] { ("kid", TrailOutcomeKind.NotPermitted), ("stranger", TrailOutcomeKind.NotFound) })
            Assert.All(await ChangesAsync(bench, account), end => Assert.Equal(kind, end));
        Assert.Equal(before, await bench.DumpAsync());
        Assert.All(await ChangesAsync(bench, "deputy"), static end => Assert.Equal(TrailOutcomeKind.Ok, end));
        Assert.Empty(await bench.Trails.ListVisibleAsync("acme", includeOrganization: true, default));
    }

    [Fact]
    public async Task An_administrator_who_was_removed_can_do_nothing_more_at_once()
    {
        var (bench, directory) = await StartAsync();
        await bench.Trails.CreateAsync("deputy", Organization, default);
        await new DirectoryStore(bench.Tables, bench.Clock, NullLogger<DirectoryStore>.Instance).RevokeAsync(directory, "deputy", ifMatch: null, default);
        Assert.All(await ChangesAsync(bench, "deputy"), static end => Assert.Equal(TrailOutcomeKind.NotPermitted, end));
        await Members(bench).RemoveAsync(directory, "deputy", ifMatch: null, default);
        Assert.All(await ChangesAsync(bench, "deputy"), static end => Assert.Equal(TrailOutcomeKind.NotFound, end));
        Assert.NotNull(await bench.Trails.FindAsync("acme", "trail-all", default));
    }

    [Fact]
    public async Task Neither_kind_of_trail_becomes_the_other()
    {
        var (bench, _) = await StartAsync();
        await bench.Trails.CreateAsync("acme", Organization, default);
        await bench.Trails.CreateAsync("acme", TrailBench.Draft(), default);
        foreach (var (name, value) in new[] { ("trail-all", false), ("trail-one", true) })
        {
            var refused = await bench.Trails.UpdateAsync("acme", name, new TrailChange { IsOrganizationTrail = value }, ifMatch: null, default);
            Assert.Equal("/isOrganizationTrail", Assert.Single(refused.Errors).Pointer);
            Assert.Equal(TrailOutcomeKind.Ok, (await bench.Trails.UpdateAsync("acme", name, new TrailChange { IsOrganizationTrail = !value }, ifMatch: null, default)).Kind);
        }
    }

    [Fact]
    public async Task Own_trails_come_before_the_directorys_of_the_same_name()
    {
        var (bench, directory) = await StartAsync();
        await bench.Trails.CreateAsync("acme", Organization, default);
        await bench.Trails.CreateAsync("late", TrailBench.Draft("trail-all") with { Container = "other-logs" }, default);
        await Members(bench).InviteAsync(directory, "late", default);
        await Members(bench).AcceptAsync(directory, "late", default);
        Assert.Equal(("late", TrailAccess.Own), Seen(await bench.Trails.ResolveAsync("late", "trail-all", isOrganization: false, default)));
        Assert.Equal(("acme", TrailAccess.Shadow), Seen(await bench.Trails.ResolveAsync("late", "trail-all", isOrganization: true, default)));
        Assert.Null(await bench.Trails.ResolveAsync("late", "trail-one", isOrganization: true, default));
    }

    [Fact]
    public async Task One_of_many_who_make_the_trail_at_once_does()
    {
        var (bench, _) = await StartAsync();
        var ends = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => bench.Trails.CreateAsync(i % 2 == 0 ? "acme" : "deputy", Organization with { Name = $"trail-{i}" }, default))));
        Assert.Single(ends, static e => e.Kind == TrailOutcomeKind.Created);
        Assert.Equal(7, ends.Count(static e => e.Kind == TrailOutcomeKind.QuotaExceeded));
    }

    private static (string, TrailAccess) Seen(VisibleTrail? seen) => (seen!.Trail.Account, seen.Access);

    private static async Task<List<TrailOutcomeKind>> ChangesAsync(TrailBench bench, string account)
    {
        var data = new DataEventSelectors(IsTrailAllRegion: true, [], [new("Oss", TrailEventRW.All, ValueCondition.Any, ValueCondition.Any)]);
        return
        [
            (await bench.Trails.UpdateAsync(account, "trail-all", new TrailChange { EventRW = "Write" }, ifMatch: null, default)).Kind,
            (await bench.Trails.StartAsync(account, "trail-all", default)).Kind,
            (await bench.Trails.StopAsync(account, "trail-all", default)).Kind,
            (await bench.Trails.PutDataEventsAsync(account, "trail-all", data, ifMatch: null, default)).Kind,
            (await bench.Trails.DeleteDataEventsAsync(account, "trail-all", ifMatch: null, default)).Kind,
            (await bench.Trails.DeleteAsync(account, "trail-all", ifMatch: null, default)).Kind,
        ];
    }

    private static MemberStore Members(TrailBench bench) => new(bench.Tables, new AccountStore(bench.Tables, bench.Clock), bench.Clock, NullLogger<MemberStore>.Instance);

    private static async Task<(TrailBench Bench, string DirectoryId)> StartAsync()
    {
        var bench = await TrailBench.StartAsync();
        var directories = new DirectoryStore(bench.Tables, bench.Clock, NullLogger<DirectoryStore>.Instance);
        var directory = (await directories.CreateAsync("acme", "Acme", default)).Directory!.DirectoryId;
        foreach (var account in (string[])["deputy", "kid"])
        {
            await Members(bench).InviteAsync(directory, account, default);
            await Members(bench).AcceptAsync(directory, account, default);
        }

        await directories.DelegateAsync(directory, "deputy", ifMatch: null, default);
        return (bench, directory);
    }
}
