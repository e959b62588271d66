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
/// every <see cref="FaultMode"/>, start over, <see cref="FailAt(int, FaultMode)"/>, run, restart what died, and prove the invariants.
/// </summary>
public sealed class StorageFaults
{
    private readonly Lock gate = new();
    private readonly List<string> journal = [];
    private readonly Dictionary<int, FaultMode> chosen = [];
    private readonly List<string> struck = [];
    private (int Request, Func<Task> Action)? rival;
    private FaultMode? always;
    private bool dead;

    /// <summary>All modes, for sweeps.</summary>
    public static IReadOnlyList<FaultMode> Modes { get; } = Enum.GetValues<FaultMode>();

    /// <summary>Requests that started since the last <see cref="Reset"/>, <see cref="FailAt(int, FaultMode)"/>, <see cref="FailAlways"/> or <see cref="RunAt"/>.</summary>
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

    /// <summary>Whether an armed fault or the rival has happened.</summary>
    public bool Fired { get; private set; }

    /// <summary>The faults that have happened, in order: <c>mode at operation container-or-table</c>.</summary>
    public IReadOnlyList<string> Struck
    {
        get
        {
            lock (gate)
                return [.. struck];
        }
    }

    /// <summary>No faults, counter at 0, the process alive again.</summary>
    public void Reset() => Arm([], every: null, rivalAction: null);

    /// <summary>Counter at 0; request <paramref name="request"/> (from 0) fails in the way given, once.</summary>
    public void FailAt(int request, FaultMode fault) => FailAt([(request, fault)]);

    /// <summary>Counter at 0; each of the requests given (from 0, all different) fails in its way, once. <see cref="Revive"/> after a death lets the count go on to the next.</summary>
    public void FailAt(IReadOnlyList<(int Request, FaultMode Fault)> faults) => Arm(faults, every: null, rivalAction: null);

    /// <summary>Beside what is armed already, the request that comes after <paramref name="later"/> others (0: the next one) fails in the way given, once.</summary>
    public void FailLater(int later, FaultMode fault)
    {
        lock (gate)
            chosen[journal.Count + later] = fault;
    }

    /// <summary>Counter at 0; every request fails in the way given until <see cref="Reset"/>: an outage.</summary>
    public void FailAlways(FaultMode fault) => Arm([], fault, rivalAction: null);

    /// <summary>Counter at 0; <paramref name="action"/> runs just before request <paramref name="request"/>: a rival that wins a race. It must not use these decorators.</summary>
    public void RunAt(int request, Func<Task> action) => Arm([], every: null, (request, action));

    /// <summary>A new process in place of one that died; faults and counter stay as they are.</summary>
    public void Revive()
    {
        lock (gate)
            dead = false;
    }

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

    private void Arm(IReadOnlyList<(int Request, FaultMode Fault)> faults, FaultMode? every, (int Request, Func<Task> Action)? rivalAction)
    {
        lock (gate)
        {
            journal.Clear();
            struck.Clear();
            chosen.Clear();
            foreach (var (request, fault) in faults)
                chosen.Add(request, fault);
            (always, rival, dead, Fired) = (every, rivalAction, false, false);
        }
    }

    /// <summary>Counts the request; throws the faults that come before it, returns the one that comes after it.</summary>
    private async Task<FaultMode?> StartAsync(string operation)
    {
        Func<Task>? before;
        FaultMode? fault;
        lock (gate)
        {
            if (dead)
                throw new SimulatedCrashException();
            fault = chosen.TryGetValue(journal.Count, out var planned) ? planned : always;
            before = rival is { } armed && armed.Request == journal.Count ? armed.Action : null;
            journal.Add(operation);
            if (fault is not null)
                struck.Add($"{fault} at {operation}");
            Fired |= fault is not null || before is not null;
            dead = fault is FaultMode.CrashBeforeRequest or FaultMode.CrashAfterCommit;
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
