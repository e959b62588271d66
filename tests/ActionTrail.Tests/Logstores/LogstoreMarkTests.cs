using ActionTrail.Layout;
using ActionTrail.Logstores;
using ActionTrail.Verify;

namespace ActionTrail.Tests.Logstores;

/// <summary>What the marks of a Logstore say, held against its commits by the verifier: damaged in one place each.</summary>
public sealed class LogstoreMarkTests
{
    [Fact]
    public async Task A_logstore_that_was_delivered_to_is_sound_and_so_is_a_compacted_and_a_purged_one()
    {
        var world = await FilledAsync();
        await world.VerifyAsync();
        world.Bench.Clock.Advance(seconds: 3 * 86_400);
        await world.Compactor().RunAsync(world.Store, default);
        await world.VerifyAsync();
        for (var day = 0; day < 5; day++)
        {
            world.Bench.Clock.Advance(seconds: 86_400);
            await world.Purge().RunAsync(world.Store, days: 1, dryRun: false, force: true, default);
            await world.VerifyAsync();
        }
    }

    [Theory]
    [InlineData("a mark without a commit", "it does not")]
    [InlineData("a mark for another commit", "was appended under its key")]
    [InlineData("a mark of other events", "other events")]
    [InlineData("a mark of another number of events", "other events")]
    [InlineData("a mark deleted", "could be appended once more")]
    [InlineData("a mark of a version to come", "newer version")]
    [InlineData("a window appended twice", "it is there twice")]
    [InlineData("a commit without a mark", "not appended under a key")]
    [InlineData("a commit under another key", "does not fit its content")]
    [InlineData("a commit that names other events", "does not fit its content")]
    [InlineData("a commit of version 1", "does not fit its content")]
    [InlineData("other events under the key, and every hash made anew", "not those that were appended")]
    public async Task Whatever_does_not_fit_is_named(string deed, string says)
    {
        var world = await FilledAsync();
        await DoAsync(world, deed);

        var report = await new StoreVerifier(world.Bench.Tables, world.Bench.Objects, world.Bench.Clock).VerifyAsync(world.Store, new VerifyOptions(), default);

        Assert.Contains(report.Problems, problem => problem.What.Contains(says, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a mark of other events", "other events")]
    [InlineData("a mark deleted", "could be appended once more")]
    [InlineData("a window appended twice", "it is there twice")]
    [InlineData("a commit under another key", "does not fit its content")]
    public async Task And_when_the_events_are_in_compacted_segments_alone(string deed, string says)
    {
        var world = await FilledAsync();
        world.Bench.Clock.Advance(seconds: 3 * 86_400);
        await world.Compactor().RunAsync(world.Store, default);
        await world.Compactor().RunAsync(world.Store, default);
        foreach (var commit in await world.LogAsync())
            await world.Bench.Objects.DeleteAsync(Containers.Events, commit.Segment!.Name, default);
        await world.VerifyAsync();
        await DoAsync(world, deed);

        var report = await new StoreVerifier(world.Bench.Tables, world.Bench.Objects, world.Bench.Clock).VerifyAsync(world.Store, new VerifyOptions(), default);

        Assert.Contains(report.Problems, problem => problem.What.Contains(says, StringComparison.Ordinal));
    }

    private static string Key(LogstoreWorld world, int window) => Keys.WindowPart(1_790_000_000_000 + window, world.Trail.TrailId, 0);

    private static async Task<LogstoreWorld> FilledAsync()
    {
        var world = await LogstoreWorld.StartAsync();
        for (var i = 0; i < 5; i++)
            await world.AppendAsync(Key(world, i), world.Bench.Event(), world.Bench.Event("other"));
        return world;
    }

    private static async Task DoAsync(LogstoreWorld world, string deed)
    {
        var (tables, partition, commits) = (world.Bench.Tables, Keys.CommitPartition(world.Store, LogstoreAppender.Partition), await world.LogAsync());
        var mark = Appended.FromRow((await tables.FindAsync(Tables.Commits, partition, Keys.Appended(Key(world, 2)), default))!);
        switch (deed)
        {
            case "a mark without a commit":
                await PutAsync(mark with { Last = 77 }, 99);
                break;
            case "a mark for another commit":
                await PutAsync(mark with { Last = 1 }, 2);
                break;
            case "a mark of other events":
                await PutAsync(mark with { Sha256 = new byte[32] }, 2);
                break;
            case "a mark of another number of events":
                await PutAsync(mark with { Count = 1 }, 2);
                break;
            case "a mark of a version to come":
                await tables.UpsertAsync(Tables.Commits, mark.ToRow(partition, Key(world, 2)).With("Version", 2), default);
                break;
            case "a mark deleted":
                await tables.DeleteAsync(Tables.Commits, partition, Keys.Appended(Key(world, 2)), etag: null, default);
                break;
            case "a window appended twice":
                // The mark goes, the delivery is made once more, with all that an append writes.
                await tables.DeleteAsync(Tables.Commits, partition, Keys.Appended(Key(world, 2)), etag: null, default);
                await world.AppendAsync(Key(world, 2), world.Bench.Event());
                break;
            case "a commit without a mark":
                await RewriteAsync(4, static commit => commit with { Mark = null });
                break;
            case "a commit under another key":
                await tables.UpsertAsync(Tables.Commits, (commits[2] with { Mark = commits[2].Mark! with { Key = Key(world, 66) } }).ToRow(), default);
                break;
            case "a commit that names other events":
                await tables.UpsertAsync(Tables.Commits, (commits[2] with { Mark = commits[2].Mark! with { Sha256 = new byte[32] } }).ToRow(), default);
                break;
            case "a commit of version 1":
                await tables.UpsertAsync(Tables.Commits, (commits[2] with { Mark = commits[2].Mark! with { Sha256 = null } }).ToRow(), default);
                break;
            default:
                await PutAsync(new Appended(4, 2, new byte[32]), 4);
                await RewriteAsync(4, static commit => commit with { Mark = commit.Mark! with { Sha256 = new byte[32] } });
                break;
        }

        Task PutAsync(Appended changed, int window) => tables.UpsertAsync(Tables.Commits, changed.ToRow(partition, Key(world, window)), default);

        // The newest commit, with its link and the head's.
        async Task RewriteAsync(int at, Func<Commit, Commit> change)
        {
            var commit = change(commits[at]);
            commit = commit with { Hash = Commit.ComputeHash(commit) };
            await tables.UpsertAsync(Tables.Commits, commit.ToRow(), default);
            var head = PartitionHead.FromRow((await tables.FindAsync(Tables.Commits, partition, Keys.Head, default))!);
            await tables.UpsertAsync(Tables.Commits, (head with { Hash = commit.Hash }).ToRow(world.Store, LogstoreAppender.Partition), default);
        }
    }
}
