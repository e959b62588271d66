namespace ActionTrail.Cli.Send;

/// <summary>What stood around a record in the input, and so what is put around it again: the service recognises some formats by it.</summary>
internal enum BodyForm
{
    /// <summary>One value after another; sent as newline-delimited JSON.</summary>
    Lines,

    /// <summary><c>[...]</c></summary>
    Array,

    /// <summary><c>{"records":[...]}</c>, as Azure Monitor sends.</summary>
    LowerRecords,

    /// <summary><c>{"Records":[...]}</c>, as CloudTrail writes.</summary>
    UpperRecords,

    /// <summary><c>{"Events":[...]}</c>, as lookups of clouds answer.</summary>
    Events,
}

/// <summary>The bytes around and between the records of a body.</summary>
internal static class BodyForms
{
    public static ReadOnlySpan<byte> Before(this BodyForm form) => form switch
    {
        BodyForm.Lines => ""u8,
        BodyForm.Array => "["u8,
        BodyForm.LowerRecords => "{\"records\":["u8,
        BodyForm.UpperRecords => "{\"Records\":["u8,
        BodyForm.Events => "{\"Events\":["u8,
        _ => throw new ArgumentOutOfRangeException(nameof(form)),
    };

    public static ReadOnlySpan<byte> Between(this BodyForm form) => form == BodyForm.Lines ? "\n"u8 : ","u8;

    public static ReadOnlySpan<byte> After(this BodyForm form) => form switch
    {
        BodyForm.Lines => "\n"u8,
        BodyForm.Array => "]"u8,
        _ => "]}"u8,
    };

    public static string ContentType(this BodyForm form) => form == BodyForm.Lines ? "application/x-ndjson" : "application/json";
}
