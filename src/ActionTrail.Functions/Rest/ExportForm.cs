using System.Buffers;
using System.Text.Json;

namespace ActionTrail.Functions.Rest;

/// <summary>
/// How an export is written. What separates two events comes before the second one, and the last byte of all is a line break that nothing else
/// ends with: a file without it is not whole.
/// </summary>
internal abstract class ExportForm
{
    protected const byte LineFeed = (byte)'\n';

    private bool hasEvents;

    public abstract string ContentType { get; }

    public virtual void Begin(IBufferWriter<byte> output)
    {
    }

    public void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> body)
    {
        WriteOne(output, body, isFirst: !hasEvents);
        hasEvents = true;
    }

    public void End(IBufferWriter<byte> output) => WriteEnd(output, isEmpty: !hasEvents);

    protected abstract void WriteOne(IBufferWriter<byte> output, ReadOnlySpan<byte> body, bool isFirst);

    protected abstract void WriteEnd(IBufferWriter<byte> output, bool isEmpty);

    /// <summary>An event on one line: line breaks stand only between its tokens, where a blank does as well.</summary>
    protected static void WriteLine(IBufferWriter<byte> output, ReadOnlySpan<byte> body, EventShape shape)
    {
        var kept = EventSource.Show(body, shape);
        var target = output.GetSpan(kept.Length)[..kept.Length];
        kept.CopyTo(target);
        target.Replace((byte)'\n', (byte)' ');
        target.Replace((byte)'\r', (byte)' ');
        output.Advance(kept.Length);
    }
}

/// <summary>One event per line.</summary>
internal sealed class NdjsonForm(EventShape shape) : ExportForm
{
    public override string ContentType => "application/x-ndjson";

    protected override void WriteOne(IBufferWriter<byte> output, ReadOnlySpan<byte> body, bool isFirst)
    {
        if (!isFirst)
            output.Write([LineFeed]);
        WriteLine(output, body, shape);
    }

    protected override void WriteEnd(IBufferWriter<byte> output, bool isEmpty)
    {
        if (!isEmpty)
            output.Write([LineFeed]);
    }
}

/// <summary>One JSON array, an event per line.</summary>
internal sealed class JsonArrayForm(EventShape shape) : ExportForm
{
    public override string ContentType => "application/json";

    protected override void WriteOne(IBufferWriter<byte> output, ReadOnlySpan<byte> body, bool isFirst)
    {
        output.Write(isFirst ? "[\n"u8 : ",\n"u8);
        WriteLine(output, body, shape);
    }

    protected override void WriteEnd(IBufferWriter<byte> output, bool isEmpty) => output.Write(isEmpty ? "[]\n"u8 : "\n]\n"u8);
}

/// <summary>RFC 4180 with a header, a line per event; values that spreadsheets would compute are neutralised.</summary>
internal sealed class CsvForm(IReadOnlyList<CsvColumn> columns) : ExportForm
{
    public override string ContentType => "text/csv; charset=utf-8; header=present";

    public override void Begin(IBufferWriter<byte> output) => output.Write(System.Text.Encoding.UTF8.GetBytes(string.Join(',', columns.Select(static c => c.Name))));

    protected override void WriteOne(IBufferWriter<byte> output, ReadOnlySpan<byte> body, bool isFirst)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = int.MaxValue });
        using var json = JsonDocument.ParseValue(ref reader);
        output.Write("\r\n"u8);
        output.Write(System.Text.Encoding.UTF8.GetBytes(string.Join(',', columns.Select(column => Field(column.Of(json.RootElement))))));
    }

    protected override void WriteEnd(IBufferWriter<byte> output, bool isEmpty) => output.Write("\r\n"u8);

    /// <summary>A value as a field: a leading sign that makes a formula, full-width too, a tab or a line break gets an apostrophe before it.</summary>
    internal static string Field(string value)
    {
        var isFormula = value.Length > 0 && value[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n' or '\uff1d' or '\uff0b' or '\uff0d' or '\uff20';
        return isFormula || value.AsSpan().IndexOfAny(",\"\r\n") >= 0
            ? $"\"{(isFormula ? "'" : "")}{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : value;
    }
}
