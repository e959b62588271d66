using System.Text.Json;

namespace ActionTrail.Cli.Send;

/// <summary>
/// Takes the input apart into records without looking into them, holding one record at a time: values one after another (NDJSON), elements
/// of arrays, elements of the wrappers that <see cref="BodyForm"/> names, also in arrays.
/// </summary>
/// <remarks>
/// What is no JSON is handed out with its fault. As in the service, reading then goes on at the next line that begins with a bracket, and from
/// there on no record reaches over such a line. An element that is no JSON but whose brackets close costs only itself.
/// </remarks>
internal sealed class RecordSplitter(Stream input, int maxRecordBytes, bool hashes) : IDisposable
{
    private const string NotJson = "A record is valid JSON.";
    private const string BrokenArray = "The array breaks off here, or is not closed.";
    private const string MixedWrapper = "An object with 'records' has no fields of an event beside it, and no second 'records'.";
    private const string DamagedGzip = "The gzip data is damaged or cut off here; nothing behind it can be read.";

    private readonly InputBuffer buffer = new(input, hashes);
    private readonly string tooLarge = $"A record has at most {maxRecordBytes:N0} bytes.";
    private readonly Stack<Place> inside = new();
    private BodyForm looseForm = BodyForm.Lines;
    private bool isBroken;
    private bool isSkipping;
    private bool isOver;
    private int current;
    private bool hasCurrent;
    private long records;

    private enum Place
    {
        Array,
        LowerRecords,
        UpperRecords,
        Events,
        WrapperEnd,
    }

    /// <summary>The end of the last record that was consumed. It does not depend on what follows there, which may still grow.</summary>
    public ReadPosition Position { get; private set; } = ReadPosition.Begin;

    private BodyForm Form => !inside.TryPeek(out var place) ? looseForm : place switch
    {
        Place.LowerRecords => BodyForm.LowerRecords,
        Place.UpperRecords => BodyForm.UpperRecords,
        Place.Events => BodyForm.Events,
        _ => BodyForm.Array,
    };

    /// <summary>Moves behind the record that was read last.</summary>
    public void Consume()
    {
        if (!hasCurrent)
            return;
        buffer.Consume(current);
        hasCurrent = false;
        Position = new ReadPosition(++records, buffer.Offset, buffer.Sha256);
    }

    /// <summary>The next record; null at the end.</summary>
    public async ValueTask<InputRecord?> ReadAsync(CancellationToken cancellationToken)
    {
        Consume();
        try
        {
            while (!isOver)
            {
                if (isSkipping)
                    await SkipBrokenAsync(cancellationToken);
                if (await AtTokenAsync(cancellationToken))
                {
                    var found = inside.TryPeek(out var place) && place == Place.WrapperEnd ? await LeaveWrapperAsync(cancellationToken) : await ReadTokenAsync(cancellationToken);
                    if (found is not null)
                        return found;
                }
                else
                {
                    isOver = true;
                    if (inside.Count > 0)
                        return Hand(0, BrokenArray);
                }
            }

            return null;
        }
        catch (InvalidDataException)
        {
            isOver = true;
            return Hand(buffer.Rest.Length, DamagedGzip);
        }
    }

    public void Dispose() => buffer.Dispose();

    /// <summary>Moves to the next byte that is no white space; false at the end.</summary>
    private async ValueTask<bool> AtTokenAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var blank = buffer.Rest.Span.IndexOfAnyExcept(" \t\r\n"u8);
            buffer.Consume(blank < 0 ? buffer.Rest.Length : blank);
            if (blank >= 0)
                return true;
            if (buffer.IsWhole)
                return false;
            await buffer.FillAsync(cancellationToken);
        }
    }

    // At a byte that is no white space. Null: it was consumed and is no record.
    private async ValueTask<InputRecord?> ReadTokenAsync(CancellationToken cancellationToken)
    {
        var token = buffer.Rest.Span[0];
        var isInside = inside.Count > 0;
        if (isInside && token == ']')
        {
            buffer.Consume(1);
            if (inside.Pop() is not Place.Array)
                inside.Push(Place.WrapperEnd);
            return null;
        }

        // Between the elements of an array, and what is left of one that broke.
        if (token == ',' ? isInside || isBroken : isBroken && !isInside && token is (byte)']' or (byte)'}')
        {
            buffer.Consume(1);
            return null;
        }

        if (!isInside && token == '[')
        {
            buffer.Consume(1);
            inside.Push(Place.Array);
            return null;
        }

        return await ReadValueAsync(cancellationToken);
    }

    private async ValueTask<InputRecord?> ReadValueAsync(CancellationToken cancellationToken)
    {
        var mayWrap = !inside.TryPeek(out var place) || place == Place.Array;
        var scan = new ValueScan(mayWrap, isBroken);
        switch (await ScanAsync(scan, cancellationToken))
        {
            case ScanOutcome.Wrapper:
                buffer.Consume(scan.Position);
                inside.Push(scan.Wrapper switch { BodyForm.UpperRecords => Place.UpperRecords, BodyForm.Events => Place.Events, _ => Place.LowerRecords });
                return null;
            case ScanOutcome.Complete when IsJson(buffer.Rest.Span[..scan.Position]):
                return Hand(scan.Position, scan.Position > maxRecordBytes ? tooLarge : null);
            case ScanOutcome.Complete when inside.Count > 0:
                return Hand(scan.Position, NotJson);
            case ScanOutcome.NeedsMore:
                return await BreakAsync(tooLarge, cancellationToken);
            default:
                return await BreakAsync(inside.Count > 0 ? BrokenArray : NotJson, cancellationToken);
        }
    }

    // Behind the records of a wrapper: its other fields are passed over, as the service does, but none of an event.
    private async ValueTask<InputRecord?> LeaveWrapperAsync(CancellationToken cancellationToken)
    {
        var scan = new ValueScan(mayWrap: false, isBroken, depth: 1);
        var outcome = await ScanAsync(scan, cancellationToken);
        if (outcome != ScanOutcome.Complete)
            return await BreakAsync(BrokenArray, cancellationToken);
        inside.Pop();
        var rest = buffer.Rest.Span[..scan.Position];
        if (rest.Length == 1)
        {
            buffer.Consume(1);
            return null;
        }

        byte[] others = [(byte)'{', .. rest.TrimStart(", \t\r\n"u8)];
        if (!IsJson(others) || ValueScan.HasEventFields(others) || HasRecords(others))
            return Hand(scan.Position, MixedWrapper);
        buffer.Consume(scan.Position);
        return null;
    }

    /// <summary>Scans with as many bytes as it takes; <see cref="ScanOutcome.NeedsMore"/> when the value is longer than any may be.</summary>
    private async ValueTask<ScanOutcome> ScanAsync(ValueScan scan, CancellationToken cancellationToken)
    {
        while (true)
        {
            var outcome = scan.Advance(buffer.Rest.Span, buffer.IsWhole);
            if (outcome != ScanOutcome.NeedsMore || buffer.Rest.Length > maxRecordBytes)
                return outcome;
            await buffer.FillAsync(cancellationToken);
        }
    }

    // The broken record ends where the next line begins with a bracket. When that is too far away, what follows is skipped unseen.
    private async ValueTask<InputRecord?> BreakAsync(string fault, CancellationToken cancellationToken)
    {
        looseForm = Form;
        inside.Clear();
        isBroken = true;
        var searched = 0;
        while (true)
        {
            var (line, next) = NextLine(buffer.Rest.Span, searched);
            if (line >= 0)
                return Hand(line, fault, looseForm);
            if (buffer.IsWhole || buffer.Rest.Length > maxRecordBytes)
            {
                isSkipping = !buffer.IsWhole;
                return Hand(buffer.Rest.Length, fault, looseForm);
            }

            searched = next;
            await buffer.FillAsync(cancellationToken);
        }
    }

    private async ValueTask SkipBrokenAsync(CancellationToken cancellationToken)
    {
        isSkipping = false;
        while (true)
        {
            var (line, _) = NextLine(buffer.Rest.Span, 0);
            if (line >= 0 || buffer.IsWhole)
            {
                buffer.Consume(line >= 0 ? line : buffer.Rest.Length);
                return;
            }

            // The last byte stays: it may be the line break before a bracket.
            buffer.Consume(Math.Max(0, buffer.Rest.Length - 1));
            await buffer.FillAsync(cancellationToken);
        }
    }

    /// <summary>Where a line begins with a bracket, and how far there is none.</summary>
    private static (int Line, int Searched) NextLine(ReadOnlySpan<byte> text, int from)
    {
        while (text[from..].IndexOf((byte)'\n') is var next and >= 0)
        {
            if (from + next + 1 >= text.Length)
                return (-1, from + next);
            from += next + 1;
            if (text[from] is (byte)'{' or (byte)'[')
                return (from, from);
        }

        return (-1, text.Length);
    }

    private static bool IsJson(ReadOnlySpan<byte> value)
    {
        var reader = new Utf8JsonReader(value, new JsonReaderOptions { MaxDepth = int.MaxValue });
        try
        {
            while (reader.Read())
            {
                // Only whether it can be read.
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool HasRecords(ReadOnlySpan<byte> members)
    {
        var reader = new Utf8JsonReader(members, new JsonReaderOptions { MaxDepth = int.MaxValue });
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && ValueScan.WrapperOf(reader.ValueSpan) is not null)
                return true;
        }

        return false;
    }

    private InputRecord Hand(int length, string? fault) => Hand(length, fault, Form);

    private InputRecord Hand(int length, string? fault, BodyForm form)
    {
        current = length;
        hasCurrent = true;
        return new InputRecord(buffer.Rest[..length], form, records + 1, buffer.Line, fault);
    }
}
