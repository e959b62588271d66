using ActionTrail.Access;

namespace ActionTrail.Functions.Rest;

/// <summary>The id of a request: made here, sent back as <c>ActionTrail-Request-Id</c>, and the <c>requestId</c> of its audit event.</summary>
internal static class RequestIds
{
    public const string Header = "ActionTrail-Request-Id";

    private static readonly object Key = new();

    /// <summary>Draws an id for the request.</summary>
    public static string Assign(HttpContext context, IRandomSource random)
    {
        var id = New(random);
        context.Items[Key] = id;
        context.Response.Headers[Header] = id;
        return id;
    }

    /// <summary>A version 4 UUID in upper case.</summary>
    public static string New(IRandomSource random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.Fill(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString("D").ToUpperInvariant();
    }

    public static string Of(HttpContext context) => context.Items.TryGetValue(Key, out var id) ? (string)id! : "";
}
