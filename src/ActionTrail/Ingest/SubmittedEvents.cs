using System.Globalization;
using ActionTrail.Events;
using ActionTrail.Events.CloudEvents;
using ActionTrail.Layout;
using ActionTrail.Segments;

namespace ActionTrail.Ingest;

/// <summary>
/// The events of one submission, read and judged before they have a place in the log. Bodies lie one behind the other; the facts are
/// kept so that the events can be put on a bench again and again, as often as the commit loses a race.
/// </summary>
internal sealed class SubmittedEvents(long receiveTimeMs) : INormalizedSink
{
    private const int MaxErrors = 100;

    private readonly List<Entry> entries = [];
    private readonly List<(string Field, RejectCode Code, string Rule, int Index)> faults = [];
    private readonly HashSet<string> accounts = new(StringComparer.Ordinal);
    private int records;
    private CancellationToken cancelled;

    public int Count => entries.Count;

    public long Bytes { get; private set; }

    public long ReceiveTimeMs => receiveTimeMs;

    public IReadOnlyCollection<string> Accounts => accounts;

    public bool HasFaults => faults.Count > 0;

    /// <summary>Reads one body. Events without an id get one that derives from their content, so that a repeated submission repeats its ids.</summary>
    /// <exception cref="OperationCanceledException">Looked for at each record: a body of 64 MiB keeps a core busy for seconds.</exception>
    /// <remarks>Stops when there are as many faults as an answer shows: small bodies inflate to millions of bad records.</remarks>
    public void Read(MessageNormalizer normalizer, ReadOnlySpan<byte> body, string? contentType, CloudEventAttributes? cloudEvent, CancellationToken cancellationToken)
    {
        cancelled = cancellationToken;
        try
        {
            normalizer.Normalize(body, new MessageOrigin(PartitionName.Api(0), SequenceNumber: 0, receiveTimeMs, contentType) { CloudEvent = cloudEvent }, this);
        }
        catch (EnoughFaultsException)
        {
            // Nothing of the submission is stored, whatever the rest is.
        }
    }

    /// <summary>Adds a fault to every event that belongs to none of <paramref name="allowed"/>.</summary>
    public void RefuseAccountsOutside(IReadOnlySet<string> allowed, RejectCode code, string rule)
    {
        foreach (var entry in entries)
        {
            if (!allowed.Contains(entry.AccountId))
                AddFault("/recipientAccountId", code, rule, entry.Index);
        }
    }

    /// <summary>Adds a fault to every event of the service.</summary>
    public void RefuseService(ReadOnlySpan<byte> service, RejectCode code, string rule)
    {
        var wanted = (EventAttribute.ServiceName, Hash64.Of(service));
        foreach (var entry in entries)
        {
            if (entry.Values.Contains(wanted) && EventMatcher.Has(entry.Body, EventAttribute.ServiceName, service))
                AddFault("/serviceName", code, rule, entry.Index);
        }
    }

    public IReadOnlyList<ApiError> Errors()
    {
        faults.Sort(static (a, b) => a.Index.CompareTo(b.Index));
        return [.. faults.Select(f => new ApiError(Pointer(f.Index, f.Field), f.Code, f.Rule))];
    }

    public IReadOnlyList<string> EventIds() => [.. entries.Select(static e => EventMatcher.EventId(e.Body) ?? throw new InvalidOperationException("A normalised event has no id."))];

    /// <summary>Puts the events on a bench under a sequence number.</summary>
    public void AddTo(SegmentBuilder builder, EventFacts facts, long sequenceNumber, int firstIndex)
    {
        foreach (var entry in entries)
        {
            facts.Clear();
            facts.AccountId = entry.AccountId;
            facts.EventTimeMs = entry.EventTimeMs;
            foreach (var (attribute, hash) in entry.Values)
                facts.Add(attribute, hash);
            builder.Add(entry.Body, facts, new EventCoordinates(sequenceNumber, firstIndex + entry.Index, receiveTimeMs));
        }
    }

    /// <summary>How many records the body held, good and bad.</summary>
    public int Records => records;

    void INormalizedSink.Accept(ReadOnlySpan<byte> body, EventFacts facts, int index)
    {
        cancelled.ThrowIfCancellationRequested();
        records = index + 1;
        if (HasFaults)
            return;
        var values = new (EventAttribute, ulong)[facts.ValueCount];
        for (var i = 0; i < values.Length; i++)
            values[i] = facts[i];
        entries.Add(new Entry(body.ToArray(), facts.AccountId, facts.EventTimeMs, values, index));
        accounts.Add(facts.AccountId);
        Bytes += body.Length;
    }

    void INormalizedSink.Reject(ReadOnlySpan<byte> record, Rejection reason, int index)
    {
        cancelled.ThrowIfCancellationRequested();
        records = index + 1;
        AddFault(reason.Field ?? "", reason.Code, reason.Rule, index);
        if (faults.Count == MaxErrors)
            throw new EnoughFaultsException();
    }

    private void AddFault(string field, RejectCode code, string rule, int index)
    {
        if (faults.Count < MaxErrors)
            faults.Add((field, code, rule, index));
    }

    /// <summary>Set when the body is one JSON object, whose pointers have no index.</summary>
    public bool IsOneObject { get; set; }

    private string Pointer(int index, string field) => IsOneObject && records == 1 ? field : string.Create(CultureInfo.InvariantCulture, $"/{index}{field}");

    private sealed class EnoughFaultsException : Exception;

    private sealed record Entry(byte[] Body, string AccountId, long EventTimeMs, (EventAttribute Attribute, ulong Hash)[] Values, int Index);
}
