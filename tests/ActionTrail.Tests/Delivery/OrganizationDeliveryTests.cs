using ActionTrail.Access;
using ActionTrail.Delivery;
using ActionTrail.Directories;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using ActionTrail.Trails;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Tests.Delivery;

/// <summary>A multi-account trail delivers what was committed in an account while it was a member, once, whatever changes or dies.</summary>
public sealed class OrganizationDeliveryTests
{
    [Fact]
    public async Task Every_member_has_its_folder_and_strangers_have_none()
    {
        var world = await World.StartAsync("kid");
        await world.Bench.CommitAsync(world.Event("acme"), world.Event("kid"), world.Event("kid") with { Region = "cn-beijing" }, world.Event("stranger") with { EventId = "s" });
        await world.SettleAsync();

        var names = (await world.Bench.ReadBackAsync("audit-logs")).Select(static o => string.Join('/', o.Name.Split('/')[..5])).Order(StringComparer.Ordinal);
        Assert.Equal([$"ActionTrail/ActionTrail/{world.DirectoryId}/acme/cn-hangzhou", $"ActionTrail/ActionTrail/{world.DirectoryId}/kid/cn-beijing", $"ActionTrail/ActionTrail/{world.DirectoryId}/kid/cn-hangzhou"], names);
        await world.ProveAsync();
    }

    [Fact]
    public async Task An_account_is_covered_from_joining_to_leaving_and_again()
    {
        var world = await World.StartAsync();
        for (var round = 0; round < 2; round++)
        {
            await world.CommitAsync("kid", isDue: false);
            await world.JoinAsync("kid");
            await world.CommitAsync("kid", isDue: true);
            await world.Members.RemoveAsync(world.DirectoryId, "kid", ifMatch: null, default);
            await world.CommitAsync("kid", isDue: false);
            await world.CommitAsync("acme", isDue: true);
        }

        await world.SettleAsync();
        await world.ProveAsync();
    }

    [Fact]
    public async Task Windows_that_were_handed_out_keep_their_members_when_the_directory_and_the_trail_change()
    {
        var world = await World.StartAsync("kid");
        await world.CommitAsync("kid", isDue: true);
        await world.Bench.CloseWindowAsync();
        await world.Members.RemoveAsync(world.DirectoryId, "kid", ifMatch: null, default);
        await world.JoinAsync("late");
        await world.Bench.Trails.DeleteAsync("acme", "trail-all", ifMatch: null, default);
        await world.SettleAsync();
        await world.ProveAsync();

        var before = (await world.Bench.ReadBackAsync("audit-logs")).Select(static o => o.Name).ToList();
        await world.CommitAsync("late", isDue: false);
        await world.SettleAsync();
        Assert.Equal(before, (await world.Bench.ReadBackAsync("audit-logs")).Select(static o => o.Name));
    }

    [Fact]
    public async Task A_window_of_a_thousand_members_is_frozen_in_one_row()
    {
        var world = await World.StartAsync();
        var covered = Enumerable.Range(0, ResourceDirectory.MaxMembers)
            .Select(i => new CoveredAccount($"account-{i}".PadRight(64, 'x'), [new(world.Bench.Clock.Now, world.Bench.Clock.Now), new(world.Bench.Clock.Now, null)])).ToList();
        var trail = (await world.Bench.Trails.FindAsync("acme", "trail-all", default))!;
        var record = new DeliveryRecord { Store = StoreName.History, Window = 1, Trail = trail, Coverage = new(covered), CreatedAt = world.Bench.Clock.Now, OpenKey = "o" };
        await world.Bench.Tables.InsertAsync(Tables.Deliveries, record.ToRow(), default);
        var read = Assert.Single(await world.Bench.RecordsAsync());
        Assert.Equivalent(covered, read.Coverage.Accounts, strict: true);
    }

    [Fact]
    public async Task A_fault_at_any_request_loses_and_doubles_nothing_of_any_member()
    {
        var faults = 0;
        foreach (var mode in StorageFaults.Modes)
        {
            for (var request = 0; ; request++)
            {
                var world = await World.StartAsync("kid");
                await world.CommitAsync("kid", isDue: true);
                await world.CommitAsync("acme", isDue: true);
                await world.Members.RemoveAsync(world.DirectoryId, "kid", ifMatch: null, default);
                await world.CommitAsync("kid", isDue: false);
                world.Bench.Clock.Advance(40);
                world.Bench.Faults.FailAt(request, mode);
                try
                {
                    await world.Bench.Scheduler().RunAsync(default);
                    await world.Bench.DrainAsync();
                }
                catch (Exception e) when (e is StoreException or SimulatedCrashException)
                {
                    // The host sees a failed invocation, or nobody sees anything.
                }

                var fired = world.Bench.Faults.Fired;
                world.Bench.Faults.Reset();
                await world.SettleAsync();
                await world.ProveAsync();
                if (!fired)
                    break;
                faults++;
            }
        }

        Assert.InRange(faults, 150, int.MaxValue);
    }

    private sealed class World(DeliveryBench bench)
    {
        private readonly List<string> due = [];

        public DeliveryBench Bench => bench;

        public string DirectoryId { get; private set; } = "";

        public MemberStore Members { get; } = new(bench.Tables, new AccountStore(bench.Tables, bench.Clock), bench.Clock, NullLogger<MemberStore>.Instance);

        public static async Task<World> StartAsync(params string[] members)
        {
            var world = new World(await DeliveryBench.StartAsync());
            world.DirectoryId = (await new DirectoryStore(world.Bench.Tables, world.Bench.Clock, NullLogger<DirectoryStore>.Instance).CreateAsync("acme", "Acme", default)).Directory!.DirectoryId;
            foreach (var member in members)
                await world.JoinAsync(member);
            var made = await world.Bench.Trails.CreateAsync("acme", new TrailDraft { Name = "trail-all", Container = "audit-logs", IsOrganizationTrail = true }, default);
            Assert.Equal(TrailOutcomeKind.Created, made.Kind);
            await world.Bench.Trails.StartAsync("acme", "trail-all", default);
            return world;
        }

        public async Task JoinAsync(string account)
        {
            await Members.InviteAsync(DirectoryId, account, default);
            Assert.Equal(DirectoryOutcomeKind.Ok, (await Members.AcceptAsync(DirectoryId, account, default)).Kind);
            Bench.Clock.Advance(1);
        }

        /// <summary>An event that is due.</summary>
        public TestEvent Event(string account)
        {
            var one = Bench.Event(account);
            if (account != "stranger")
                due.Add(one.EventId);
            return one;
        }

        public async Task CommitAsync(string account, bool isDue)
        {
            Bench.Clock.Advance(1);
            await Bench.CommitAsync(isDue ? Event(account) : Bench.Event(account), Bench.Event("stranger"));
            Bench.Clock.Advance(1);
        }

        public async Task SettleAsync()
        {
            for (var round = 0; round < 3; round++)
            {
                Bench.Clock.Advance(1800);
                await Bench.Scheduler().RunAsync(default);
                await Bench.DrainAsync();
            }

            Assert.All(await Bench.RecordsAsync(), static r => Assert.Equal(DeliveryState.Done, r.State));
            Assert.Equal(0, await Bench.OpenEntriesAsync());
        }

        public async Task ProveAsync()
        {
            var objects = await Bench.ReadBackAsync("audit-logs");
            Assert.All(objects, o => Assert.All(o.Events, e => Assert.Contains($"\"recipientAccountId\":\"{o.Name.Split('/')[3]}\"", e, StringComparison.Ordinal)));
            var found = objects.SelectMany(static o => o.Events).Select(static e => System.Text.Json.JsonDocument.Parse(e).RootElement.GetProperty("eventId").GetString()!);
            Assert.Equal(due.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
        }
    }
}
