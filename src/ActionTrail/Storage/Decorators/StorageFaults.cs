namespace ActionTrail.Storage.Decorators;

/// <summary>How a chosen request fails.</summary>
public enum FaultMode
{
    /// <summary>The request never reaches the store: Unavailable, nothing happened.</summary>
    BeforeRequest,

    /// <summary>The store did it, the answer is lost: Unavailable, although it happened. A listing breaks off after its first item.</summary>
    AfterCommit,

    /// <summary>The store refuses: Throttled, with a Retry-After of one second; nothing happened.</summary>
    Throttled,

    /// <summary>The process dies before the request: <see cref="SimulatedCrashException"/> now and for every later request.</summary>
    CrashBeforeRequest,

    /// <summary>The process dies after the store did it: <see cref="SimulatedCrashException"/> now and for every later request.</summary>
    CrashAfterCommit,
}

/// <summary>The process under test is dead. Nothing in the product may catch this; a test catches it and starts over with new objects.</summary>
public sealed class SimulatedCrashException() : Exception("The process died here (simulated).");

/// <summary>
/// A switch that table, object and queue decorators share: counts their requests from 0 in the order in which they start, and
/// makes one of them fail. The crash sweep: run the operation once and read <see cref="Requests"/>; then, for every request and
/// every <see cref="FaultMode"/>, start over, <see cref="FailAt"/>, run, restart what died, and prove the invariants.
/// </summary>
public sealed class StorageFaults
{
    private readonly Lock gate = new();
    private readonly List<string> journal = [];
    private Func<Task>? rival;
    private FaultMode? mode;
    private int at = -1;
    private bool always;
    private bool dead;

    /// <summary>All modes, for sweeps.</summary>
    public static IReadOnlyList<FaultMode> Modes { get; } = Enum.GetValues<FaultMode>();

    /// <summary>Requests that started since the last <see cref="Reset"/>, <see cref="FailAt"/>, <see cref="FailAlways"/> or <see cref="RunAt"/>.</summary>
    public int Requests
    {
        get
        {
            lock (gate)
                return journal.Count;
        }
    }

    /// <summary>What was asked, in order: <c>operation container-or-table</c>.</summary>
    public IReadOnlyList<string> Journal
    {
        get
        {
            lock (gate)
                return [.. journal];
        }
    }

    /// <summary>Whether the armed fault or rival has happened.</summary>
    public bool Fired { get; private set; }

    /// <summary>No faults, counter at 0, the process alive again.</summary>
    public void Reset() => Arm(request: -1, fault: null, every: false, rivalAction: null);

    /// <summary>Counter at 0; request <paramref name="request"/> (from 0) fails in the way given, once.</summary>
    public void FailAt(int request, FaultMode fault) => Arm(request, fault, every: false, rivalAction: null);

    /// <summary>Counter at 0; every request fails in the way given until <see cref="Reset"/>: an outage.</summary>
    public void FailAlways(FaultMode fault) => Arm(request: -1, fault, every: true, rivalAction: null);

    /// <summary>Counter at 0; <paramref name="action"/> runs just before request <paramref name="request"/>: a rival that wins a race. It must not use these decorators.</summary>
    public void RunAt(int request, Func<Task> action) => Arm(request, fault: null, every: false, action);

    /// <summary>Runs one request under the switch.</summary>
    internal async Task<T> RunAsync<T>(string operation, Func<Task<T>> request)
    {
        var fault = await StartAsync(operation);
        try
        {
            var answer = await request();
            return fault is null ? answer : throw AfterCommit(fault.Value, operation);
        }
        catch (StoreException) when (fault is not null)
        {
            // A refusal is an answer too, and is lost with it.
            throw AfterCommit(fault.Value, operation);
        }
    }

    /// <summary>Runs one request without an answer under the switch.</summary>
    internal Task RunAsync(string operation, Func<Task> request) => RunAsync(operation, async () =>
    {
        await request();
        return true;
    });

    /// <summary>Runs one listing under the switch.</summary>
    internal async IAsyncEnumerable<T> ListAsync<T>(string operation, IAsyncEnumerable<T> items)
    {
        var fault = await StartAsync(operation);
        await foreach (var item in items)
        {
            yield return item;
            if (fault is not null)
                break;
        }

        if (fault is not null)
            throw AfterCommit(fault.Value, operation);
    }

    private void Arm(int request, FaultMode? fault, bool every, Func<Task>? rivalAction)
    {
        lock (gate)
        {
            journal.Clear();
            (at, mode, always, rival, dead, Fired) = (request, fault, every, rivalAction, false, false);
        }
    }

    /// <summary>Counts the request; throws the faults that come before it, returns the one that comes after it.</summary>
    private async Task<FaultMode?> StartAsync(string operation)
    {
        Func<Task>? before = null;
        FaultMode? fault = null;
        lock (gate)
        {
            if (dead)
                throw new SimulatedCrashException();
            var chosen = journal.Count == at || always;
            journal.Add(operation);
            if (chosen)
            {
                (fault, before, Fired) = (mode, rival, true);
                dead = fault is FaultMode.CrashBeforeRequest or FaultMode.CrashAfterCommit;
            }
        }

        if (before is not null)
            await before();
        return fault switch
        {
            FaultMode.BeforeRequest => throw new StoreException(StoreErrorKind.Unavailable, $"Injected before {operation}."),
            FaultMode.Throttled => throw new StoreException(StoreErrorKind.Throttled, $"Injected instead of {operation}.", inner: null, TimeSpan.FromSeconds(1)),
            FaultMode.CrashBeforeRequest => throw new SimulatedCrashException(),
            _ => fault,
        };
    }

    private static Exception AfterCommit(FaultMode fault, string operation) => fault == FaultMode.CrashAfterCommit
        ? new SimulatedCrashException()
        : new StoreException(StoreErrorKind.Unavailable, $"Injected after {operation}.");
}
