using System.Globalization;
using ActionTrail.Functions;
using ActionTrail.Functions.Settings;
using ActionTrail.Tests.Infrastructure;
using Microsoft.Extensions.Configuration;

namespace ActionTrail.Tests.Functions;

/// <summary>Every setting is declared once, its bounds are those of its description, and a name that nobody reads is told.</summary>
public class SettingsTests
{
    /// <summary>A value that each setting refuses whose kind does not say one; null: any text will do.</summary>
    private static readonly Dictionary<string, string?> Wrong = new(StringComparer.Ordinal)
    {
        ["ActionTrailStorage"] = "AccountName=secret-value",
        ["ActionTrail__OperatorKey"] = "secret-value",
        ["ActionTrail__EncryptionKey"] = "c2VjcmV0LXZhbHVl",
        ["ActionTrail__PublicAddress"] = "ftp://secret-value",
        ["ActionTrail__Entra__Issuers"] = "http://secret-value/",
        ["ActionTrail__Entra__Audiences"] = ",",
        ["ActionTrail__Entra__Tenants"] = ",",
        ["ActionTrail__Entra__MetadataAddress"] = "ftp://secret-value",
        ["ActionTrail__Entra__KeysAddress"] = "ftp://secret-value",
        ["ActionTrail__Entra__RoleClaim"] = null,
        ["ActionTrail__Entra__Roles"] = "secret-value=Operator",
        ["ActionTrail__Entra__AccountClaim"] = null,
        ["ActionTrail__Entra__Accounts"] = "secret-value",
        ["ActionTrail__Region"] = "no region",
        ["ActionTrail__Redaction__Names"] = "fine,secret value",
        ["ActionTrail__Redaction__Keep"] = "ü",
        ["ActionTrail__SigningKeys"] = "/nowhere/secret-value",
        ["ActionTrail__Checkpoints__Key"] = "secret-value",
        ["ActionTrail__Checkpoints__Origin"] = "secret value",
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "secret-value",
    };

    [Fact]
    public void Every_setting_is_declared_once_listed_and_documented_by_its_declaration()
    {
        var declared = typeof(AppSettings).GetFields().Where(static f => f.FieldType == typeof(Setting)).Select(static f => (Setting)f.GetValue(null)!).ToList();

        Assert.Equal(declared.Select(static one => one.Name).Order(), AppSettings.All.Select(static one => one.Name).Order());
        Repository.IsCurrent(
            "docs/settings.md",
            "| Setting | Type | Default | Limits | Meaning |\n| --- | --- | --- | --- | --- |\n" + string.Concat(AppSettings.All.Select(static one =>
                $"| `{one.Name}` | {TypeOf(one.Kind)} | {one.Default switch { null => "required", "" => "none", var value => $"`{value}`" }} | {one.Limits} | {one.Meaning} |\n")),
            mark: "settings");
    }

    [Fact]
    public void Every_setting_that_is_wrong_is_told_in_one_go_by_name_and_without_its_value()
    {
        var settings = TestApp.Settings(7071);
        foreach (var one in AppSettings.All)
            settings[one.Key] = WrongOf(one) ?? settings.GetValueOrDefault(one.Key);

        // Of the two addresses of tokens one is to be given.
        settings["ActionTrail:Entra:KeysAddress"] = null;

        var faults = Assert.Throws<SettingsException>(() => FunctionsApp.Build(settings)).Faults;

        var expected = AppSettings.All.Where(one => WrongOf(one) is not null && one != AppSettings.EntraKeys).ToList();
        Assert.All(expected, one => Assert.Single(faults, fault => fault.StartsWith($"Setting {one.Name}", StringComparison.Ordinal) || (one == AppSettings.DataAccount && fault.Contains(one.Name, StringComparison.Ordinal))));
        Assert.Equal(expected.Count, faults.Count);
        Assert.DoesNotContain(faults, static fault => fault.Contains("secret", StringComparison.Ordinal) || fault.Contains("c2Vj", StringComparison.Ordinal));
    }

    [Fact]
    public void Bounds_hold_at_both_ends()
    {
        foreach (var one in AppSettings.All.Where(static one => one.Kind is SettingKind.Number or SettingKind.TimeSpan))
        {
            var beyond = one.Kind == SettingKind.Number
                ? new[] { one.Numbers.Least - 1, one.Numbers.Most + 1 }.Select(static number => number.ToString(CultureInfo.InvariantCulture))
                : new[] { one.Spans.Least - TimeSpan.FromSeconds(1), one.Spans.Most + TimeSpan.FromSeconds(1) }.Select(static span => span.ToString("c", CultureInfo.InvariantCulture));
            var within = one.Kind == SettingKind.Number
                ? new[] { one.Numbers.Least, one.Numbers.Most }.Select(static number => number.ToString(CultureInfo.InvariantCulture))
                : new[] { one.Spans.Least, one.Spans.Most }.Select(static span => span.ToString("c", CultureInfo.InvariantCulture));
            Assert.All(beyond, value => Assert.Single(FaultsWith(one, value)));
            Assert.All(within, value => Assert.Empty(FaultsWith(one, value)));
            Assert.True(one.Default is null || FaultsWith(one, one.Default).Count == 0, one.Name);
        }

        Assert.Single(FaultsWith(AppSettings.DeliveryWindow, "00:00:01.5"));
        Assert.Single(FaultsWith(AppSettings.DigestInterval, "00:00:10.5"));
    }

    [Fact]
    public void What_is_missing_is_told_once()
    {
        var faults = Assert.Throws<SettingsException>(() => FunctionsApp.Build(new Dictionary<string, string?>())).Faults;

        Assert.Equal(AppSettings.All.Count(static one => one.Default is null), faults.Count);
    }

    private static IReadOnlyList<string> FaultsWith(Setting setting, string value)
    {
        var reader = new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection([new(setting.Key, value)]).Build());
        _ = setting.Kind == SettingKind.Number ? (object)reader.Number(setting) : reader.Span(setting);
        return Record.Exception(reader.ThrowIfFaulty) is SettingsException told ? told.Faults : [];
    }

    private static string? WrongOf(Setting setting) => setting.Kind switch
    {
        SettingKind.Number or SettingKind.TimeSpan or SettingKind.Flag => "neither a secret number nor a time",
        _ => Wrong.TryGetValue(setting.Name, out var value) ? value : throw new InvalidOperationException($"Say in {nameof(Wrong)} what {setting.Name} refuses."),
    };

    private static string TypeOf(SettingKind kind) => kind switch
    {
        SettingKind.TimeSpan => "time span",
        SettingKind.Flag => "true or false",
        _ => kind.ToString().ToLowerInvariant(),
    };

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
}
