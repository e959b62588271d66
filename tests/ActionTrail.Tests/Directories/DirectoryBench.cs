using ActionTrail.Access;
using ActionTrail.Directories;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using ActionTrail.Tests.Trails;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Tests.Directories;

/// <summary>The directories slice over memory behind a fault switch; proofs read without faults.</summary>
internal sealed class DirectoryBench
{
    private DirectoryBench() => Tables = new FaultyTableStore(Memory, Faults);

    public TrailClock Clock { get; } = new();

    public MemoryTableStore Memory { get; } = new();

    public StorageFaults Faults { get; } = new();

    public ITableStore Tables { get; }

    public DirectoryReader Reader => new(Memory);

    public static async Task<DirectoryBench> StartAsync()
    {
        var bench = new DirectoryBench();
        foreach (var table in Layout.Tables.All)
            await bench.Memory.CreateTableAsync(table, default);
        return bench;
    }

    public DirectoryStore Directories() => new(Tables, Clock, NullLogger<DirectoryStore>.Instance);

    public MemberStore Members() => new(Tables, Accounts(), Clock, NullLogger<MemberStore>.Instance);

    public AccountStore Accounts() => new(Tables, Clock);

    public async Task<ResourceDirectory> FoundAsync(string account)
    {
        var made = await Directories().CreateAsync(account, account, default);
        Assert.Equal(DirectoryOutcomeKind.Created, made.Kind);
        return made.Directory!;
    }

    public async Task JoinAsync(string directoryId, string account)
    {
        Assert.Equal(DirectoryOutcomeKind.Created, (await Members().InviteAsync(directoryId, account, default)).Kind);
        Assert.Equal(DirectoryOutcomeKind.Ok, (await Members().AcceptAsync(directoryId, account, default)).Kind);
    }

    /// <summary>
    /// Every row fits every other: who is a member has the guard of that directory and of no other, memberships of an account never overlap,
    /// counts are true, administrators are members, invitations have their row for the invited.
    /// </summary>
    public async Task ProveAsync()
    {
        var rows = new List<TableRow>();
        await foreach (var row in Memory.QueryAsync(Layout.Tables.Directories, DirectoryKeys.Partition, null, null, default))
            rows.Add(row);
        var directories = rows.Where(static r => r.RowKey.StartsWith("d.", StringComparison.Ordinal)).Select(ResourceDirectory.FromRow).ToDictionary(static d => d.DirectoryId);
        var members = rows.Where(static r => r.RowKey.StartsWith("m.", StringComparison.Ordinal)).Select(DirectoryMember.FromRow).ToList();
        var guards = rows.Where(static r => r.RowKey.StartsWith("a.", StringComparison.Ordinal)).Select(static r => Guard.Of(r.RowKey[2..], r)).ToList();
        var invited = rows.Where(static r => r.RowKey.StartsWith("i.", StringComparison.Ordinal)).Select(static r => r.RowKey);

        var inside = members.Where(static m => m.State is MemberState.Member or MemberState.Creating).Select(static m => (m.Account, Directory: (string?)m.DirectoryId));
        Assert.Equal(inside.Order(), guards.Where(static g => g.DirectoryId is not null).Select(static g => (g.Account, Directory: g.DirectoryId)).Order());
        Assert.Equal(
            members.Where(static m => m.State == MemberState.Invited).Select(static m => DirectoryKeys.Invitation(m.Account, m.DirectoryId)).Order(StringComparer.Ordinal),
            invited.Order(StringComparer.Ordinal));
        foreach (var directory in directories.Values)
        {
            var own = members.Where(m => m.DirectoryId == directory.DirectoryId).ToList();
            Assert.Equal(own.Count(static m => m.State != MemberState.Left), directory.Count);
            Assert.All(directory.Administrators, a => Assert.Contains(own, m => m.Account == a && m.State == MemberState.Member));
            Assert.Contains(own, m => m.Account == directory.ManagementAccount && m.State == MemberState.Member);
        }

        Assert.All(members.Where(m => !directories.ContainsKey(m.DirectoryId)), static m => Assert.Equal(MemberState.Left, m.State));
        foreach (var account in members.GroupBy(static m => m.Account))
        {
            var last = DateTimeOffset.MinValue;
            foreach (var interval in account.SelectMany(static m => m.Intervals).OrderBy(static i => i.Start).ThenBy(static i => i.Stop ?? DateTimeOffset.MaxValue))
            {
                Assert.True(interval.Start >= last, $"{account.Key} was in two directories at {interval.Start:O}");
                last = interval.Stop ?? DateTimeOffset.MaxValue;
            }
        }
    }
}
