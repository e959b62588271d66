using System.Globalization;

namespace ActionTrail.Functions.Settings;

/// <summary>What a value is made of.</summary>
internal enum SettingKind
{
    Text,
    Secret,
    Address,
    Number,
    TimeSpan,
    Flag,
    List,
    Pairs,
}

/// <summary>
/// One application setting, declared once: what is read, checked and documented is this. docs/settings.md shows it as a row.
/// </summary>
/// <param name="Name">Its name as an environment variable.</param>
/// <param name="Kind">What a value is made of.</param>
/// <param name="Default">What holds without it; null: required; empty: none.</param>
/// <param name="Limits">What values are allowed, in words; empty: any.</param>
/// <param name="Meaning">What it does.</param>
internal sealed record Setting(string Name, SettingKind Kind, string? Default, string Limits, string Meaning)
{
    /// <summary>Bounds of a number.</summary>
    public (int Least, int Most) Numbers { get; private init; }

    /// <summary>Bounds of a time span.</summary>
    public (TimeSpan Least, TimeSpan Most) Spans { get; private init; }

    /// <summary>Whether a time span has whole seconds.</summary>
    public bool HasWholeSeconds { get; private init; }

    /// <summary>The name as configuration knows it.</summary>
    public string Key => Name.Replace("__", ":", StringComparison.Ordinal);

    public static Setting Number(string name, int? @default, int least, int most, string meaning) =>
        new(name, SettingKind.Number, @default?.ToString(CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"{least} to {most}"), meaning) { Numbers = (least, most) };

    /// <param name="name">Its name.</param>
    /// <param name="default">Like the bounds, as <c>[d.]hh:mm:ss</c>.</param>
    /// <param name="least">Lower bound.</param>
    /// <param name="most">Upper bound.</param>
    /// <param name="meaning">What it does.</param>
    /// <param name="wholeSeconds">Whether fractions of a second are refused.</param>
    public static Setting Span(string name, string @default, string least, string most, string meaning, bool wholeSeconds = false) =>
        new(name, SettingKind.TimeSpan, @default, $"{least} to {most}{(wholeSeconds ? ", whole seconds" : "")}", meaning)
        {
            Spans = (TimeSpan.ParseExact(least, "c", CultureInfo.InvariantCulture), TimeSpan.ParseExact(most, "c", CultureInfo.InvariantCulture)),
            HasWholeSeconds = wholeSeconds,
        };

    public static Setting Flag(string name, bool @default, string meaning) => new(name, SettingKind.Flag, @default ? "true" : "false", "", meaning);
}
