using System.Collections.Concurrent;
using System.Collections.Frozen;
using ActionTrail.Events;
using ActionTrail.Events.CloudEvents;
using ActionTrail.Layout;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Ingest;

/// <summary>Events accepted over HTTP and our own audit events: judged at once, committed in groups, acknowledged after the commit.</summary>
public sealed class ApiIngest : IAsyncDisposable
{
    /// <summary>Partitions of the log that take them; more of them let more instances commit at once.</summary>
    public const int PartitionCount = 4;

    private const string OwnAccount = "An event belongs to the account that sends it.";
    private const string OwnService = "Events of the service ActionTrail are made here; only the operator may bring some from elsewhere.";
    private const string KnownAccount = "The account of an event exists before the event is sent.";

    /// <summary>The service name of our own audit events: from a tenant it would be a forged record of a call.</summary>
    private static readonly byte[] ActionTrail = "ActionTrail"u8.ToArray();

    private readonly IAccountAdmission admission;
    private readonly IngestOptions options;
    private readonly TimeProvider time;
    private readonly ApiPartitionWriter[] writers;
    private readonly AuditQueue audit;
    private readonly ConcurrentBag<MessageNormalizer> normalizers = [];
    private readonly BodyTurns turns = new();
    private int turn = -1;

    public ApiIngest(CommitLog log, IObjectStore objects, IAccountAdmission admission, IngestOptions options, TimeProvider time, ILogger<ApiIngest> logger)
    {
        this.admission = admission;
        this.options = options;
        this.time = time;
        var benches = new IngestBenches(options.Normalizer);
        writers = [.. Enumerable.Range(0, PartitionCount).Select(n => new ApiPartitionWriter(PartitionName.Api(n), log, objects, benches, time, logger))];
        audit = new AuditQueue(events => NextWriter().CommitAsync(events, CancellationToken.None), time, logger);
    }

    /// <summary>Stores all events of the submission, durably, or none.</summary>
    /// <exception cref="OperationCanceledException">Nobody waits for it any more. While the body is read: nothing is stored.</exception>
    /// <exception cref="StoreException">Throttled, Denied: nothing is stored. Unavailable: perhaps it is; the same submission may be repeated, since its events keep their ids and a lookup shows an id once.</exception>
    public async Task<ApiIngestResult> SubmitAsync(ApiSubmission submission, CancellationToken cancellationToken)
    {
        using var large = await turns.WaitAsync(submission.Body, submission.AccountId ?? "", cancellationToken);
        var (plain, fault) = submission is { CloudEvent: not null, Body.IsEmpty: true } ? (submission.Body, null) : ApiBody.Open(submission.Body);
        if (fault is not null)
            return new ApiIngestResult { Errors = [fault] };
        if (plain.Length <= BodyTurns.LargeBytes)
            large.Dispose();
        var posted = Read(plain.Span, submission.ContentType, submission.CloudEvent, cancellationToken);
        posted.IsOneObject = submission.CloudEvent is not null || IsObject(plain.Span);
        if (posted is { Count: 0, HasFaults: false })
            return new ApiIngestResult { Errors = [ApiBody.Empty] };
        if (!posted.HasFaults)
            await JudgeAccountsAsync(posted, submission.AccountId, cancellationToken);
        if (posted.HasFaults)
            return new ApiIngestResult { Errors = posted.Errors() };
        IReadOnlyList<SubmittedEvents> together = [posted, .. submission.ExtraEvents.Select(ReadOwn)];
        await NextWriter().CommitAsync(together, cancellationToken);
        return new ApiIngestResult { EventIds = posted.EventIds() };
    }

    /// <summary>Stores one of our own events. The account need not be checked: the caller knows it.</summary>
    /// <param name="eventJson">One valid event.</param>
    /// <param name="durable">True: returns after the commit. False: returns when the event is queued, is committed within about a second, and waits when 10,000 are queued.</param>
    /// <param name="cancellationToken">Stops waiting; the event may be stored all the same.</param>
    /// <exception cref="ArgumentException">It is no valid event.</exception>
    /// <exception cref="StoreException">Durable only, as <see cref="SubmitAsync"/>.</exception>
    public async Task AppendAsync(ReadOnlyMemory<byte> eventJson, bool durable, CancellationToken cancellationToken)
    {
        var own = ReadOwn(eventJson);
        if (durable)
            await NextWriter().CommitAsync([own], cancellationToken);
        else
            await audit.EnqueueAsync(own, cancellationToken);
    }

    /// <summary>Commits what waits. Call it last: a submission that comes later fails.</summary>
    public async ValueTask DisposeAsync()
    {
        await audit.DisposeAsync();
        foreach (var writer in writers)
            await writer.DisposeAsync();
    }

    private async Task JudgeAccountsAsync(SubmittedEvents posted, string? callerAccount, CancellationToken cancellationToken)
    {
        if (callerAccount is not null)
        {
            posted.RefuseService(ActionTrail, RejectCode.BadValue, OwnService);
            posted.RefuseAccountsOutside(new[] { callerAccount }.ToFrozenSet(StringComparer.Ordinal), RejectCode.BadValue, OwnAccount);
            return;
        }

        var admitted = await admission.AdmitAsync(posted.Accounts, createOnSight: false, cancellationToken);
        posted.RefuseAccountsOutside(admitted, RejectCode.UnknownAccount, KnownAccount);
    }

    private SubmittedEvents Read(ReadOnlySpan<byte> body, string? contentType, CloudEventAttributes? cloudEvent, CancellationToken cancellationToken)
    {
        var events = new SubmittedEvents(time.GetUtcNow().ToUnixTimeMilliseconds());
        var normalizer = normalizers.TryTake(out var idle) ? idle : new MessageNormalizer(options.Normalizer);
        events.Read(normalizer, body, contentType, cloudEvent, cancellationToken);
        if (normalizers.Count < Environment.ProcessorCount)
            normalizers.Add(normalizer);
        return events;
    }

    private SubmittedEvents ReadOwn(ReadOnlyMemory<byte> eventJson)
    {
        var own = Read(eventJson.Span, contentType: null, cloudEvent: null, CancellationToken.None);
        if (own.HasFaults || own.Count != 1)
            throw new ArgumentException("Our own event is not valid: " + string.Join(' ', own.Errors().Select(static e => $"{e.Pointer} {e.Rule}")), nameof(eventJson));
        return own;
    }

    private ApiPartitionWriter NextWriter() => writers[(uint)Interlocked.Increment(ref turn) % PartitionCount];

    private static bool IsObject(ReadOnlySpan<byte> body)
    {
        var text = body.StartsWith("\uFEFF"u8) ? body[3..] : body;
        return text.TrimStart(" \t\r\n"u8) is [(byte)'{', ..];
    }
}
