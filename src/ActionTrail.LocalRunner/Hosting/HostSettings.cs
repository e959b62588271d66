using System.Globalization;
using System.Text.Json;
using ActionTrail.LocalRunner.Options;

namespace ActionTrail.LocalRunner.Hosting;

/// <summary>What the runner heeds of <c>host.json</c>. Defaults are those of the Functions host 4.x; names are the file's.</summary>
internal sealed record HostSettings
{
    /// <summary>Null: no limit (<c>-1</c> in the file).</summary>
    public TimeSpan? FunctionTimeout { get; init; } = TimeSpan.FromMinutes(30);

    public required string ExecutablePath { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    public string? WorkingDirectory { get; init; }

    public TimeSpan InitializationTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public string RoutePrefix { get; init; } = "api";

    public EventHubSettings EventHubs { get; init; } = new();

    public QueueSettings Queues { get; init; } = new();

    /// <summary>Reads the file; a <see cref="RunnerException"/> names what is missing or malformed.</summary>
    public static HostSettings Load(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return Parse(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or IOException or FormatException or InvalidOperationException or UnauthorizedAccessException)
        {
            throw new RunnerException($"{path} cannot be used: {e.Message}", e);
        }
    }

    private static HostSettings Parse(JsonElement root)
    {
        var handler = Section(root, "customHandler");
        var description = Section(handler, "description");
        if (!Section(handler, "enableProxyingHttpRequest").IsTrue() && !Section(handler, "enableForwardingHttpRequest").IsTrue())
        {
            throw new FormatException("customHandler must enable proxying or forwarding of HTTP requests; the runner has no other form.");
        }

        var extensions = Section(root, "extensions");
        var hubs = Section(extensions, "eventHubs");
        var queues = Section(extensions, "queues");
        return new HostSettings
        {
            FunctionTimeout = Section(root, "functionTimeout").AsText() switch
            {
                null => TimeSpan.FromMinutes(30),
                "-1" => null,
                var text => Duration(text),
            },
            ExecutablePath = Section(description, "defaultExecutablePath").AsText() ?? throw new FormatException("customHandler.description.defaultExecutablePath is missing."),
            Arguments = Section(description, "arguments") is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray().Select(item => item.GetString()!)] : [],
            WorkingDirectory = Section(description, "workingDirectory").AsText(),
            InitializationTimeout = DurationOr(handler, "initializationTimeout", TimeSpan.FromSeconds(30)),
            RoutePrefix = Section(Section(extensions, "http"), "routePrefix").AsText() ?? "api",
            EventHubs = new EventHubSettings
            {
                MaxEventBatchSize = NumberOr(hubs, "maxEventBatchSize", 100),
                MinEventBatchSize = NumberOr(hubs, "minEventBatchSize", 1),
                MaxWaitTime = DurationOr(hubs, "maxWaitTime", TimeSpan.FromMinutes(1)),
                StartAtEnd = Section(Section(hubs, "initialOffsetOptions"), "type").AsText() switch
                {
                    null or "fromStart" => false,
                    "fromEnd" => true,
                    var other => throw new FormatException($"initialOffsetOptions.type '{other}' is not known to the runner: fromStart or fromEnd."),
                },
            },
            Queues = new QueueSettings
            {
                BatchSize = NumberOr(queues, "batchSize", 16),
                NewBatchThreshold = NumberOr(queues, "newBatchThreshold", NumberOr(queues, "batchSize", 16) / 2),
                MaxPollingInterval = DurationOr(queues, "maxPollingInterval", TimeSpan.FromMinutes(1)),
                VisibilityTimeout = DurationOr(queues, "visibilityTimeout", TimeSpan.Zero),
                MaxDequeueCount = NumberOr(queues, "maxDequeueCount", 5),
            },
        };
    }

    private static JsonElement Section(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var child) ? child : default;

    private static TimeSpan DurationOr(JsonElement parent, string name, TimeSpan fallback) =>
        Section(parent, name).AsText() is { } text ? Duration(text) : fallback;

    private static TimeSpan Duration(string text) => TimeSpan.Parse(text, CultureInfo.InvariantCulture);

    private static int NumberOr(JsonElement parent, string name, int fallback) =>
        Section(parent, name) is { ValueKind: JsonValueKind.Number } number ? number.GetInt32() : fallback;
}

/// <summary><c>extensions.eventHubs</c>. <see cref="MaxWaitTime"/> counts only when <see cref="MinEventBatchSize"/> is above 1.</summary>
internal sealed record EventHubSettings
{
    public int MaxEventBatchSize { get; init; } = 100;

    public int MinEventBatchSize { get; init; } = 1;

    public TimeSpan MaxWaitTime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Where a partition without a checkpoint begins.</summary>
    public bool StartAtEnd { get; init; }
}

/// <summary><c>extensions.queues</c>. At most <see cref="BatchSize"/> + <see cref="NewBatchThreshold"/> messages run at once per function.</summary>
internal sealed record QueueSettings
{
    public int BatchSize { get; init; } = 16;

    public int NewBatchThreshold { get; init; } = 8;

    public TimeSpan MaxPollingInterval { get; init; } = TimeSpan.FromMinutes(1);

    public TimeSpan VisibilityTimeout { get; init; } = TimeSpan.Zero;

    public int MaxDequeueCount { get; init; } = 5;
}

internal static class JsonElementText
{
    public static string? AsText(this JsonElement element) => element.ValueKind == JsonValueKind.String ? element.GetString() : null;

    public static bool IsTrue(this JsonElement element) => element.ValueKind == JsonValueKind.True;
}
