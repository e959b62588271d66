namespace ActionTrail.Functions.Settings;

/// <summary>One application setting: its name as an environment variable, its default (null: required; empty: none), and what it says.</summary>
internal sealed record Setting(string Name, string? Default, string Meaning)
{
    /// <summary>The name as configuration knows it.</summary>
    public string Key => Name.Replace("__", ":", StringComparison.Ordinal);
}
