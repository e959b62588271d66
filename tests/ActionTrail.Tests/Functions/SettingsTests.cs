using System.Text.RegularExpressions;
using ActionTrail.Functions;
using ActionTrail.Functions.Settings;

namespace ActionTrail.Tests.Functions;

/// <summary>Every setting is declared once, its bounds are those of its description, and a name that nobody reads is told.</summary>
public partial class SettingsTests
{
    [Fact]
    public void The_bounds_that_are_checked_are_the_bounds_that_are_documented()
    {
        var settings = TestApp.Settings(7071);

        // Those about tokens are only read where there are issuers: SignInApiTests.
        foreach (var one in AppSettings.All.Where(static one => !one.Name.Contains("__Entra__", StringComparison.Ordinal) && one.Default is { Length: > 0 } && (char.IsAsciiDigit(one.Default[0]) || one.Default is "true" or "false")))
            settings[one.Key] = "neither a number nor a time";

        var faults = Assert.Throws<SettingsException>(() => FunctionsApp.Build(settings)).Faults;

        var bounded = AppSettings.All.Where(one => settings.TryGetValue(one.Key, out var value) && value == "neither a number nor a time").ToList();
        Assert.True(bounded.Count > 12);
        foreach (var one in bounded)
        {
            var fault = Assert.Single(faults, fault => fault.StartsWith($"Setting {one.Name} ", StringComparison.Ordinal));
            if (Bounds().Match(fault) is { Success: true } bounds)
                Assert.Contains($"{bounds.Groups["min"].Value} to {bounds.Groups["max"].Value}", one.Meaning, StringComparison.Ordinal);
            else
                Assert.Contains("true or false", fault, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_setting_that_nobody_reads_is_told_with_the_one_that_may_be_meant()
    {
        var settings = TestApp.Settings(7071);
        settings["ActionTrail:RetentonDays"] = "30";
        settings["ActionTrail:Redaction:Enable"] = "true";
        settings["ActionTrail:Colour"] = "secret-value";
        settings["ActionTrailStorage:blobServiceUrl"] = "https://x.example";

        var faults = Assert.Throws<SettingsException>(() => FunctionsApp.Build(settings)).Faults;

        Assert.Equal(
            [
                "Setting ActionTrail__Colour is not known.",
                "Setting ActionTrail__Redaction__Enable is not known; ActionTrail__Redaction__Enabled may be meant.",
                "Setting ActionTrail__RetentonDays is not known; ActionTrail__RetentionDays may be meant.",
                "Setting ActionTrailStorage__blobServiceUrl is not known; ActionTrailStorage__blobServiceUri may be meant.",
            ],
            faults.OrderBy(static fault => fault.Contains("Storage__", StringComparison.Ordinal)).ThenBy(static fault => fault, StringComparer.Ordinal));
    }

    [Fact]
    public void Under_a_name_of_the_operators_choice_the_members_are_known()
    {
        var settings = TestApp.Settings(7071);
        settings["ActionTrail:Streams:siem:Conection"] = "x";
        settings["ActionTrail:Streams:siem:Connection"] = "Endpoint=sb://localhost;SharedAccessKeyName=n;SharedAccessKey=a2V5;UseDevelopmentEmulator=true;EntityPath=out";
        settings["ActionTrail:Streams:siem:Accounts"] = "*";

        Assert.Equal(
            "Setting ActionTrail__Streams__siem__Conection is not known; ActionTrail__Streams__siem__Connection may be meant.",
            Assert.Single(Assert.Throws<SettingsException>(() => FunctionsApp.Build(settings)).Faults));
    }

    [Fact]
    public void Names_are_known_in_any_case_as_environment_variables_are()
    {
        var settings = TestApp.Settings(7071);
        settings["actiontrail:retentiondays"] = "30";

        using var app = (IDisposable)FunctionsApp.Build(settings);
    }

    [GeneratedRegex(@"from (?<min>[\d.:]+) to (?<max>[\d.:]+?)\.?$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Bounds();
}
