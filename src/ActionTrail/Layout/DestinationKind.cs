namespace ActionTrail.Layout;

/// <summary>What a trail delivers to. A trail has at most one destination of each kind.</summary>
public enum DestinationKind
{
    /// <summary>A Blob container.</summary>
    Blob,

    /// <summary>A Logstore: another store of this deployment.</summary>
    Logstore,

    /// <summary>An event hub that the operator has configured.</summary>
    Stream,

    /// <summary>A Log Analytics table that the operator has configured.</summary>
    LogAnalytics,
}

/// <summary>Texts and queues of the kinds.</summary>
public static class DestinationKinds
{
    public static IReadOnlyList<DestinationKind> All { get; } = [DestinationKind.Blob, DestinationKind.Logstore, DestinationKind.Stream, DestinationKind.LogAnalytics];

    /// <summary>As it stands in keys, rows and answers.</summary>
    public static string Text(DestinationKind kind) => kind switch
    {
        DestinationKind.Blob => "blob",
        DestinationKind.Logstore => "logstore",
        DestinationKind.Stream => "stream",
        DestinationKind.LogAnalytics => "loganalytics",
        _ => throw new InvalidOperationException($"There is no kind {kind}."),
    };

    /// <summary>False for a text that <see cref="Text"/> does not make.</summary>
    public static bool TryParse(string? text, out DestinationKind kind)
    {
        foreach (var known in All)
        {
            if (Text(known) == text)
            {
                kind = known;
                return true;
            }
        }

        kind = default;
        return false;
    }

    /// <summary>Whether the deliveries of a trail are made one after the other, oldest first: a stream keeps the order in which it is written.</summary>
    public static bool IsInOrder(DestinationKind kind) => kind == DestinationKind.Stream;

    /// <summary>The queue of its deliveries.</summary>
    public static string Queue(DestinationKind kind) => kind switch
    {
        DestinationKind.Blob => Queues.DeliverBlob,
        DestinationKind.Logstore => Queues.DeliverLogstore,
        DestinationKind.Stream or DestinationKind.LogAnalytics => Queues.DeliverStream,
        _ => throw new InvalidOperationException($"There is no kind {kind}."),
    };
}
