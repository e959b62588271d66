using System.Text.Json;
using ActionTrail.Events;

namespace ActionTrail.Segments.Compact;

/// <summary>A row that waits until no copy of it can come any more.</summary>
internal sealed class PendingRow : IDisposable
{
    private readonly PooledBytes body = new();
    private readonly PooledArray<BuilderValue> values = new();

    public int BodyLength { get; private set; }

    /// <summary>The block whose skeleton and leaves make the event; null when the body itself is here.</summary>
    public ShreddedBlock? Shredded { get; private set; }

    public int ShreddedRow { get; private set; }

    public ReadOnlySpan<byte> Body => Shredded is null ? body.Written : Shredded.Event(ShreddedRow).Span;

    /// <summary>All values but event ids; of each hash the upper 32 bits.</summary>
    public ReadOnlySpan<BuilderValue> Values => values.Span;

    public long EventTimeMs { get; private set; }

    public uint IdPrefix { get; private set; }

    public EventCoordinates At { get; private set; }

    public CommitOrigin Origin { get; private set; }

    public void Set(in CompactRow row)
    {
        body.Reset();
        (Shredded, ShreddedRow, BodyLength) = (row.Shredded, row.ShreddedRow, row.BodyLength);
        if (Shredded is null)
            body.Write(row.Body);
        values.Clear();
        for (var i = 0; i < row.Facts.ValueCount; i++)
        {
            var (attribute, hash) = row.Facts[i];
            if (attribute != EventAttribute.EventId && (int)attribute < EventAttributes.Count)
                values.Add(new() { Attribute = (byte)attribute, Hash = hash >> 32 });
        }

        EventTimeMs = row.Facts.EventTimeMs;
        IdPrefix = CompactRow.IdPrefix(row.Facts);
        At = row.At;
        Origin = row.Origin;
    }

    /// <summary>Whether the other row is the same event: its id is, and the account that it names. The row's account and time are the same already.</summary>
    public bool IsCopyOf(in CompactRow other)
    {
        if (Body.SequenceEqual(other.Body) && other.Facts.Find(EventAttribute.EventId) is not null)
            return true;
        return Identity(Body) is { Id: not null } identity && identity == Identity(other.Body);
    }

    public bool IsCommittedAfter(in CompactRow other)
    {
        var order = Origin.CompareTo(other.Origin);
        return order != 0 ? order > 0 : (At.SequenceNumber, At.Index).CompareTo((other.At.SequenceNumber, other.At.Index)) > 0;
    }

    public int CompareCommits(PendingRow other)
    {
        var order = Origin.CompareTo(other.Origin);
        return order != 0 ? order : (At.SequenceNumber, At.Index).CompareTo((other.At.SequenceNumber, other.At.Index));
    }

    public long HeldBytes => body.HeldBytes + values.HeldBytes;

    /// <summary>Lets go of the block.</summary>
    public void Forget() => Shredded = null;

    public void Dispose()
    {
        body.Dispose();
        values.Dispose();
    }

    private static EventIdentity? Identity(ReadOnlySpan<byte> body)
    {
        try
        {
            return EventMatcher.Identity(body);
        }
        catch (JsonException)
        {
            // What is no JSON has no id and is nobody's copy.
            return null;
        }
    }
}
