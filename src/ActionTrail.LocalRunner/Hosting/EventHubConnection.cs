using System.Globalization;
using ActionTrail.LocalRunner.Options;

namespace ActionTrail.LocalRunner.Hosting;

/// <summary>The parts of <c>Endpoint=sb://…;SharedAccessKeyName=…;SharedAccessKey=…;UseDevelopmentEmulator=true</c> that the local hub needs.</summary>
internal sealed record EventHubConnection(string KeyName, string Key, int Port = RunnerOptions.DefaultAmqpPort)
{
    /// <summary>Missing parts get the values that local emulators are known by.</summary>
    public static EventHubConnection Parse(string text)
    {
        var parts = text.Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(part => part.Split('=', 2))
            .Where(part => part.Length == 2)
            .ToDictionary(part => part[0].Trim(), part => part[1].Trim(), StringComparer.OrdinalIgnoreCase);
        return new EventHubConnection(
            parts.GetValueOrDefault("SharedAccessKeyName") is { Length: > 0 } name ? name : "RootManageSharedAccessKey",
            parts.GetValueOrDefault("SharedAccessKey") is { Length: > 0 } key ? key : "SAS_KEY_VALUE");
    }

    /// <summary>The form that client libraries take. The port is left out when it is the usual one, for some tools do not expect it there.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"Endpoint=sb://localhost{(Port == RunnerOptions.DefaultAmqpPort ? "" : $":{Port}")};SharedAccessKeyName={KeyName};SharedAccessKey={Key};UseDevelopmentEmulator=true");
}
