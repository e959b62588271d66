using System.Text.Json;
using ActionTrail.Delivery;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using ActionTrail.Trails;

namespace ActionTrail.Tests.Delivery;

/// <summary>A place that takes batches into memory, refuses as it is told, and may lose what it answers.</summary>
internal sealed class MemoryTarget : IBatchTarget
{
    public List<EventBatch> Taken { get; } = [];

    /// <summary>What the next requests meet; afterwards they are taken.</summary>
    public Queue<StoreErrorKind?> Script { get; } = new();

    /// <summary>What every request meets.</summary>
    public StoreErrorKind? Failure { get; set; }

    public HashSet<string> Accounts { get; } = ["acme", "rival"];

    public int MaxBatchBytes { get; set; } = 1_000_000;

    public int Asked { get; private set; }

    /// <summary>Runs before a request is answered.</summary>
    public Func<CancellationToken, Task> Before { get; set; } = static _ => Task.CompletedTask;

    public bool Allows(string account) => Accounts.Contains(account);

    public async Task SendAsync(EventBatch batch, CancellationToken cancellationToken)
    {
        Asked++;
        await Before(cancellationToken);
        if (Failure is { } kind)
            throw new StoreException(kind, $"The place answers {kind}.");
        Assert.InRange(batch.Content.Length, 1, MaxBatchBytes);
        var next = Script.TryDequeue(out var scripted) ? scripted : null;

        // An answer that is lost is one to a batch that was taken.
        if (next is null or StoreErrorKind.Unavailable)
            Taken.Add(batch with { Content = batch.Content.ToArray() });
        if (next is { } refused)
            throw new StoreException(refused, $"The place answers {refused}.", inner: null, refused == StoreErrorKind.Throttled ? TimeSpan.FromSeconds(90) : null);
    }

    /// <summary>Ids of deliveries in the order in which they were taken, repetitions too.</summary>
    public IReadOnlyList<string> Ids() => [.. Items().Select(static item => Text(item, "id", "DeliveryId"))];

    /// <summary>Events in the order in which they were taken first.</summary>
    public IReadOnlyList<string> Events()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return [.. Items().Where(item => seen.Add(Text(item, "id", "DeliveryId"))).Select(static item => item.TryGetProperty("Body", out var body) ? body.GetString()! : item.GetProperty("Event").GetRawText())];
    }

    public IEnumerable<JsonElement> Items() => Taken.SelectMany(static batch =>
    {
        using var document = JsonDocument.Parse(batch.Content);
        return document.RootElement.Clone().EnumerateArray().ToList();
    });

    private static string Text(JsonElement item, string property, string column) =>
        item.TryGetProperty("UserProperties", out var properties) ? properties.GetProperty(property).GetString()! : item.GetProperty(column).GetString()!;
}

/// <summary>Fails requests to a target as the stores of a bench fail.</summary>
internal sealed class FaultyTarget(IBatchTarget inner, StorageFaults faults) : IBatchTarget
{
    public int MaxBatchBytes => inner.MaxBatchBytes;

    public bool Allows(string account) => inner.Allows(account);

    public Task SendAsync(EventBatch batch, CancellationToken cancellationToken) => faults.RunAsync("send-batch", () => inner.SendAsync(batch, cancellationToken));
}

/// <summary>Every name is offered to whom the target allows.</summary>
internal sealed class OneOfEach(MemoryTarget target) : IConfiguredDestinations
{
    public bool Offers(DestinationKind kind, string name, string account) => name == "siem" && target.Allows(account);
}
