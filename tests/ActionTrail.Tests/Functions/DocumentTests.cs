using System.Runtime.CompilerServices;
using ActionTrail.Access;
using ActionTrail.Events;
using ActionTrail.Functions;
using ActionTrail.Functions.Rest;
using ActionTrail.Functions.Rpc;
using ActionTrail.Functions.Settings;

namespace ActionTrail.Tests.Functions;

/// <summary>Documents and code say the same.</summary>
public class DocumentTests
{
    [Fact]
    public void The_table_of_problems_is_the_code()
    {
        var documented = Rows("docs/api.md").Where(static cells => cells.Length == 4 && cells[1].StartsWith("/problems/", StringComparison.Ordinal));

        Assert.Equal(ProblemType.All.Select(static p => $"{p.Code} {p.Type} {p.Status} {p.Title}"), documented.Select(static cells => string.Join(' ', cells)));
        var declared = typeof(ProblemType).GetFields().Where(static f => f.FieldType == typeof(ProblemType)).Select(static f => (ProblemType)f.GetValue(null)!);
        Assert.Equal(declared, ProblemType.All);
        Assert.Equal(ProblemType.All.Count, ProblemType.All.Select(static p => p.Slug).Distinct().Count());
    }

    [Fact]
    public void The_table_of_settings_is_the_code()
    {
        var documented = Rows("docs/settings.md").Where(static cells => cells.Length == 3 && cells[0] != "Setting" && !cells[0].StartsWith("---", StringComparison.Ordinal));

        Assert.Equal(
            AppSettings.All.Select(static s => $"{s.Name} | {s.Default switch { null => "required", "" => "none", var value => value }} | {s.Meaning.Replace("`", "", StringComparison.Ordinal)}"),
            documented.Select(static cells => string.Join(" | ", cells)));
        var declared = typeof(AppSettings).GetFields().Where(static f => f.FieldType == typeof(Setting)).Select(static f => ((Setting)f.GetValue(null)!).Name);
        Assert.Equal(declared.Order(), AppSettings.All.Select(static s => s.Name).Order());
    }

    [Fact]
    public async Task The_table_of_routes_is_the_code()
    {
        await using var app = await TestApp.StartAsync();
        var documented = Rows("docs/api.md").Where(static cells => cells[0].Contains(" /v1/", StringComparison.Ordinal)).Select(static cells => $"{cells[0]} {cells[1]}");
        var mapped = FunctionsApp.Routes(app.App.Services)
            .Select(static r => $"{r.Method} {r.Pattern} {r.Operation}{(AccessRules.IsOperatorOnly(r.Operation) ? " (operator)" : "")}").ToList();

        Assert.Equal(mapped.Order(), documented.Order());
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

    [Fact]
    public void Every_fault_of_the_settings_is_told_at_once_by_name_and_without_values()
    {
        var settings = TestApp.Settings(7071);
        settings["FUNCTIONS_CUSTOMHANDLER_PORT"] = "70000";
        settings["ActionTrailStorage"] = "";
        settings["ActionTrail:OperatorKey"] = "short-secret";
        settings["ActionTrail:EncryptionKey"] = "c2VjcmV0";
        settings["ActionTrail:RetentionDays"] = "-1";
        settings["ActionTrail:CreateAccountsOnSight"] = "perhaps";
        settings["ActionTrail:DeliveryWindow"] = "00:00:01.5";
        settings["ActionTrail:PublicAddress"] = "ftp://x";
        settings["ActionTrail:Region"] = "no region";
        settings["ActionTrail:Redaction:Enabled"] = "sometimes";
        settings["ActionTrail:Redaction:Names"] = "fine,not fine";
        settings["ActionTrail:Redaction:Keep"] = "ü";

        var faults = Assert.Throws<SettingsException>(() => FunctionsApp.Build(settings)).Faults;

        foreach (var name in new[] { "FUNCTIONS_CUSTOMHANDLER_PORT", "ActionTrailStorage", "ActionTrail__OperatorKey", "ActionTrail__EncryptionKey", "ActionTrail__RetentionDays", "ActionTrail__CreateAccountsOnSight", "ActionTrail__DeliveryWindow", "ActionTrail__PublicAddress", "ActionTrail__Region", "ActionTrail__Redaction__Enabled", "ActionTrail__Redaction__Names", "ActionTrail__Redaction__Keep" })
            Assert.Single(faults, fault => fault.Contains(name, StringComparison.Ordinal));
        Assert.Equal(12, faults.Count);
        Assert.DoesNotContain(faults, static fault => fault.Contains("short-secret", StringComparison.Ordinal) || fault.Contains("c2VjcmV0", StringComparison.Ordinal));
    }

    /// <summary>The cells of every table row of a document, without back-ticks.</summary>
    private static IEnumerable<string[]> Rows(string path) => File.ReadLines(Path.Combine(Root(), path))
        .Where(static line => line.StartsWith('|'))
        .Select(static line => line.Replace("`", "", StringComparison.Ordinal).Trim('|', ' ').Split('|', StringSplitOptions.TrimEntries));

    private static string Root([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "../../.."));
}
