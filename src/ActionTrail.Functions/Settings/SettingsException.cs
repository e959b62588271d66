namespace ActionTrail.Functions.Settings;

/// <summary>Settings that cannot be used. The message names every fault, one per line, and never shows values.</summary>
internal sealed class SettingsException(IReadOnlyList<string> faults) : Exception(string.Join(Environment.NewLine, faults))
{
    public IReadOnlyList<string> Faults { get; } = faults;
}
