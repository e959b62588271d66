using System.Buffers;

namespace ActionTrail.Cli.Send;

/// <summary>Where a record came from.</summary>
internal readonly record struct RecordPlace(long Number, long Line);

/// <summary>A record that was refused, here or by the service.</summary>
/// <param name="Place">Where it is in the input.</param>
/// <param name="Bytes">The record; of one that is broken, what was read of it.</param>
/// <param name="Pointer">JSON pointer into the record; empty for the whole.</param>
/// <param name="Rule">The rule it breaks.</param>
internal sealed record RefusedRecord(RecordPlace Place, ReadOnlyMemory<byte> Bytes, string Pointer, string Rule);

/// <summary>Records of one form that are sent in one body, within bounds of count and bytes, and the broken ones found among them.</summary>
internal sealed class RecordBatch(BatchLimits limits)
{
    private readonly ArrayBufferWriter<byte> bytes = new(4096);
    private readonly List<(int Start, int Length, RecordPlace Place, bool IsText)> records = [];
    private readonly List<RefusedRecord> broken = [];
    private BodyForm form;

    /// <summary>Number of the batch in the input, from 0.</summary>
    public long Number { get; init; }

    public int Count => records.Count;

    public IReadOnlyList<RefusedRecord> Broken => broken;

    /// <summary>The place behind its last record; set when the batch is complete.</summary>
    public ReadPosition End { get; set; } = ReadPosition.Begin;

    /// <summary>Bytes of the broken ones.</summary>
    public long BrokenBytes { get; private set; }

    public string ContentType => form.ContentType();

    public RecordPlace this[int index] => records[index].Place;

    /// <summary>Whether the record may go into this batch. The first always may.</summary>
    public bool Fits(in InputRecord record)
    {
        if (records.Count == 0)
            return true;
        // JSON text in a string may hold many records: alone in its body, every answer is about it.
        if (record.Form != form || records.Count >= limits.Records || records[0].IsText || record.Bytes.Span[0] == '"')
            return false;
        return Bytes + record.Bytes.Length + form.Between().Length <= limits.Bytes;
    }

    public void Add(in InputRecord record)
    {
        form = record.Form;
        records.Add((bytes.WrittenCount, record.Bytes.Length, new RecordPlace(record.Number, record.Line), record.Bytes.Span[0] == '"'));
        bytes.Write(record.Bytes.Span);
    }

    public void AddBroken(in InputRecord record)
    {
        broken.Add(new RefusedRecord(new RecordPlace(record.Number, record.Line), record.Bytes.ToArray(), "", record.Fault!));
        BrokenBytes += record.Bytes.Length;
    }

    public ReadOnlyMemory<byte> Record(int index) => bytes.WrittenMemory.Slice(records[index].Start, records[index].Length);

    /// <summary>The body that holds these records, by their indices in the batch.</summary>
    public ReadOnlyMemory<byte> Body(IReadOnlyList<int> indices)
    {
        var body = new ArrayBufferWriter<byte>(bytes.WrittenCount + records.Count + 32);
        body.Write(form.Before());
        for (var i = 0; i < indices.Count; i++)
        {
            if (i > 0)
                body.Write(form.Between());
            body.Write(Record(indices[i]).Span);
        }

        body.Write(form.After());
        return body.WrittenMemory;
    }

    private int Bytes => bytes.WrittenCount + ((records.Count - 1) * form.Between().Length) + form.Before().Length + form.After().Length;
}
