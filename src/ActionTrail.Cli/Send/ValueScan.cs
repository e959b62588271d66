using System.Buffers;
using System.Text.Json;

namespace ActionTrail.Cli.Send;

/// <summary>What the bytes at hand say about a value.</summary>
internal enum ScanOutcome
{
    /// <summary>The value ends at <see cref="ValueScan.Position"/>.</summary>
    Complete,

    /// <summary>Goes on with more bytes.</summary>
    NeedsMore,

    /// <summary>No JSON value has these bytes.</summary>
    Broken,

    /// <summary>An object that wraps records; <see cref="ValueScan.Position"/> is behind the bracket that opens them.</summary>
    Wrapper,
}

/// <summary>
/// Finds the end of one JSON value by its brackets and quotes alone, in as many pieces as it comes. Knows nothing of what is inside; whether
/// it is JSON is asked when it is whole.
/// </summary>
/// <param name="mayWrap">Whether an array under <c>records</c> or another name of <see cref="WrapperOf"/> makes the object a wrapper.</param>
/// <param name="breaksAtLines">Whether a line that begins with a bracket ends whatever is open: set once the input was found broken.</param>
/// <param name="depth">Brackets that are open before the first byte.</param>
internal sealed class ValueScan(bool mayWrap, bool breaksAtLines, int depth = 0)
{
    private static readonly SearchValues<byte> InText = SearchValues.Create("\"\\\n"u8);
    private static readonly SearchValues<byte> OutsideText = SearchValues.Create("\"{}[]\n"u8);
    private static readonly SearchValues<byte> AfterScalar = SearchValues.Create(" \t\r\n,]}{[\""u8);

    // A wrapper never has these: the service takes an object with one of them and such a name for an event.
    private static readonly string[] EventFields = ["eventName", "eventTime", "serviceName", "userIdentity"];

    private int depth = depth;
    private bool isInText;
    private int textStart;

    /// <summary>Bytes of the value that were looked at.</summary>
    public int Position { get; private set; }

    /// <summary>Of a wrapper: which.</summary>
    public BodyForm Wrapper { get; private set; }

    /// <summary>Goes on behind <see cref="Position"/>.</summary>
    /// <param name="text">The bytes from the value's first one on, at least one.</param>
    /// <param name="isWhole">No more bytes will come.</param>
    public ScanOutcome Advance(ReadOnlySpan<byte> text, bool isWhole)
    {
        if (depth == 0 && !isInText && text[0] is not ((byte)'{' or (byte)'[' or (byte)'"'))
            return AdvanceScalar(text, isWhole);
        while (true)
        {
            var next = text[Position..].IndexOfAny(isInText ? InText : OutsideText);
            if (next < 0)
            {
                Position = text.Length;
                return isWhole ? ScanOutcome.Broken : ScanOutcome.NeedsMore;
            }

            Position += next;
            var outcome = isInText ? StepInText(text, isWhole) : StepOutside(text, isWhole);
            if (outcome is { } known)
                return known;
        }
    }

    /// <summary>Whether an object that begins like this, up to a name and its colon, has fields of an event before it.</summary>
    public static bool HasEventFields(ReadOnlySpan<byte> beginning)
    {
        var reader = new Utf8JsonReader(beginning, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = int.MaxValue }));
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                    continue;
                foreach (var field in EventFields)
                {
                    if (reader.ValueTextEquals(field))
                        return true;
                }
            }
        }
        catch (JsonException)
        {
            // Broken before the records begin: not taken apart, and refused as a whole.
            return true;
        }

        return false;
    }

    private ScanOutcome AdvanceScalar(ReadOnlySpan<byte> text, bool isWhole)
    {
        var end = text[Position..].IndexOfAny(AfterScalar);
        Position = end < 0 ? text.Length : Position + end;
        return end < 0 && !isWhole ? ScanOutcome.NeedsMore : Position == 0 ? ScanOutcome.Broken : ScanOutcome.Complete;
    }

    private ScanOutcome? StepInText(ReadOnlySpan<byte> text, bool isWhole)
    {
        switch (text[Position])
        {
            case (byte)'\n':
                // Text holds no raw line breaks: somebody cut the line off.
                return ScanOutcome.Broken;
            case (byte)'\\' when Position + 1 >= text.Length:
                return isWhole ? ScanOutcome.Broken : ScanOutcome.NeedsMore;
            case (byte)'\\':
                Position += 2;
                return null;
        }

        if (mayWrap && depth == 1 && WrapperOf(text[textStart..Position]) is { } wrapper && LooksAtRecords(text, isWhole) is { } found)
        {
            Wrapper = wrapper;
            return found;
        }

        isInText = false;
        Position++;
        return depth == 0 ? ScanOutcome.Complete : null;
    }

    private ScanOutcome? StepOutside(ReadOnlySpan<byte> text, bool isWhole)
    {
        switch (text[Position])
        {
            case (byte)'"':
                isInText = true;
                textStart = ++Position;
                return null;
            case (byte)'{' or (byte)'[':
                depth++;
                Position++;
                return null;
            case (byte)'}' or (byte)']':
                Position++;
                return --depth <= 0 ? ScanOutcome.Complete : null;
            default:
                return StepLine(text, isWhole);
        }
    }

    // A line that begins with a bracket begins a new record, unless the value wants one just there.
    private ScanOutcome? StepLine(ReadOnlySpan<byte> text, bool isWhole)
    {
        if (Position + 1 >= text.Length)
            return isWhole ? ScanOutcome.Broken : ScanOutcome.NeedsMore;
        if (text[Position + 1] is (byte)'{' or (byte)'[' && (breaksAtLines || !WantsValue(text[..Position])))
            return ScanOutcome.Broken;
        Position++;
        return null;
    }

    private static bool WantsValue(ReadOnlySpan<byte> before)
    {
        var last = before.LastIndexOfAnyExcept(" \t\r\n"u8);
        return last < 0 || before[last] is (byte)':' or (byte)',' or (byte)'[';
    }

    /// <summary>The wrapper whose records stand under this name; null for other names.</summary>
    public static BodyForm? WrapperOf(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("records"u8) ? BodyForm.LowerRecords
        : name.SequenceEqual("Records"u8) ? BodyForm.UpperRecords
        : name.SequenceEqual("Events"u8) ? BodyForm.Events : null;

    // At the closing quote of such a name: a wrapper when a colon and an opening bracket follow. Null: it is not.
    private ScanOutcome? LooksAtRecords(ReadOnlySpan<byte> text, bool isWhole)
    {
        var colon = Skip(text, Position + 1);
        if (colon < text.Length && text[colon] != ':')
            return null;
        var bracket = Skip(text, colon + 1);
        if (bracket >= text.Length)
            return isWhole ? null : ScanOutcome.NeedsMore;
        if (text[bracket] != '[' || HasEventFields(text[..(colon + 1)]))
            return null;
        Position = bracket + 1;
        return ScanOutcome.Wrapper;
    }

    private static int Skip(ReadOnlySpan<byte> text, int from)
    {
        if (from >= text.Length)
            return text.Length;
        var next = text[from..].IndexOfAnyExcept(" \t\r\n"u8);
        return next < 0 ? text.Length : from + next;
    }
}
