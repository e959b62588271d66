using System.Globalization;
using System.Text;
using System.Threading.Channels;

namespace ActionTrail.Cli.Send;

/// <summary>
/// <c>events send</c>: 1 splits the input, 2 sends batches side by side, 3 settles them in the order of the input, 4 notes on disk how far
/// everything is settled. Memory holds the batches under way and no more.
/// </summary>
internal sealed class EventSend(ISendTarget target, SendOptions options, Surroundings around)
{
    private static readonly TimeSpan NoteEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly ResumeFile? resume = options.Resume is null ? null : new ResumeFile(options.Resume, target.Description);
    private AcknowledgedOrder order = new(new SendTotals(ReadPosition.Begin, 0, 0));
    private long noted;
    private bool isStopped;

    /// <returns><see cref="ExitCode.Ok"/> or <see cref="ExitCode.Refused"/>.</returns>
    /// <exception cref="CliException">The input or a file cannot be used, or the target is away; what was settled is noted.</exception>
    /// <exception cref="OperationCanceledException">Interrupted; what was settled is noted and told.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var begin = resume?.Read();
        order = new AcknowledgedOrder(begin ?? new SendTotals(ReadPosition.Begin, 0, 0));
        await using var input = await InputFile.OpenAsync(options.Input, around.Input, cancellationToken);
        using var splitter = new RecordSplitter(input, target.MaxBodyBytes - 64, hashes: resume is not null);
        if (begin is not null)
            await SkipAsync(splitter, begin, cancellationToken);
        using var report = new RefusalReport(around, options.Input, options.Rejects, appends: begin is not null);
        using var progress = new SendProgress(around);
        try
        {
            await SendAsync(splitter, report, progress, cancellationToken);
        }
        catch (Exception e) when (e is CliException or OperationCanceledException)
        {
            progress.Clear();
            around.Tell(Remain());
            throw;
        }
        finally
        {
            Note(report, always: true);
        }

        progress.Clear();
        return Finish(begin, progress);
    }

    private int Finish(SendTotals? begin, SendProgress progress)
    {
        var totals = order.Settled;
        if (isStopped)
            around.Tell(Remain());
        else if (totals.End.Records == 0)
            around.Tell("there are no records in the input");
        around.Tell(progress.Text() + (begin is null ? "" : string.Create(CultureInfo.InvariantCulture, $"; with earlier runs {totals.Accepted:N0} sent, {totals.Refused:N0} refused")));
        if (options.WritesSummary)
        {
            var state = isStopped ? "stopped" : "done";
            around.Output.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"state":"{{state}}","accepted":{{totals.Accepted}},"refused":{{totals.Refused}},"records":{{totals.End.Records}}}""") + "\n"));
            around.Output.Flush();
        }

        return isStopped || totals.Refused > 0 ? ExitCode.Refused : ExitCode.Ok;
    }

    // What was settled before is read again: it must be what it was, and how arrays and wrappers nest is known only from the beginning.
    private async Task SkipAsync(RecordSplitter splitter, SendTotals begin, CancellationToken cancellationToken)
    {
        while (splitter.Position.Records < begin.End.Records && await splitter.ReadAsync(cancellationToken) is not null)
            splitter.Consume();
        if (begin.End.Records > 0 && splitter.Position != begin.End)
            throw new CliException(ExitCode.Usage, $"The input is not what {options.Resume} was written for: its first {begin.End.Records} records have changed. Remove the resume file to send all of it; events that are there already are not stored twice.");
        around.Tell(string.Create(CultureInfo.InvariantCulture, $"going on behind record {begin.End.Records:N0}"));
    }

    private async Task SendAsync(RecordSplitter splitter, RefusalReport report, SendProgress progress, CancellationToken cancellationToken)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var batches = Channel.CreateBounded<RecordBatch>(new BoundedChannelOptions(1) { SingleWriter = true });
        var idle = options.Input == "-" ? Idle : default(TimeSpan?);
        var reader = new BatchReader(splitter, options.Limits, options.StopsAtRefusal, idle, around.Time);
        var work = Enumerable.Range(0, options.Concurrency)
            .Select(_ => GuardAsync(() => WorkAsync(batches.Reader, report, progress, failed.Token), failed))
            .Append(GuardAsync(() => ReadAsync(reader, batches.Writer, failed.Token), failed));
        try
        {
            await Task.WhenAll(work);
        }
        catch (OperationCanceledException) when (isStopped && !cancellationToken.IsCancellationRequested)
        {
            // A refused record ended the run; that is its outcome, not a failure.
        }
    }

    // The first that fails stops the others; theirs are only cancellations, and WhenAll prefers the failure.
    private static async Task GuardAsync(Func<Task> part, CancellationTokenSource failed)
    {
        try
        {
            await Task.Run(part, failed.Token);
        }
        catch
        {
            await failed.CancelAsync();
            throw;
        }
    }

    private async Task ReadAsync(BatchReader reader, ChannelWriter<RecordBatch> batches, CancellationToken cancellationToken)
    {
        var pace = new Pace(options.Rate, around.Time);
        while (await reader.ReadAsync(cancellationToken) is { } batch)
        {
            await pace.WaitAsync(batch.Count, cancellationToken);
            await batches.WriteAsync(batch, cancellationToken);
        }

        batches.Complete();
    }

    private async Task WorkAsync(ChannelReader<RecordBatch> batches, RefusalReport report, SendProgress progress, CancellationToken cancellationToken)
    {
        var sender = new BatchSender(target, options.ContentType, options.StopsAtRefusal);
        await foreach (var batch in batches.ReadAllAsync(cancellationToken))
        {
            var refused = await sender.SendAsync(batch, cancellationToken);
            Settle(batch, refused, report, progress);
        }
    }

    private void Settle(RecordBatch batch, IReadOnlyList<RefusedRecord> refused, RefusalReport report, SendProgress progress)
    {
        lock (gate)
        {
            var refusedRecords = refused.Select(static r => r.Place.Number).Distinct().Count();
            if (refusedRecords > 0)
            {
                progress.Clear();
                report.Add(refused);
            }

            if (refusedRecords > 0 && options.StopsAtRefusal)
            {
                isStopped = true;
                progress.Add(0, refusedRecords);
                throw new OperationCanceledException();
            }

            var accepted = batch.Count + batch.Broken.Count - refusedRecords;
            progress.Add(accepted, refusedRecords);
            order.Complete(batch.Number, new SendTotals(batch.End, accepted, refusedRecords));
            Note(report, always: false);
        }
    }

    private void Note(RefusalReport report, bool always)
    {
        if (resume is null || (!always && around.Time.GetElapsedTime(noted) < NoteEvery && noted != 0))
            return;
        lock (gate)
        {
            report.Flush();
            resume.Write(order.Settled);
            noted = around.Time.GetTimestamp();
        }
    }

    private string Remain()
    {
        var records = order.Settled.End.Records;
        var again = options.Resume is null
            ? "sending all of it again stores nothing twice; --resume FILE would go on where a run ended"
            : $"the same command goes on there (--resume {options.Resume})";
        return string.Create(CultureInfo.InvariantCulture, $"everything up to record {records:N0} is settled; {again}");
    }
}
