namespace ActionTrail.Tests.Query;

/// <summary>
/// Lets actors that run side by side take turns by a seed's choice. Whoever wants to go on waits for its turn; the pump gives the turn to one of those who
/// wait, lets it run until it waits again, and chooses anew. Some seeds favour the actor that had the turn last, so that others stand still for long.
/// </summary>
/// <remarks>
/// Continuations run on the pump's own thread wherever .NET lets them. What hops to the thread pool (Task.Yield, channels) is given a moment to arrive and no more,
/// so that a seed repeats a run's character and nearly always, not always, its order.
/// </remarks>
internal sealed class Interleaving(int seed)
{
    private static readonly TimeSpan Stuck = TimeSpan.FromSeconds(60);

    private readonly Lock gate = new();
    private readonly Random random = new(seed);
    private readonly List<Turn> waiting = [];
    private readonly List<CancellationTokenSource> impatient = [];
    private readonly Queue<string> journal = new();
    private readonly AsyncLocal<int> actor = new();
    private readonly double sticky = seed % 3 * 0.45;
    private long arrivals;

    public int Turns { get; private set; }

    /// <summary>The last turns, oldest first.</summary>
    public string Journal
    {
        get
        {
            lock (gate)
                return string.Join('\n', journal);
        }
    }

    /// <summary>Runs the actors to their end, each from its first turn on, then <paramref name="last"/>, all under the pump.</summary>
    public async Task RunAsync(IReadOnlyList<Func<Task>> actors, Func<Task> last)
    {
        Task[] acting = [.. actors.Select(ActAsync)];
        var all = AllAsync(acting, last);
        var previous = 0;
        while (!all.IsCompleted)
        {
            await SettleAsync(all);
            if (Array.Find(acting, static one => one.IsFaulted) is { } failed)
                await failed;
            if (Choose(previous) is not { } turn)
                continue;
            previous = turn.Actor;
            turn.Run();
        }

        await all;
    }

    /// <summary>Waits for a turn.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled meanwhile.</exception>
    public async Task TurnAsync(string what, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var done = new TaskCompletionSource();
        var turn = new Turn(actor.Value, what, () => done.TrySetResult());
        await using var stop = cancellationToken.Register(() =>
        {
            Remove(turn);
            done.TrySetCanceled(cancellationToken);
        });
        Add(turn);
        await done.Task;
    }

    /// <summary>Has something done at a turn to come.</summary>
    public void Post(string what, Action run) => Add(new Turn(actor.Value, what, run));

    /// <summary>A number below a bound, by the seed.</summary>
    public int Next(int bound)
    {
        lock (gate)
            return random.Next(bound);
    }

    /// <summary>From now on until it is forgotten, the source may be cancelled between any two turns.</summary>
    public void MayCancel(CancellationTokenSource source)
    {
        lock (gate)
            impatient.Add(source);
    }

    public void Forget(CancellationTokenSource source)
    {
        lock (gate)
            impatient.Remove(source);
    }

    private async Task AllAsync(Task[] acting, Func<Task> last)
    {
        await Task.WhenAll(acting);
        actor.Value = 0;
        await last();
    }

    private async Task ActAsync(Func<Task> run, int number)
    {
        actor.Value = number + 1;
        await TurnAsync("begin", default);
        await run();
    }

    /// <summary>Returns when somebody waits for a turn and nobody new has come for a moment.</summary>
    private async Task SettleAsync(Task all)
    {
        for (var begun = Environment.TickCount64; !all.IsCompleted;)
        {
            var before = Interlocked.Read(ref arrivals);
            await Task.Yield();
            await Task.Yield();
            lock (gate)
            {
                if (waiting.Count > 0 && before == Interlocked.Read(ref arrivals))
                    return;
            }

            if (Environment.TickCount64 - begun > 5)
                await Task.Delay(1);
            if (Environment.TickCount64 - begun > Stuck.TotalMilliseconds)
                throw new InvalidOperationException("Nobody waits for a turn and not all are done.");
        }
    }

    private Turn? Choose(int previous)
    {
        CancellationTokenSource? cancelled = null;
        Turn? turn = null;
        lock (gate)
        {
            if (impatient.Count > 0 && random.Next(12) == 0)
            {
                cancelled = impatient[random.Next(impatient.Count)];
                impatient.Remove(cancelled);
            }
            else if (waiting.Count > 0)
            {
                var stays = random.NextDouble() < sticky ? waiting.FindIndex(one => one.Actor == previous) : -1;
                var index = stays >= 0 ? stays : random.Next(waiting.Count);
                turn = waiting[index];
                waiting.RemoveAt(index);
                Note($"{turn.Actor} {turn.What}");
                Turns++;
            }
        }

        if (cancelled is not null)
        {
            Note("cancel");
            cancelled.Cancel();
        }

        return turn;
    }

    private void Note(string what)
    {
        lock (gate)
        {
            journal.Enqueue(what);
            if (journal.Count > 400)
                journal.Dequeue();
        }
    }

    private void Add(Turn turn)
    {
        lock (gate)
            waiting.Add(turn);
        Interlocked.Increment(ref arrivals);
    }

    private void Remove(Turn turn)
    {
        lock (gate)
            waiting.Remove(turn);
        Interlocked.Increment(ref arrivals);
    }

    private sealed class Turn(int actor, string what, Action run)
    {
        public int Actor => actor;

        public string What => what;

        public void Run() => run();
    }
}

/// <summary>A clock that stands where it is put; what waits for time to pass gets a turn instead.</summary>
internal sealed class TurnClock(Interleaving turns, DateTimeOffset start) : TimeProvider
{
    private DateTimeOffset now = start;

    public override DateTimeOffset GetUtcNow() => now;

    public void Advance(TimeSpan by) => now += by;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime != Timeout.InfiniteTimeSpan)
            turns.Post("timer", () => callback(state));
        return new Fired();
    }

    private sealed class Fired : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => false;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
