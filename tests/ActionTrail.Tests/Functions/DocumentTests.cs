using System.Runtime.CompilerServices;
using ActionTrail.Access;
using ActionTrail.Events;
using ActionTrail.Functions;
using ActionTrail.Functions.Rest;
using ActionTrail.Functions.Rpc;

namespace ActionTrail.Tests.Functions;

/// <summary>Documents and code say the same.</summary>
public class DocumentTests
{
    [Fact]
    public void Every_problem_is_listed_once()
    {
        var declared = typeof(ProblemType).GetFields().Where(static f => f.FieldType == typeof(ProblemType)).Select(static f => (ProblemType)f.GetValue(null)!);
        Assert.Equal(declared, ProblemType.All);
        Assert.Equal(ProblemType.All.Count, ProblemType.All.Select(static p => p.Slug).Distinct().Count());
    }

    [Fact]
    public async Task Every_operation_is_reached_by_one_route()
    {
        await using var app = await TestApp.StartAsync();

        // Events of a Logstore are read by the operations that read the history.
        var reached = FunctionsApp.Routes(app.App.Services).Where(static r => !r.Pattern.StartsWith(EventSources.Logstore + "/", StringComparison.Ordinal)).Select(static r => r.Operation.ToString()).ToList();
        Assert.Equal(reached.Distinct().Count(), reached.Count);
        Assert.Equal(Enum.GetNames<Operation>().Order(), reached.Union(app.Get<RpcOperations>().All.Select(static one => one.Action)).Order());
    }

    [Fact]
    public async Task The_table_of_actions_is_the_code()
    {
        await using var app = await TestApp.StartAsync();
        var all = app.Get<RpcOperations>().All;
        var documented = Rows("docs/rpc.md").Where(static cells => cells.Length >= 2 && cells[1] is "yes" or "501" && cells[^1] != "own").Select(static cells => $"{cells[0]} {cells[1]}");

        Assert.Equal(all.Select(static one => $"{one.Action} {(one.Handler is null ? "501" : "yes")}"), documented);
        Assert.Equal(48, all.Select(static one => one.Action).Distinct().Count());
        Assert.All(all, static one => Assert.NotEqual(one.Handler is null, one.Lacks.Length == 0));
    }

    [Fact]
    public void The_table_of_error_codes_is_the_code()
    {
        var documented = Rows("docs/rpc.md").Where(static cells => cells.Length == 3 && cells[1].Length == 3 && cells[1].All(char.IsAsciiDigit)).Select(static cells => string.Join(' ', cells));

        Assert.Equal(
            [.. RpcErrors.Own.Select(static own => $"{own.Code} {own.Status} own"), .. RpcErrors.Translations.Select(static one => $"{one.Code} {one.Status} {one.Problem.Code}")],
            documented);
        var declared = typeof(RpcErrors).GetFields().Where(static f => f.FieldType == typeof(ProblemType)).Select(static f => (ProblemType)f.GetValue(null)!);
        Assert.Equal(declared, RpcErrors.Own);
    }

    [Fact]
    public void Every_attribute_has_a_parameter_and_is_documented()
    {
        var text = File.ReadAllText(Path.Combine(Root(), "docs/api.md"));

        Assert.Equal(Enum.GetValues<EventAttribute>(), LookupParameters.LogstoreAttributes.Select(static a => a.Attribute).Order());
        Assert.All(LookupParameters.LogstoreAttributes, a => Assert.Contains($"`{a.Name}`", text, StringComparison.Ordinal));
    }

    /// <summary>The cells of every table row of a document, without back-ticks.</summary>
    private static IEnumerable<string[]> Rows(string path) => File.ReadLines(Path.Combine(Root(), path))
        .Where(static line => line.StartsWith('|'))
        .Select(static line => line.Replace("`", "", StringComparison.Ordinal).Trim('|', ' ').Split('|', StringSplitOptions.TrimEntries));

    private static string Root([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "../../.."));
}
