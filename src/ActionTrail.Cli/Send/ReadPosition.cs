namespace ActionTrail.Cli.Send;

/// <summary>A place between two records of the input.</summary>
/// <param name="Records">Records before it.</param>
/// <param name="Bytes">Bytes before it, after inflating and without a byte-order mark.</param>
/// <param name="Sha256">Hash of these bytes, lower-case hexadecimal; empty where nobody asked for it.</param>
internal sealed record ReadPosition(long Records, long Bytes, string Sha256)
{
    public static ReadPosition Begin { get; } = new(0, 0, "");
}

/// <summary>A record as it lies in the input.</summary>
/// <param name="Bytes">The record; valid until the next one is read.</param>
/// <param name="Form">What stood around it.</param>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Line">The line on which it begins, from 1.</param>
/// <param name="Fault">Why it cannot be sent; null when it can.</param>
internal readonly record struct InputRecord(ReadOnlyMemory<byte> Bytes, BodyForm Form, long Number, long Line, string? Fault);
