using ActionTrail.Access;
using ActionTrail.Directories;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;

namespace ActionTrail.Tests.Directories;

public sealed class DirectoryStoreTests
{
    [Fact]
    public async Task An_account_founds_one_directory_and_manages_it()
    {
        var bench = await DirectoryBench.StartAsync();
        var directory = await bench.FoundAsync("acme");
        Assert.True(DirectoryKeys.IsDirectoryId(directory.DirectoryId));
        Assert.Equal(DirectoryOutcomeKind.InDirectory, (await bench.Directories().CreateAsync("acme", "again", default)).Kind);
        Assert.Equal(DirectoryRole.Management, (await bench.Reader.FindOfAsync("acme", default))!.Role);
        Assert.NotEqual(directory.DirectoryId, (await bench.FoundAsync("other")).DirectoryId);
        await bench.ProveAsync();
    }

    [Fact]
    public async Task Memberships_are_kept_as_intervals_and_an_account_comes_and_goes()
    {
        var bench = await DirectoryBench.StartAsync();
        var first = (await bench.FoundAsync("acme")).DirectoryId;
        var second = (await bench.FoundAsync("rival")).DirectoryId;
        var began = bench.Clock.Now;
        await bench.JoinAsync(first, "kid");
        bench.Clock.Advance(10);
        Assert.Equal(DirectoryOutcomeKind.Ok, (await bench.Members().RemoveAsync(first, "kid", ifMatch: null, default)).Kind);
        Assert.Null(await bench.Reader.FindOfAsync("kid", default));

        // The second directory's instance has a clock that is behind.
        bench.Clock.Advance(-5);
        await bench.JoinAsync(second, "kid");
        bench.Clock.Advance(20);
        await bench.Members().RemoveAsync(second, "kid", ifMatch: null, default);
        await bench.JoinAsync(first, "kid");

        Assert.Equal([new(began, began.AddSeconds(10)), new(began.AddSeconds(25), null)], (await bench.Reader.FindMemberAsync(first, "kid", default))!.Intervals);
        Assert.Equal([new(began.AddSeconds(10), began.AddSeconds(25))], (await bench.Reader.FindMemberAsync(second, "kid", default))!.Intervals);
        Assert.Equal(["acme", "kid"], (await bench.Reader.ReadCoverageAsync(first, default)).Select(static c => c.Account));
        await bench.ProveAsync();
    }

    [Fact]
    public async Task An_invitation_is_accepted_by_the_invited_once_in_time_and_in_one_directory()
    {
        var bench = await DirectoryBench.StartAsync();
        var first = (await bench.FoundAsync("acme")).DirectoryId;
        var second = (await bench.FoundAsync("rival")).DirectoryId;
        var members = bench.Members();
        Assert.Equal(DirectoryOutcomeKind.NotFound, (await members.AcceptAsync(first, "kid", default)).Kind);
        await members.InviteAsync(first, "kid", default);
        await members.InviteAsync(second, "kid", default);
        Assert.Equal(DirectoryOutcomeKind.Ok, (await members.InviteAsync(first, "kid", default)).Kind);
        Assert.Equal(2, (await bench.Reader.ReadInvitationsAsync("kid", bench.Clock.Now, default)).Count);
        Assert.Empty(await bench.Reader.ReadInvitationsAsync("ki", bench.Clock.Now, default));
        Assert.Equal(DirectoryOutcomeKind.Ok, (await members.AcceptAsync(first, "kid", default)).Kind);
        Assert.Equal(DirectoryOutcomeKind.Ok, (await members.AcceptAsync(first, "kid", default)).Kind);
        Assert.Equal(DirectoryOutcomeKind.InDirectory, (await members.AcceptAsync(second, "kid", default)).Kind);
        Assert.Equal(DirectoryOutcomeKind.AlreadyMember, (await members.InviteAsync(first, "kid", default)).Kind);
        Assert.Equal(DirectoryOutcomeKind.Ok, (await members.DeclineAsync(second, "kid", default)).Kind);
        Assert.Equal(DirectoryOutcomeKind.NotFound, (await members.DeclineAsync(second, "kid", default)).Kind);

        await members.InviteAsync(first, "late", default);
        bench.Clock.Advance(ResourceDirectory.InvitationLife.TotalSeconds);
        Assert.Equal(DirectoryOutcomeKind.NotFound, (await members.AcceptAsync(first, "late", default)).Kind);
        Assert.Empty(await bench.Reader.ReadInvitationsAsync("late", bench.Clock.Now, default));
        Assert.Equal(DirectoryOutcomeKind.Created, (await members.InviteAsync(first, "late", default)).Kind);
        Assert.Equal(DirectoryOutcomeKind.Ok, (await members.AcceptAsync(first, "late", default)).Kind);
        await bench.ProveAsync();
    }

    [Fact]
    public async Task A_created_account_is_a_member_from_its_beginning_and_ids_of_others_are_not_taken()
    {
        var bench = await DirectoryBench.StartAsync();
        var directory = (await bench.FoundAsync("acme")).DirectoryId;
        await bench.Accounts().CreateAsync("stranger", "Stranger", AccountSource.Operator, default);
        var made = await bench.Members().CreateAsync(directory, accountId: null, "Shop", default);
        var named = await bench.Members().CreateAsync(directory, "named", "Named", default);

        Assert.Equal(DirectoryOutcomeKind.Created, made.Kind);
        Assert.Equal(AccountSource.Directory, (await bench.Accounts().FindAsync(made.Member!.Account, default))!.Source);
        Assert.Equal([new(bench.Clock.Now, null)], made.Member.Intervals);
        Assert.Equal(("named", MemberState.Member), (named.Member!.Account, named.Member.State));
        foreach (var taken in (string[])["stranger", "named", "operator", "acme"])
            Assert.Equal(DirectoryOutcomeKind.AccountTaken, (await bench.Members().CreateAsync(directory, taken, "x", default)).Kind);
        Assert.Null(await bench.Reader.FindMemberAsync(directory, "stranger", default));
        await bench.ProveAsync();
    }

    [Fact]
    public async Task An_account_that_somebody_makes_while_its_id_is_reserved_does_not_become_a_member()
    {
        for (var request = 0; ; request++)
        {
            var bench = await DirectoryBench.StartAsync();
            var directory = (await bench.FoundAsync("acme")).DirectoryId;
            var rivals = new AccountStore(bench.Memory, bench.Clock);
            bench.Faults.RunAt(request, () => rivals.CreateAsync("new", "Theirs", AccountSource.OnSight, default));
            var outcome = await bench.Members().CreateAsync(directory, "new", "Ours", default);
            var fired = bench.Faults.Fired;
            bench.Faults.Reset();
            var isOurs = (await bench.Accounts().FindAsync("new", default))!.Source == AccountSource.Directory;
            Assert.Equal(isOurs ? DirectoryOutcomeKind.Created : DirectoryOutcomeKind.AccountTaken, outcome.Kind);
            Assert.Equal(isOurs ? 2 : 1, (await bench.Reader.ReadCoverageAsync(directory, default)).Count);
            await bench.ProveAsync();
            if (!fired)
                break;
            Assert.True(request < 100);
        }
    }

    [Fact]
    public async Task A_reservation_that_was_left_by_a_death_covers_nobody_elses_account()
    {
        var bench = await DirectoryBench.StartAsync();
        var (first, second) = ((await bench.FoundAsync("acme")).DirectoryId, (await bench.FoundAsync("rival")).DirectoryId);
        var isReserved = false;
        for (var request = 0; !isReserved; request++)
        {
            bench.Faults.FailAt(request, FaultMode.CrashBeforeRequest);
            await Assert.ThrowsAsync<SimulatedCrashException>(() => bench.Members().CreateAsync(first, "new", "New", default));
            bench.Faults.Reset();
            isReserved = await bench.Reader.FindMemberAsync(first, "new", default) is not null;
        }

        Assert.Equal(MemberState.Creating, (await bench.Reader.FindMemberAsync(first, "new", default))!.State);
        await bench.Accounts().CreateAsync("new", "Operator's", AccountSource.Operator, default);
        Assert.Null(await bench.Reader.FindOfAsync("new", default));
        Assert.DoesNotContain(await bench.Reader.ReadCoverageAsync(first, default), static c => c.Account == "new");
        await bench.JoinAsync(second, "new");
        Assert.Equal(second, (await bench.Reader.FindOfAsync("new", default))!.Directory.DirectoryId);
        Assert.Equal(DirectoryOutcomeKind.Ok, (await bench.Members().RemoveAsync(first, "new", ifMatch: null, default)).Kind);
        Assert.Equal(second, (await bench.Reader.FindOfAsync("new", default))!.Directory.DirectoryId);
        await bench.ProveAsync();
    }

    [Fact]
    public async Task At_most_three_members_are_administrators_and_leaving_ends_it()
    {
        var bench = await DirectoryBench.StartAsync();
        var directory = (await bench.FoundAsync("acme")).DirectoryId;
        foreach (var account in (string[])["kid1", "kid2", "kid3", "kid4"])
            await bench.JoinAsync(directory, account);
        var store = bench.Directories();
        foreach (var (account, kind) in new[] { ("kid1", DirectoryOutcomeKind.Ok), ("kid2", DirectoryOutcomeKind.Ok), ("kid2", DirectoryOutcomeKind.Ok), ("acme", DirectoryOutcomeKind.NotMember), ("who", DirectoryOutcomeKind.NotMember), ("kid3", DirectoryOutcomeKind.Ok), ("kid4", DirectoryOutcomeKind.QuotaExceeded) })
            Assert.Equal(kind, (await store.DelegateAsync(directory, account, ifMatch: null, default)).Kind);
        Assert.Equal(DirectoryRole.Administrator, (await bench.Reader.FindOfAsync("kid2", default))!.Role);
        await bench.Members().RemoveAsync(directory, "kid2", ifMatch: null, default);
        Assert.Equal(DirectoryOutcomeKind.Ok, (await store.RevokeAsync(directory, "kid1", ifMatch: null, default)).Kind);
        Assert.Equal(DirectoryOutcomeKind.NotFound, (await store.RevokeAsync(directory, "kid1", ifMatch: null, default)).Kind);
        Assert.Equal(DirectoryRole.Member, (await bench.Reader.FindOfAsync("kid1", default))!.Role);
        Assert.Equal(["kid3"], (await bench.Reader.FindAsync(directory, default))!.Administrators);
        await bench.JoinAsync(directory, "kid2");
        Assert.Equal(DirectoryRole.Member, (await bench.Reader.FindOfAsync("kid2", default))!.Role);
        await bench.ProveAsync();
    }

    [Fact]
    public async Task The_management_account_goes_last_and_not_before_the_trail()
    {
        var bench = await DirectoryBench.StartAsync();
        var directory = (await bench.FoundAsync("acme")).DirectoryId;
        await bench.JoinAsync(directory, "kid");
        Assert.Equal(DirectoryOutcomeKind.HasMembers, (await bench.Members().RemoveAsync(directory, "acme", ifMatch: null, default)).Kind);
        Assert.Equal(DirectoryOutcomeKind.HasMembers, (await bench.Directories().DissolveAsync(directory, ifMatch: null, default)).Kind);
        await bench.Members().RemoveAsync(directory, "kid", ifMatch: null, default);
        await bench.Memory.InsertAsync(Layout.Tables.Trails, new TableRow("acme", TrailKeys.Organization(directory)).With("Name", "trail-one"), default);
        Assert.Equal(DirectoryOutcomeKind.HasTrail, (await bench.Directories().DissolveAsync(directory, ifMatch: null, default)).Kind);
        await bench.Memory.DeleteAsync(Layout.Tables.Trails, "acme", TrailKeys.Organization(directory), etag: null, default);
        Assert.Equal(DirectoryOutcomeKind.PreconditionFailed, (await bench.Directories().DissolveAsync(directory, "another", default)).Kind);
        Assert.Equal(DirectoryOutcomeKind.Ok, (await bench.Directories().DissolveAsync(directory, ifMatch: null, default)).Kind);
        Assert.Null(await bench.Reader.FindOfAsync("acme", default));
        await bench.FoundAsync("acme");
        await bench.ProveAsync();
    }

    [Fact]
    public async Task Of_many_directories_that_an_account_joins_at_once_one_gets_it()
    {
        for (var round = 0; round < 10; round++)
        {
            var bench = await DirectoryBench.StartAsync();
            var ids = new List<string>();
            for (var i = 0; i < 6; i++)
            {
                ids.Add((await bench.FoundAsync($"boss{i}")).DirectoryId);
                await bench.Members().InviteAsync(ids[i], "kid", default);
            }

            var calls = ids.Select(id => Task.Run(() => bench.Members().AcceptAsync(id, "kid", default))).Append(Task.Run(() => bench.Directories().CreateAsync("kid", "kid", default)));
            var ends = await Task.WhenAll(calls);
            Assert.Single(ends, static e => e.Kind is DirectoryOutcomeKind.Ok or DirectoryOutcomeKind.Created);
            Assert.Equal(6, ends.Count(static e => e.Kind == DirectoryOutcomeKind.InDirectory));
            await bench.ProveAsync();
        }
    }

    [Fact]
    public async Task A_fault_at_any_request_leaves_every_row_true_and_repeating_ends_it()
    {
        var faults = 0;
        foreach (var mode in StorageFaults.Modes)
        {
            for (var request = 0; ; request++)
            {
                var bench = await DirectoryBench.StartAsync();
                bench.Faults.FailAt(request, mode);
                var fired = await RunAsync(bench);
                if (!fired)
                    break;
                faults++;
            }
        }

        Assert.InRange(faults, 200, int.MaxValue);
    }

    /// <summary>A life of a directory, each call repeated until it answers, as clients do; every state in between is proven.</summary>
    private static async Task<bool> RunAsync(DirectoryBench bench)
    {
        var fired = false;
        async Task<DirectoryOutcome> Call(Func<Task<DirectoryOutcome>> call)
        {
            while (true)
            {
                try
                {
                    var outcome = await call();
                    await bench.ProveAsync();
                    return outcome;
                }
                catch (Exception e) when (e is StoreException or SimulatedCrashException)
                {
                    fired = true;
                    bench.Faults.Reset();
                    await bench.ProveAsync();
                }
            }
        }

        await Call(() => bench.Directories().CreateAsync("acme", "acme", default));
        await Call(() => bench.Directories().CreateAsync("rival", "rival", default));
        var directory = (await bench.Reader.FindOfAsync("acme", default))!.Directory.DirectoryId;
        var second = (await bench.Reader.FindOfAsync("rival", default))!.Directory.DirectoryId;
        await Call(() => bench.Members().InviteAsync(directory, "kid", default));
        await Call(() => bench.Members().InviteAsync(second, "kid", default));
        Assert.Equal(DirectoryOutcomeKind.Ok, (await Call(() => bench.Members().AcceptAsync(directory, "kid", default))).Kind);
        Assert.Equal(DirectoryOutcomeKind.InDirectory, (await Call(() => bench.Members().AcceptAsync(second, "kid", default))).Kind);
        bench.Clock.Advance(1);
        var created = await Call(() => bench.Members().CreateAsync(directory, "born", "Born", default));
        Assert.True(created.Kind is DirectoryOutcomeKind.Created or DirectoryOutcomeKind.AccountTaken);
        var born = await bench.Reader.FindMemberAsync(directory, "born", default);
        Assert.Equal((MemberState.Member, bench.Clock.Now), (born!.State, born.JoinedAt));
        Assert.Equal(directory, (await bench.Reader.FindOfAsync("born", default))!.Directory.DirectoryId);
        Assert.Equal(DirectoryOutcomeKind.Ok, (await Call(() => bench.Directories().DelegateAsync(directory, "born", ifMatch: null, default))).Kind);
        await Call(() => bench.Members().RemoveAsync(directory, "born", ifMatch: null, default));
        await Call(() => bench.Members().RemoveAsync(directory, "kid", ifMatch: null, default));
        Assert.Equal(DirectoryOutcomeKind.Ok, (await Call(() => bench.Members().AcceptAsync(second, "kid", default))).Kind);
        await Call(() => bench.Directories().DissolveAsync(directory, ifMatch: null, default));
        Assert.Null(await bench.Reader.FindOfAsync("acme", default));
        Assert.Equal(second, (await bench.Reader.FindOfAsync("kid", default))!.Directory.DirectoryId);
        return fired;
    }
}
