using System.Text;
using System.Text.Json;

namespace ActionTrail.Cli.Output;

/// <summary>Writes records, one after another, in one form. What is written is on its way when the method returns.</summary>
internal abstract class RecordWriter(Surroundings around)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Records written.</summary>
    public int Count { get; private set; }

    protected Surroundings Around { get; } = around;

    /// <param name="form">The form.</param>
    /// <param name="columns">For tables and CSV.</param>
    /// <param name="isStreaming">Records come one by one over time, not a page at once.</param>
    /// <param name="around">Where to write.</param>
    public static RecordWriter Create(OutputForm form, IReadOnlyList<Column> columns, bool isStreaming, Surroundings around) => form switch
    {
        OutputForm.Table => new TableWriter(columns, isStreaming, around),
        OutputForm.Json => new JsonWriter(around, isArray: true),
        OutputForm.Ndjson => new JsonWriter(around, isArray: false),
        OutputForm.Csv => new CsvWriter(columns, around),
        _ => throw new ArgumentOutOfRangeException(nameof(form)),
    };

    /// <summary>Writes one batch of records.</summary>
    /// <exception cref="OutputClosedException">Nobody reads any more.</exception>
    public void Write(IReadOnlyList<JsonElement> records)
    {
        var text = new StringBuilder();
        Append(text, records);
        Count += records.Count;
        Send(text);
    }

    /// <summary>Writes what belongs behind the last record.</summary>
    public void Finish()
    {
        var text = new StringBuilder();
        AppendEnd(text);
        Send(text);
    }

    protected abstract void Append(StringBuilder text, IReadOnlyList<JsonElement> records);

    protected virtual void AppendEnd(StringBuilder text)
    {
    }

    private void Send(StringBuilder text)
    {
        if (text.Length == 0)
            return;
        try
        {
            Around.Output.Write(Utf8.GetBytes(text.ToString()));
            Around.Output.Flush();
        }
        catch (IOException e)
        {
            throw new OutputClosedException(e);
        }
    }
}
