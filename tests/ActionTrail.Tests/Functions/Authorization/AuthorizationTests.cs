using System.Globalization;
using System.Runtime.CompilerServices;
using ActionTrail.Access;
using ActionTrail.Functions.Rpc;

namespace ActionTrail.Tests.Functions.Authorization;

/// <summary>
/// Who gets what: every operation of the OpenAPI document and of the RPC table, for every role, about every account. The statuses are in <c>who-may-what.txt</c>; an operation without
/// rows fails. To add one: run with <c>ACTIONTRAIL_WRITE=1</c>, read what was written as a reviewer would, and commit it.
/// </summary>
public class AuthorizationTests
{
    [Fact]
    public async Task Every_operation_answers_every_role_about_every_account_as_the_table_says()
    {
        await using var world = await AuthorizationWorld.StartAsync();
        var lines = new List<string>();
        var cells = 0;
        foreach (var one in Operations(world))
        {
            var rows = new List<(Relation Relation, string Statuses)>();
            foreach (var relation in Enum.GetValues<Relation>())
            {
                var statuses = new List<string>();
                foreach (var role in AuthorizationWorld.Roles)
                {
                    var answer = await world.CallAsync(one, relation, role);
                    statuses.Add(((int)answer.Status).ToString(CultureInfo.InvariantCulture));
                    Assert.True((int)answer.Status is < 500 or 501, $"{one.Key} {relation} {role}: {answer.Text}");
                    cells++;
                }

                rows.Add((relation, string.Join(' ', statuses)));
            }

            lines.AddRange(rows.GroupBy(static row => row.Statuses).Select(same => $"{one.Key,-38} {same.Key}  {string.Join(' ', same.Select(static row => row.Relation))}"));
        }

        Assert.True(cells >= 2500, $"{cells} cells");
        var path = Path.Combine(Folder(), "who-may-what.txt");
        if (Environment.GetEnvironmentVariable("ACTIONTRAIL_WRITE") is "1")
            await File.WriteAllLinesAsync(path, [$"# operation, statuses for {string.Join(", ", AuthorizationWorld.Roles)}, about whom", .. lines]);
        Assert.Equal((await File.ReadAllLinesAsync(path)).Where(static line => !line.StartsWith('#')), lines);
    }

    /// <summary>What the table must say whatever is written into it.</summary>
    [Fact]
    public void The_table_lets_nobody_do_what_the_rules_forbid()
    {
        var rows = File.ReadLines(Path.Combine(Folder(), "who-may-what.txt")).Where(static line => !line.StartsWith('#')).Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        Assert.True(rows.Count > 200, $"{rows.Count} rows");
        foreach (var row in rows)
        {
            var operation = Enum.Parse<Operation>(row[0].Replace("rpc:", "", StringComparison.Ordinal).Replace("InLogstore", "", StringComparison.Ordinal));
            var relations = row.Skip(7).Select(Enum.Parse<Relation>).ToList();
            Assert.Equal("401", row[6]);
            for (var role = 1; role < 5; role++)
            {
                var isAllowed = AccessRules.Allows(Enum.Parse<Role>(AuthorizationWorld.Roles[role]), operation);
                var status = int.Parse(row[role + 1], CultureInfo.InvariantCulture);

                // 403 stands also where the role may and the account's place in its directory does not; 404 where the account that is named is not the caller's.
                Assert.True(isAllowed || status is 403 or 404, $"{string.Join(' ', row)}: {AuthorizationWorld.Roles[role]} may not");
                if (relations.Contains(Relation.Foreign) || relations.Contains(Relation.Absent))
                    Assert.True(status >= 400 || row[0].StartsWith("rpc:GetAccessKeyLastUsed", StringComparison.Ordinal), $"{string.Join(' ', row)}: nothing of others");
            }
        }
    }

    /// <summary>What is another account's and what is nowhere get one and the same answer, and cost the same reads.</summary>
    [Fact]
    public async Task Nothing_tells_what_is_foreign_from_what_is_not_there()
    {
        // What was looked up once is remembered for a while, which shall not end in the middle.
        await using var world = await AuthorizationWorld.StartAsync(new StoppedClock());
        foreach (var one in Operations(world))
        {
            foreach (var role in AuthorizationWorld.Roles.Skip(1))
            {
                await world.CallAsync(one, Relation.Foreign, role);
                var (foreign, foreignReads) = await CallAsync(world, one, Relation.Foreign, role);
                var (absent, absentReads) = await CallAsync(world, one, Relation.Absent, role);
                Assert.Equal((foreign.Status, world.Blank(foreign.Text, Relation.Foreign)), (absent.Status, world.Blank(absent.Text, Relation.Absent)));
                Assert.True(foreignReads == absentReads, $"{one.Key} {role}: {foreignReads}, but {absentReads}");
            }
        }
    }

    private static IEnumerable<Operated> Operations(AuthorizationWorld world) => Operated.All(world.App.Contract, world.App.Get<RpcOperations>());

    /// <summary>The answer, and what was asked of the tables that know of accounts and what they own.</summary>
    private static async Task<(Answer Answer, string Reads)> CallAsync(AuthorizationWorld world, Operated one, Relation relation, string role)
    {
        world.App.Faults.Reset();
        var answer = await world.CallAsync(one, relation, role);
        return (answer, string.Join(", ", world.App.Faults.Journal.Where(static entry => entry.EndsWith("accounts", StringComparison.Ordinal) || entry.EndsWith("accesskeys", StringComparison.Ordinal)
            || entry.EndsWith("trails", StringComparison.Ordinal) || entry.EndsWith("directories", StringComparison.Ordinal))));
    }

    private sealed class StoppedClock : TimeProvider
    {
        private readonly DateTimeOffset now = System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => now;

        public override long GetTimestamp() => 0;
    }

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
