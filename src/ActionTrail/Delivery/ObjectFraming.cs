using ActionTrail.Layout;

namespace ActionTrail.Delivery;

/// <summary>What stands around the events of an object.</summary>
internal static class ObjectFraming
{
    /// <summary>Bytes that one more event and the end of the object cost beside the event's own.</summary>
    public static int Overhead(ObjectFormat format) => Between(format).Length + Close(format).Length;

    public static ReadOnlySpan<byte> Open(ObjectFormat format) => format switch
    {
        ObjectFormat.ActionTrail => "["u8,
        ObjectFormat.CloudTrail => "{\"Records\":["u8,
        ObjectFormat.Ndjson => ""u8,
        _ => throw NoFormat(format),
    };

    public static ReadOnlySpan<byte> Between(ObjectFormat format) => format == ObjectFormat.Ndjson ? "\n"u8 : ","u8;

    public static ReadOnlySpan<byte> Close(ObjectFormat format) => format switch
    {
        ObjectFormat.ActionTrail => "]"u8,
        ObjectFormat.CloudTrail => "]}"u8,
        ObjectFormat.Ndjson => "\n"u8,
        _ => throw NoFormat(format),
    };

    private static InvalidOperationException NoFormat(ObjectFormat format) => new($"There is no format {format}.");
}
