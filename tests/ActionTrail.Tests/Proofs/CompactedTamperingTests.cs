using ActionTrail.Compaction;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Segments.Compact;
using ActionTrail.Storage;

namespace ActionTrail.Tests.Proofs;

/// <summary>
/// Somebody who rewrites a compacted segment together with its catalog row, and then with everything that speaks of it: list, plan, all plans after it, the head. The fresh segments
/// are gone. Events that are changed or put in are named by the leaf hashes of their commit. That one is taken out looks from inside as if it had been a copy; whoever holds event, proof and
/// checkpoint shows it.
/// </summary>
public sealed class CompactedTamperingTests
{
    [Theory]
    [InlineData("taken out")]
    [InlineData("changed")]
    [InlineData("put in")]
    public async Task A_segment_rewritten_with_its_catalog_row_is_named(string deed)
    {
        var world = await CompactedAsync();
        var row = await ForgeAsync(world, deed);
        await world.Ingest.Tables.UpsertAsync(Tables.Segments, row.ToRow(), default);

        var report = await world.Ingest.VerifyAsync();

        Assert.Contains(report.Problems, problem => problem.Object == $"{Tables.Segments}/{CompactionKeys.Shard(StoreName.History, row.Shard)}/{row.Id}" && problem.What.Contains("plan", StringComparison.Ordinal));
        Assert.Equal(deed != "taken out", report.Problems.Any(static problem => problem.What.Contains("no event that was sealed", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("changed")]
    [InlineData("put in")]
    public async Task And_with_every_plan_made_anew_the_leaf_hashes_name_the_row(string deed)
    {
        var world = await CompactedAsync();
        await ForgeAllAsync(world, deed);

        var report = await world.Ingest.VerifyAsync();

        Assert.All(report.Problems, static problem => Assert.StartsWith("events/history/segments/", problem.Object, StringComparison.Ordinal));
        Assert.Contains("no event that was sealed with its commit", Assert.Single(report.Problems).What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_taken_out_with_every_plan_made_anew_is_shown_by_whoever_holds_its_proof()
    {
        var world = await CompactedAsync();
        var kept = await world.SealAsync();
        var (id, victim) = (await world.EventsAsync()).First();
        var proof = (await world.Finder.FindAsync(StoreName.History, victim.Partition, victim.Sequence, victim.Body, kept.Size, default)).Proof!;

        await ForgeAllAsync(world, "taken out", id);

        // The store proves itself, and the event is in it no more; its commit and the log still say that it was.
        Assert.False((await world.EventsAsync()).ContainsKey(id));
        Assert.Null(proof.FaultWith(victim.Body, kept));
        await world.Compaction.CommitAsync(1);
        var now = await world.SealAsync();
        Assert.True(await world.ContinuesAsync(kept, now));
        var again = await world.Finder.FindAsync(StoreName.History, victim.Partition, victim.Sequence, victim.Body, now.Size, default);
        Assert.Null(again.Proof!.FaultWith(victim.Body, now));

        // To take that back he would have to rewrite the sealed list, which the log and every kept checkpoint hold him to.
        var counts = (await world.Ingest.CommitsAsync()).Find(c => c.First <= victim.Sequence && victim.Sequence <= c.Last)!;
        await world.Ingest.Tables.UpsertAsync(Tables.Commits, (counts with { Count = counts.Count - 1 }).ToRow(), default);
        Assert.Contains((await world.Ingest.VerifyAsync()).Problems, static problem => problem.What.Contains("sealed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Plans_made_anew_in_part_are_named()
    {
        var world = await CompactedAsync();
        var row = await ForgeAsync(world, "taken out");
        await world.Ingest.Tables.UpsertAsync(Tables.Segments, row.ToRow(), default);
        await RewritePlanAsync(world, row, through: row.Since);

        var problem = (await world.Ingest.VerifyAsync()).Problems[0];

        Assert.StartsWith("progress/history/plan-", problem.Object, StringComparison.Ordinal);
        Assert.Contains("chain link", problem.What, StringComparison.Ordinal);
    }

    /// <summary>Four commits, sealed, compacted by three plans; no fresh segment is left.</summary>
    private static async Task<ProofWorld> CompactedAsync()
    {
        var world = await ProofWorld.CreateAsync();
        for (var i = 0; i < 3; i++)
        {
            await world.Compaction.CommitAsync(5);
            await world.SealAsync();
            await world.Compaction.CompactAsync();
        }

        foreach (var commit in await world.Ingest.CommitsAsync())
            await world.Ingest.Objects.DeleteAsync(Containers.Events, commit.Segment!.Name, default);
        await world.AssertSoundAsync();
        Assert.True((await world.Compaction.Log.ReadHeadAsync(StoreName.History, default)).Generation >= 2);
        return world;
    }

    /// <summary>The catalog row of a forged segment, which is written; the row is not.</summary>
    private static async Task<CompactedSegment> ForgeAsync(ProofWorld world, string deed, string? victim = null)
    {
        var source = new SegmentSource(world.Ingest.Objects, new SegmentCacheOptions());
        foreach (var segment in (await world.Compaction.InForceAsync()).OrderBy(static s => s.Since))
        {
            var head = await source.OpenAsync(segment.Segment, default);
            var blocks = await source.ReadBlocksAsync(segment.Segment, head, [.. Enumerable.Range(0, head.BlockCount)], default);
            var rows = new List<Row>();
            for (var row = 0; row < head.Count; row++)
            {
                var facts = new EventFacts();
                head.ReadFacts(row, facts);
                rows.Add(new Row(blocks[head.BlockOf(row)].Event(row).ToArray(), facts, head.At(row), head.OriginOf(row)!.Value));
            }

            var at = victim is null ? 0 : rows.FindIndex(r => EventMatcher.EventId(r.Body) == victim);
            if (at < 0 || rows.Count < 2)
                continue;
            if (deed == "taken out")
                rows.RemoveAt(at);
            else if (deed == "changed")
                rows[at] = rows[at] with { Body = Replace(rows[at].Body, "Things", "Thongs") };
            else
                rows.Insert(at + 1, rows[at] with { Body = Replace(rows[at].Body, "Things", "Thongs"), Facts = Later(rows[at].Facts) });
            using var builder = new CompactSegmentBuilder(segment.Level);
            foreach (var row in rows.OrderBy(static r => r.Facts.AccountId, StringComparer.Ordinal).ThenBy(static r => r.Facts.EventTimeMs))
                builder.Add(new CompactRow(row.Body, row.Facts, row.At, row.Origin));
            using var image = builder.Build();
            var name = CompactionKeys.Segment(StoreName.History, segment.Since, segment.Shard, 77, image.Sha256);
            await world.Ingest.Objects.CreateAsync(Containers.Events, name, image.Content, ObjectLabel.Binary, default);
            return segment with { Count = image.Count, Segment = image.ToReference(name) };
        }

        throw new InvalidOperationException("No segment has it.");
    }

    private sealed record Row(byte[] Body, EventFacts Facts, EventCoordinates At, CommitOrigin Origin);

    private static byte[] Replace(ReadOnlySpan<byte> body, string from, string to)
    {
        var text = System.Text.Encoding.UTF8.GetString(body);
        Assert.Contains(from, text, StringComparison.Ordinal);
        return System.Text.Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal));
    }

    private static EventFacts Later(EventFacts facts)
    {
        var later = new EventFacts { AccountId = facts.AccountId, EventTimeMs = facts.EventTimeMs + 1 };
        for (var i = 0; i < facts.ValueCount; i++)
            later.Add(facts[i].Attribute, facts[i].Hash);
        return later;
    }

    private static async Task ForgeAllAsync(ProofWorld world, string deed, string? victim = null)
    {
        var row = await ForgeAsync(world, deed, victim);
        await world.Ingest.Tables.UpsertAsync(Tables.Segments, row.ToRow(), default);
        await RewritePlanAsync(world, row, through: long.MaxValue);
    }

    /// <summary>Lists, counts and chain links of the plan that made the segment and of all up to <paramref name="through"/> behind it, the head with the last.</summary>
    private static async Task RewritePlanAsync(ProofWorld world, CompactedSegment row, long through)
    {
        var (tables, objects, log) = (world.Ingest.Tables, world.Ingest.Objects, world.Compaction.Log);
        var head = await log.ReadHeadAsync(StoreName.History, default);
        var link = Array.Empty<byte>();
        for (var generation = row.Since; generation <= Math.Min(head.Generation, through); generation++)
        {
            var plan = (await log.FindPlanAsync(StoreName.History, generation, default))!;
            if (generation > row.Since)
            {
                plan = plan with { PreviousHash = link };
            }
            else
            {
                var outputs = await OutputList.ReadAsync(objects, plan, default);
                var more = row.Count - outputs.Find(s => s.Id == row.Id)!.Count;
                var (name, sha256) = await OutputList.WriteAsync(objects, plan, outputs.ConvertAll(s => s.Id == row.Id ? row with { ETag = null } : s), default);
                plan = plan with { Built = plan.Built! with { Outputs = name, OutputsSha256 = sha256, RowsOut = plan.Built.RowsOut + more, Copies = plan.Built.Copies - more } };
            }

            plan = plan with { Built = plan.Built! with { Hash = CompactionPlan.ComputeHash(plan) } };
            link = plan.Built.Hash;
            await tables.UpsertAsync(Tables.Progress, plan.ToRow(), default);
        }

        if (through >= head.Generation)
            await tables.UpsertAsync(Tables.Progress, (head with { PlanHash = link }).ToRow(StoreName.History), default);
    }
}
