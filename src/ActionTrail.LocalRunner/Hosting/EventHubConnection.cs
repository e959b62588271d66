namespace ActionTrail.LocalRunner.Hosting;

/// <summary>The parts of <c>Endpoint=sb://…;SharedAccessKeyName=…;SharedAccessKey=…;UseDevelopmentEmulator=true</c> that the local hub needs.</summary>
internal sealed record EventHubConnection(string KeyName, string Key)
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

    public override string ToString() => $"Endpoint=sb://localhost;SharedAccessKeyName={KeyName};SharedAccessKey={Key};UseDevelopmentEmulator=true";
}
