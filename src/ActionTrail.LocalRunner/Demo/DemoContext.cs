using ActionTrail.Generator.Formats;

namespace ActionTrail.LocalRunner.Demo;

/// <summary>What the demo tour gets from a runner whose parts are all up: addresses, keys and where to write.</summary>
internal sealed record DemoContext
{
    /// <summary>The HTTP face of the app, with a slash at the end: <c>http://127.0.0.1:7071/</c>.</summary>
    public required Uri BaseAddress { get; init; }

    /// <summary>The event hub's HTTP face, with a slash at the end; events go to <c>{EventHubName}/messages</c> below it.</summary>
    public required Uri EventHubAddress { get; init; }

    public required string EventHubName { get; init; }

    public required string EventHubKeyName { get; init; }

    public required string EventHubKey { get; init; }

    /// <summary>Password of the Basic user <c>operator</c>.</summary>
    public required string OperatorKey { get; init; }

    /// <summary>Connection string of the Azurite that this runner started (blobs, queues, tables).</summary>
    public required string StorageConnectionString { get; init; }

    /// <summary>How many native events to publish.</summary>
    public required int Events { get; init; }

    /// <summary>The formats to publish besides, without the native one.</summary>
    public IReadOnlyList<TrafficFormat> Formats { get; init; } = [];

    /// <summary>Share of records and messages of other formats that are odd as real ones are, 0 to 1.</summary>
    public double Quirks { get; init; } = 0.05;

    /// <summary>True when the runner ends after the tour (<c>--exit</c>).</summary>
    public required bool Exit { get; init; }

    public required bool Verbose { get; init; }

    /// <summary>Where the tour tells what it does, one line at a time.</summary>
    public required TextWriter Output { get; init; }

    public required TimeProvider Clock { get; init; }
}
