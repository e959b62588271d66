using System.Globalization;
using ActionTrail.Events.Redaction;

namespace ActionTrail.Functions.Settings;

/// <summary>Reads settings and collects what is wrong with them, so that all faults are told at once.</summary>
internal sealed class SettingsReader(IConfiguration configuration)
{
    private readonly List<string> faults = [];

    /// <summary>The value, or the default; null when a required one is missing.</summary>
    public string? Text(Setting setting)
    {
        var value = configuration[setting.Key];
        if (value is not null && value.StartsWith("@Microsoft.KeyVault(", StringComparison.OrdinalIgnoreCase))
        {
            Refuse(setting, "is still a Key Vault reference: the platform did not resolve it. See that the app's identity may read the secret, and that it exists.");
            return null;
        }

        if (!string.IsNullOrEmpty(value))
            return value;
        if (setting.Default is null)
            Refuse(setting, "is required.");
        return string.IsNullOrEmpty(setting.Default) ? null : setting.Default;
    }

    /// <summary>A whole number within its bounds.</summary>
    public int Number(Setting setting)
    {
        var (least, most) = setting.Numbers;
        if (Text(setting) is not { } text)
            return least;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        Refuse(setting, $"is a whole number, {setting.Limits}.");
        return least;
    }

    /// <summary>A time span like <c>00:01:00</c> or <c>1.00:00:00</c> within its bounds.</summary>
    public TimeSpan Span(Setting setting)
    {
        var (least, most) = setting.Spans;
        if (TimeSpan.TryParseExact(Text(setting), "c", CultureInfo.InvariantCulture, out var span) && span >= least && span <= most && (!setting.HasWholeSeconds || span.Ticks % TimeSpan.TicksPerSecond == 0))
            return span;
        Refuse(setting, $"is a time span [d.]hh:mm:ss, {setting.Limits}.");
        return least;
    }

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public bool Flag(Setting setting)
    {
        if (bool.TryParse(Text(setting), out var flag))
            return flag;
        Refuse(setting, "is true or false.");
        return false;
    }

    /// <summary>Names of members, separated by commas; none when the setting is empty or wrong.</summary>
    public string[] Names(Setting setting)
    {
        var names = (Text(setting) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (names.Length <= RedactionRules.MaxNames && names.All(RedactionRules.IsName))
            return names;
        Refuse(setting, $"has at most {RedactionRules.MaxNames} names, separated by commas, each of 3 to {RedactionRules.MaxNameLength} letters, digits and _-.$@:/.");
        return [];
    }

    /// <summary>Texts separated by commas; none when the setting is empty.</summary>
    public string[] List(Setting setting) => (Text(setting) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Pairs <c>key=value</c> separated by commas, keys distinct; null when it is something else.</summary>
    public IReadOnlyList<KeyValuePair<string, string>>? Map(Setting setting)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var part in List(setting))
        {
            var equals = part.LastIndexOf('=');
            if (equals <= 0 || equals == part.Length - 1 || pairs.Exists(pair => pair.Key == part[..equals].Trim()))
                return null;
            pairs.Add(new(part[..equals].Trim(), part[(equals + 1)..].Trim()));
        }

        return pairs;
    }

    public void Refuse(Setting setting, string rule) => faults.Add($"Setting {setting.Name} {rule}");

    /// <summary>Adds a fault that names its setting itself.</summary>
    public void Refuse(string fault) => faults.Add(fault);

    /// <exception cref="SettingsException">Something was wrong.</exception>
    public void ThrowIfFaulty()
    {
        if (faults.Count > 0)
            throw new SettingsException([.. faults.Distinct(StringComparer.Ordinal)]);
    }
}
