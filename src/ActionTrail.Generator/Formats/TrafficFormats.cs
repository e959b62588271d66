namespace ActionTrail.Generator.Formats;

/// <summary>The short names of the formats, as options of programs take them.</summary>
public static class TrafficFormats
{
    private static readonly (TrafficFormat Format, string Name)[] Named =
    [
        (TrafficFormat.Native, "native"), (TrafficFormat.DataEvents, "data-events"), (TrafficFormat.CloudTrail, "cloudtrail"), (TrafficFormat.AzureActivity, "azure-activity"),
        (TrafficFormat.EntraAudit, "entra-audit"), (TrafficFormat.EntraSignIn, "entra-signin"), (TrafficFormat.KeyVault, "key-vault"), (TrafficFormat.StorageLogs, "storage"),
        (TrafficFormat.GoogleAudit, "google"), (TrafficFormat.CloudEvents, "cloudevents"), (TrafficFormat.CloudEventsBatch, "cloudevents-batch"),
        (TrafficFormat.CloudEventsBinary, "cloudevents-binary"), (TrafficFormat.Platform, "platform"),
    ];

    /// <summary>Every format, native first.</summary>
    public static IReadOnlyList<TrafficFormat> All { get; } = [.. Named.Select(static n => n.Format)];

    /// <summary>The names, in the order of <see cref="All"/>.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Named.Select(static n => n.Name)];

    /// <summary>The short name of a format, such as <c>azure-activity</c>.</summary>
    public static string NameOf(TrafficFormat format) => Array.Find(Named, n => n.Format == format).Name;

    /// <summary>Reads <c>all</c> or names with commas between them, in any case; each format once, in the order of <see cref="All"/>.</summary>
    /// <returns>False when a name is none of these.</returns>
    public static bool TryParse(string text, out IReadOnlyList<TrafficFormat> formats)
    {
        formats = All;
        if (text.Equals("all", StringComparison.OrdinalIgnoreCase))
            return true;
        var names = text.Split(',', StringSplitOptions.TrimEntries);
        formats = [.. Named.Where(n => names.Contains(n.Name, StringComparer.OrdinalIgnoreCase)).Select(static n => n.Format)];
        return names.All(name => Names.Contains(name, StringComparer.OrdinalIgnoreCase));
    }
}
