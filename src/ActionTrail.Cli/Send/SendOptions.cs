namespace ActionTrail.Cli.Send;

/// <summary>What <c>events send</c> was asked for.</summary>
internal sealed record SendOptions
{
    public const int DefaultBatchEvents = 1000;
    public const int DefaultApiBatchBytes = 1 << 20;

    /// <summary>What every tier of Event Hubs takes, less what it counts beside the body.</summary>
    public const int DefaultHubBatchBytes = 240 << 10;
    public const int DefaultConcurrency = 2;

    /// <summary>A file, or <c>-</c>.</summary>
    public required string Input { get; init; }

    public required BatchLimits Limits { get; init; }

    public required int Concurrency { get; init; }

    /// <summary>Records per second; null: as fast as it goes.</summary>
    public int? Rate { get; init; }

    /// <summary>Media type of every body; null: by what stood around the records.</summary>
    public string? ContentType { get; init; }

    /// <summary>Whether the first refused record ends the run, instead of being left out.</summary>
    public required bool StopsAtRefusal { get; init; }

    /// <summary>Takes the bytes of refused records, one per line.</summary>
    public string? Rejects { get; init; }

    public string? Resume { get; init; }

    /// <summary>Whether a summary goes to the output, as one JSON object.</summary>
    public bool WritesSummary { get; init; }
}
