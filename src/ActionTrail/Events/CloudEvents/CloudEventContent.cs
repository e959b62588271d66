namespace ActionTrail.Events.CloudEvents;

/// <summary>What a content type says of a message.</summary>
internal enum DeclaredForm
{
    /// <summary>Nothing about CloudEvents: the content decides.</summary>
    None,

    /// <summary><c>application/cloudevents+json</c> or <c>application/cloudevents-batch+json</c>: every record is a CloudEvent.</summary>
    Structured,

    /// <summary>CloudEvents in a format other than JSON.</summary>
    OtherFormat,
}

/// <summary>The media types that matter to CloudEvents.</summary>
internal static class CloudEventContent
{
    private const string Prefix = "application/cloudevents";

    public static DeclaredForm Declared(string? contentType)
    {
        if (contentType is null || !contentType.AsSpan().TrimStart().StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            return DeclaredForm.None;
        var rest = MediaType(contentType)[Prefix.Length..];
        return Is(rest, "") || Is(rest, "+json") || Is(rest, "-batch") || Is(rest, "-batch+json") ? DeclaredForm.Structured : DeclaredForm.OtherFormat;
    }

    /// <summary>Whether data of this type is JSON: <c>*/json</c> or <c>*/*+json</c>.</summary>
    public static bool IsJson(string contentType)
    {
        var type = MediaType(contentType);
        var slash = type.IndexOf('/');
        var subtype = slash < 0 ? default : type[(slash + 1)..];
        return Is(subtype, "json") || subtype.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }

    private static ReadOnlySpan<char> MediaType(string contentType)
    {
        var end = contentType.IndexOf(';', StringComparison.Ordinal);
        return contentType.AsSpan(0, end < 0 ? contentType.Length : end).Trim();
    }

    private static bool Is(ReadOnlySpan<char> text, string wanted) => text.Equals(wanted, StringComparison.OrdinalIgnoreCase);
}
