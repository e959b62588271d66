using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ActionTrail.Functions.Rest;

/// <summary>Writes problems as RFC 9457 <c>application/problem+json</c> with the header <c>x-ms-error-code</c>.</summary>
internal static class ProblemWriter
{
    /// <summary>Most broken rules that are listed; a note counts the rest.</summary>
    private const int MaxErrors = 100;

    public static Task WriteAsync(HttpContext context, Problem problem)
    {
        var response = context.Response;
        if (problem.RetryAfter is { } wait)
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (context.Features.Get<IAnswerForm>() is { } form)
            return form.WriteAsync(context, problem);
        response.StatusCode = problem.Type.Status;
        response.ContentType = "application/problem+json";
        response.Headers["x-ms-error-code"] = problem.Type.Code;
        return JsonBody.WriteAsync(context, json => Write(json, problem, RequestIds.Of(context)));
    }

    private static void Write(Utf8JsonWriter json, Problem problem, string requestId)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, problem.Type.Type);
        json.WriteString("title"u8, problem.Type.Title);
        json.WriteNumber("status"u8, problem.Type.Status);
        if (problem.Detail is not null)
            json.WriteString("detail"u8, problem.Detail);
        json.WriteString("code"u8, problem.Type.Code);
        json.WriteString("requestId"u8, requestId);
        if (problem.Errors.Count > 0)
        {
            json.WriteStartArray("errors"u8);
            foreach (var error in problem.Errors.Take(MaxErrors))
            {
                json.WriteStartObject();
                json.WriteString("pointer"u8, error.Pointer);
                json.WriteString("rule"u8, error.Rule);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            if (problem.Errors.Count > MaxErrors)
                json.WriteNumber("errorsNotShown"u8, problem.Errors.Count - MaxErrors);
        }

        json.WriteEndObject();
    }
}

/// <summary>JSON bodies of answers, buffered so that a failure while writing is still an answer.</summary>
internal static class JsonBody
{
    // Links and quotes stay readable and can be copied. The escapes left out only matter to who pastes JSON into HTML; no browser takes an answer for that.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        await using (var json = new Utf8JsonWriter(buffer, Readable))
            write(json);
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.ContentLength = buffer.WrittenCount;
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(buffer.WrittenMemory, context.RequestAborted);
    }
}
