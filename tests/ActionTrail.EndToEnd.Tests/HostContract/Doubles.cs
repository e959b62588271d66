using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ActionTrail.LocalRunner.Hosting;
using ActionTrail.LocalRunner.Triggers;
using ActionTrail.LocalRunner.Triggers.EventHub;
using ActionTrail.LocalRunner.Triggers.Timers;

namespace ActionTrail.EndToEnd.Tests.HostContract;

internal sealed record Call(string Function, Guid InvocationId, JsonNode Body)
{
    /// <summary>The sequence numbers of an event hub batch.</summary>
    public long[] Sequence => [.. JsonNode.Parse(Body["Metadata"]!["SequenceNumberArray"]!.GetValue<string>())!.AsArray().Select(item => item!.GetValue<long>())];
}

/// <summary>A handler that answers what it is told and remembers what it was asked.</summary>
internal sealed class RecordingInvoker(Func<Call, InvocationOutcome> answer) : IInvoker
{
    private readonly System.Threading.Channels.Channel<Call> arrived = System.Threading.Channels.Channel.CreateUnbounded<Call>();

    public ConcurrentQueue<Call> Calls { get; } = new();

    public static RecordingInvoker AlwaysFine() => new(_ => InvocationOutcome.Success);

    public Task<InvocationOutcome> InvokeAsync(string functionName, Guid invocationId, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var call = new Call(functionName, invocationId, JsonNode.Parse(body.Span)!);
        Calls.Enqueue(call);
        var outcome = answer(call);
        arrived.Writer.TryWrite(call);
        return Task.FromResult(outcome);
    }

    /// <summary>Waits until <paramref name="count"/> calls were made since the last wait.</summary>
    public async Task ExpectAsync(int count)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        for (var i = 0; i < count; i++)
        {
            await arrived.Reader.ReadAsync(patience.Token);
        }
    }
}

/// <summary>A hub with one partition "0" in memory; wakes nobody: a reader that finds too little gets what there is after a moment, be it nothing.</summary>
internal sealed class MemoryHub : IHubReceiver
{
    private readonly List<HubEvent> events = [];

    public string Namespace { get; set; } = "local-1.localhost";

    public void Add(int count)
    {
        lock (events)
        {
            for (var i = 0; i < count; i++)
            {
                var number = events.Count;
                events.Add(new HubEvent(number, number.ToString(CultureInfo.InvariantCulture), DateTimeOffset.UnixEpoch, PartitionKey: null, "{}", "{}", Convert.ToBase64String(Encoding.UTF8.GetBytes($"event {number}"))));
            }
        }
    }

    /// <summary>The hub is deleted and made again.</summary>
    public void Renew(string newNamespace, int count)
    {
        lock (events)
        {
            Namespace = newNamespace;
            events.Clear();
            Add(count);
        }
    }

    /// <summary>How often the hub was described.</summary>
    public int Descriptions { get; private set; }

    public Task<HubDescription> DescribeAsync(string hub, CancellationToken cancellationToken)
    {
        lock (events)
        {
            Descriptions++;
            return Task.FromResult(new HubDescription(Namespace, [new HubPartition("0", 0, events.Count)]));
        }
    }

    public async Task<HubPage> ReceiveAsync(string hub, string partition, long from, long? to, int max, int minCount, TimeSpan wait, CancellationToken cancellationToken)
    {
        for (var looks = 1; ; looks++)
        {
            lock (events)
            {
                if (from > events.Count)
                {
                    throw new HttpRequestException("past the end", inner: null, System.Net.HttpStatusCode.RequestedRangeNotSatisfiable);
                }

                var found = events.Where(item => item.SequenceNumber >= from && !(item.SequenceNumber > to)).Take(max).ToList();
                if (found.Count > 0 || looks == 20)
                {
                    return new HubPage(Namespace, found);
                }
            }

            await Task.Delay(5, cancellationToken);
        }
    }
}

internal sealed class MemoryCheckpoint : ICheckpointStore
{
    private PartitionCheckpoint? kept;

    public PartitionCheckpoint? Load() => kept;

    public void Save(PartitionCheckpoint checkpoint) => kept = checkpoint;
}

internal sealed class MemoryTimerStatus : ITimerStatusStore
{
    public ConcurrentDictionary<string, TimerStatus> Kept { get; } = new(StringComparer.Ordinal);

    public Task<TimerStatus?> LoadAsync(string functionName, CancellationToken cancellationToken) => Task.FromResult(Kept.GetValueOrDefault(functionName));

    public Task SaveAsync(string functionName, TimerStatus status, CancellationToken cancellationToken)
    {
        Kept[functionName] = status;
        return Task.CompletedTask;
    }
}

/// <summary>What every trigger test needs.</summary>
internal static class Bench
{
    public static TriggerSources Sources { get; } = new(TimeProvider.System, Guid.NewGuid, new Random(1));

    public static RunnerOutput Output(TextWriter? writer = null) => new(writer ?? TextWriter.Null, verbose: true);

    /// <summary>Runs <paramref name="work"/> until <paramref name="checks"/> is through, then stops it.</summary>
    public static async Task WhileRunningAsync(Func<CancellationToken, Task> work, Func<Task> checks)
    {
        using var stop = new CancellationTokenSource();
        var running = Task.Run(() => work(stop.Token));
        try
        {
            await checks();
        }
        finally
        {
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        }
    }

    /// <summary>Polls until the condition holds.</summary>
    public static async Task EventuallyAsync(Func<Task<bool>> condition, string what)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await condition())
        {
            Assert.False(patience.IsCancellationRequested, what);
            await Task.Delay(20);
        }
    }

    public static Task EventuallyAsync(Func<bool> condition, string what) => EventuallyAsync(() => Task.FromResult(condition()), what);
}
