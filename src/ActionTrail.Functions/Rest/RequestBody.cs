using System.IO.Compression;
using Microsoft.AspNetCore.Http.Features;

namespace ActionTrail.Functions.Rest;

/// <summary>Reads request bodies under a limit, and recognises gzip by its first bytes: older hosts drop Content-Encoding while the body stays compressed.</summary>
internal static class RequestBody
{
    /// <summary>Most bytes of a JSON body, as sent and inflated.</summary>
    public const int MaxJsonBytes = 256 * 1024;

    /// <summary>Most bytes of a body of events as sent; what it inflates to has its own limit.</summary>
    public const int MaxEventsBytes = 16 * 1024 * 1024;

    private static readonly string[] JsonTypes = ["application/json"];

    private static readonly string[] EventTypes =
    [
        "application/json", "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines",
        "application/gzip", "application/x-gzip", "application/octet-stream", "application/cloudevents+json", "application/cloudevents-batch+json",
    ];

    /// <summary>Most bytes that are read of a body: those of JSON also where the operation uses none, to compare it with its signed hash.</summary>
    public static int LimitOf(BodyForm form) => form == BodyForm.Events ? MaxEventsBytes : MaxJsonBytes;

    /// <summary>The media types a form is read from.</summary>
    public static IReadOnlyList<string> TypesOf(BodyForm form) => form == BodyForm.Json ? JsonTypes : EventTypes;

    /// <summary>Whether the request has a body of at least a byte. Of one without a known length a byte is read.</summary>
    public static async ValueTask<bool> HasAnyAsync(HttpRequest request, CancellationToken cancellationToken) => request.ContentLength is { } length
        ? length > 0
        : request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true && await request.Body.ReadAsync(new byte[1], cancellationToken) > 0;

    /// <summary>Reads the body of an operation; null with the reason in the problem.</summary>
    public static async Task<(ReadOnlyMemory<byte> Body, Problem? Problem)> ReadAsync(HttpRequest request, BodyForm form, CancellationToken cancellationToken)
    {
        if (form == BodyForm.None)
            return default;
        if (Refuse(request, form) is { } refused)
            return (default, refused);
        var limit = LimitOf(form);
        if (request.ContentLength > limit || await ReadAsync(request.Body, limit, cancellationToken) is not { } body)
            return (default, new Problem(ProblemType.BodyTooLarge, $"At most {limit} bytes."));
        return form == BodyForm.Json && IsGzip(body.Span) ? await InflateAsync(body, limit, cancellationToken) : (body, null);
    }

    /// <summary>Reads a form, <c>application/x-www-form-urlencoded</c>; empty when no body came.</summary>
    public static async Task<(ReadOnlyMemory<byte> Body, Problem? Problem)> ReadFormAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        if (request.ContentLength > limit || await ReadAsync(request.Body, limit, cancellationToken) is not { } body)
            return (default, new Problem(ProblemType.BodyTooLarge, $"At most {limit} bytes."));
        var type = (request.ContentType ?? "").Split(';')[0].Trim();
        return body.IsEmpty || type.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase)
            ? (body, null)
            : (default, new Problem(ProblemType.UnsupportedMediaType, "Content-Type is application/x-www-form-urlencoded."));
    }

    private static Problem? Refuse(HttpRequest request, BodyForm form)
    {
        var encoding = request.Headers.ContentEncoding.ToString();
        if (encoding.ToUpperInvariant() is not ("" or "GZIP" or "IDENTITY"))
            return new Problem(ProblemType.UnsupportedMediaType, "Content-Encoding is gzip or none.");
        var type = (request.ContentType ?? "").Split(';')[0].Trim();
        if (type.Length == 0 && (form == BodyForm.Events || request.ContentLength is null or 0))
            return null;

        // The body of a CloudEvent in binary mode is its data, of whatever type.
        if (form == BodyForm.Events && CloudEventHeaders.Of(request) is not null)
            return null;
        return TypesOf(form).Contains(type, StringComparer.OrdinalIgnoreCase)
            ? null
            : new Problem(ProblemType.UnsupportedMediaType, $"Content-Type is {string.Join(", ", TypesOf(form))}.");
    }

    private static bool IsGzip(ReadOnlySpan<byte> body) => body.Length > 2 && body[0] == 0x1F && body[1] == 0x8B;

    private static async Task<(ReadOnlyMemory<byte> Body, Problem? Problem)> InflateAsync(ReadOnlyMemory<byte> body, int limit, CancellationToken cancellationToken)
    {
        try
        {
            await using var inflated = new GZipStream(new MemoryStream(body.ToArray(), writable: false), CompressionMode.Decompress);
            return await ReadAsync(inflated, limit, cancellationToken) is { } plain
                ? (plain, null)
                : (default, new Problem(ProblemType.BodyTooLarge, $"At most {limit} bytes when inflated."));
        }
        catch (InvalidDataException)
        {
            return (default, new Problem(ProblemType.MalformedRequest, "The body starts like gzip but does not inflate."));
        }
    }

    /// <summary>All bytes of the stream, or null when there are more than <paramref name="limit"/>.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(Stream stream, int limit, CancellationToken cancellationToken)
    {
        var bytes = new byte[Math.Min(limit + 1, 16 * 1024)];
        var length = 0;
        while (true)
        {
            var read = await stream.ReadAsync(bytes.AsMemory(length), cancellationToken);
            if (read == 0)
                return bytes.AsMemory(0, length);
            length += read;
            if (length > limit)
                return null;
            if (length == bytes.Length)
                Array.Resize(ref bytes, Math.Min(limit + 1, bytes.Length * 2));
        }
    }
}
