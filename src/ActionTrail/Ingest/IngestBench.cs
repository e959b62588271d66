using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Segments;

namespace ActionTrail.Ingest;

/// <summary>
/// What one commit is put together on: messages in, a segment and quarantined records out. One user at a time; the buffers are
/// kept between commits.
/// </summary>
internal sealed class IngestBench(NormalizerOptions options) : INormalizedSink, IDisposable
{
    private static readonly ulong OwnService = Hash64.Of("ActionTrail"u8);

    private static readonly Rejection OwnServiceRefused =
        new(RejectCode.BadValue, "/serviceName", "Events of the service ActionTrail are made here; only the operator may bring some from elsewhere, over HTTP.");

    private readonly MessageNormalizer normalizer = new(options);
    private readonly List<QuarantineRecord> quarantined = [];
    private MessageOrigin origin;

    public SegmentBuilder Builder { get; } = new();

    public IReadOnlyList<QuarantineRecord> Quarantined => quarantined;

    /// <summary>Bytes of events and of quarantined records so far.</summary>
    public long Bytes { get; private set; }

    public int Count => Builder.Count + quarantined.Count;

    public void Normalize(ReadOnlySpan<byte> message, in MessageOrigin from)
    {
        origin = from;
        normalizer.Normalize(message, from, this);
    }

    public void Quarantine(QuarantineRecord record)
    {
        quarantined.Add(record);
        Bytes += record.Raw.Length;
    }

    /// <summary>Moves the events of accounts that do not exist to quarantine, and puts the quarantined records in order.</summary>
    public async Task SettleAccountsAsync(IAccountAdmission admission, bool createOnSight, CancellationToken cancellationToken)
    {
        var accounts = Builder.Accounts.Order(StringComparer.Ordinal).ToArray();
        if (accounts.Length > 0)
        {
            var admitted = await admission.AdmitAsync(accounts, createOnSight, cancellationToken);
            foreach (var account in accounts)
            {
                if (account == AccountIds.Operator)
                    Builder.Remove(account, QuarantineReserved);
                else if (!admitted.Contains(account))
                    Builder.Remove(account, QuarantineUnknown);
            }
        }

        quarantined.Sort(static (a, b) => (a.SequenceNumber, a.Index).CompareTo((b.SequenceNumber, b.Index)));
    }

    public void Clear()
    {
        Builder.Clear();
        quarantined.Clear();
        Bytes = 0;
    }

    public void Dispose() => Builder.Dispose();

    void INormalizedSink.Accept(ReadOnlySpan<byte> body, EventFacts facts, int index)
    {
        // Whoever holds a key of the hub could otherwise forge the record of a call that was never made.
        if (origin.Partition.IsHub && facts.Find(EventAttribute.ServiceName) == OwnService && EventMatcher.Has(body, EventAttribute.ServiceName, "ActionTrail"u8))
        {
            Quarantine(new QuarantineRecord(origin.SequenceNumber, index, origin.ReceiveTimeMs, OwnServiceRefused, body.ToArray()));
            return;
        }

        Builder.Add(body, facts, new EventCoordinates(origin.SequenceNumber, index, origin.ReceiveTimeMs));
        Bytes += body.Length;
    }

    void INormalizedSink.Reject(ReadOnlySpan<byte> record, Rejection reason, int index) =>
        Quarantine(new QuarantineRecord(origin.SequenceNumber, index, origin.ReceiveTimeMs, reason, record.ToArray()));

    private void QuarantineUnknown(ReadOnlySpan<byte> body, in EventCoordinates at) =>
        Quarantine(body, at, "The account of an event exists before the event is stored.");

    private void QuarantineReserved(ReadOnlySpan<byte> body, in EventCoordinates at) =>
        Quarantine(body, at, "The account 'operator' is reserved for the operator's own audit events.");

    private void Quarantine(ReadOnlySpan<byte> body, in EventCoordinates at, string rule) =>
        Quarantine(new QuarantineRecord(at.SequenceNumber, at.Index, at.ReceiveTimeMs, new Rejection(RejectCode.UnknownAccount, Field: null, rule), body.ToArray()));
}
