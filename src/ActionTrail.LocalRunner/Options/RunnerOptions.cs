using System.Globalization;
using ActionTrail.Generator.Formats;

namespace ActionTrail.LocalRunner.Options;

/// <summary>What the command line asked for. Port 0 means: take a free one.</summary>
internal sealed record RunnerOptions
{
    public const int DefaultHttpPort = 7071;
    public const int DefaultEventHubHttpPort = 5673;
    public const int DefaultAmqpPort = 5672;

    public int HttpPort { get; init; } = DefaultHttpPort;

    public int EventHubHttpPort { get; init; } = DefaultEventHubHttpPort;

    public int AmqpPort { get; init; } = DefaultAmqpPort;

    /// <summary>Connection string of another event hub, or <c>env:NAME</c>; null: the local one is started.</summary>
    public string? EventHub { get; init; }

    public AzuritePorts AzuritePorts { get; init; } = AzuritePorts.Default;

    /// <summary>Full path of the data folder.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Null: made once and kept in the data folder.</summary>
    public string? OperatorKey { get; init; }

    /// <summary>A published script root to run instead of the one built beside the runner.</summary>
    public string? ScriptRoot { get; init; }

    /// <summary>A Blob container to make for trails; null: none.</summary>
    public string? Container { get; init; }

    public bool Demo { get; init; }

    public bool ExitAfterDemo { get; init; }

    /// <summary>How many events the demo publishes.</summary>
    public int DemoEvents { get; init; } = 10_000;

    /// <summary>The formats that the demo publishes besides native events; never the native one.</summary>
    public IReadOnlyList<TrafficFormat> DemoFormats { get; init; } = [];

    public bool Verbose { get; init; }
}

/// <summary>The three ports of Azurite, written <c>blobs,queues,tables</c>.</summary>
internal sealed record AzuritePorts(int Blob, int Queue, int Table)
{
    public static AzuritePorts Default { get; } = new(10_000, 10_001, 10_002);

    public static bool TryParse(string text, out AzuritePorts ports)
    {
        ports = Default;
        var parts = text.Split(',');
        if (parts.Length != 3)
        {
            return false;
        }

        var numbers = new int[3];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]) || numbers[i] > 65_535)
            {
                return false;
            }
        }

        ports = new AzuritePorts(numbers[0], numbers[1], numbers[2]);
        return ports.Distinct();
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Blob},{Queue},{Table}");

    private bool Distinct() =>
        (Blob == 0 || (Blob != Queue && Blob != Table)) && (Queue == 0 || Queue != Table);
}
