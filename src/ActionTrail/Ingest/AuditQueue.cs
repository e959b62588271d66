using System.Threading.Channels;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Ingest;

/// <summary>
/// Our own events that nobody waits for: committed together within about a second, in order, again and again while the store
/// is away. When the queue is full its callers wait; nothing is dropped before the end of the process, save by a fault in the
/// program, which is logged as an error.
/// </summary>
internal sealed class AuditQueue : IAsyncDisposable
{
    private const int Capacity = 10_000;
    private const int MaxTogether = 1000;
    private const int AttemptsAtEnd = 5;
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly Channel<SubmittedEvents> queue = Channel.CreateBounded<SubmittedEvents>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly CancellationTokenSource ending = new();
    private readonly Func<IReadOnlyList<SubmittedEvents>, Task> commit;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Task loop;

    public AuditQueue(Func<IReadOnlyList<SubmittedEvents>, Task> commit, TimeProvider time, ILogger logger)
    {
        this.commit = commit;
        this.time = time;
        this.logger = logger;
        loop = Task.Run(RunAsync);
    }

    public ValueTask EnqueueAsync(SubmittedEvents events, CancellationToken cancellationToken) => queue.Writer.WriteAsync(events, cancellationToken);

    /// <summary>Takes no more and commits what waits, with a few attempts.</summary>
    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await ending.CancelAsync();
        await loop;
        ending.Dispose();
    }

    private async Task RunAsync()
    {
        var group = new List<SubmittedEvents>();
        while (await queue.Reader.WaitToReadAsync())
        {
            await PauseAsync(Linger);
            while (group.Count < MaxTogether && queue.Reader.TryRead(out var events))
                group.Add(events);
            await CommitAsync(group);
            group.Clear();
        }
    }

    private async Task CommitAsync(List<SubmittedEvents> group)
    {
        var pause = TimeSpan.FromSeconds(1);
        for (var attemptsAtEnd = 0; ;)
        {
            try
            {
                await commit(group);
                return;
            }
            catch (StoreException error) when (ending.IsCancellationRequested && ++attemptsAtEnd >= AttemptsAtEnd)
            {
                logger.AuditLost(group.Count, error);
                return;
            }
            catch (StoreException error)
            {
                logger.AuditWaits(group.Count, error);
                await PauseAsync(pause);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
#pragma warning disable CA1031 // A fault in the program: repeating would not help these events, and a dead loop would block every caller after them.
            catch (Exception error)
#pragma warning restore CA1031
            {
                logger.AuditFaulty(group.Count, error);
                return;
            }
        }
    }

    /// <summary>A pause that the end of the process cuts short.</summary>
    private async Task PauseAsync(TimeSpan length)
    {
        try
        {
            await Task.Delay(length, time, ending.Token);
        }
        catch (OperationCanceledException)
        {
            // The end has come: go on at once.
        }
    }
}
