using System.Buffers;
using System.Text.Json;
using ActionTrail.Functions.Rest;

namespace ActionTrail.Functions.Rpc;

/// <summary>
/// Answers of the RPC API. JSON: the members of the answer beside <c>RequestId</c>; a problem is <c>{"RequestId","HostId","Code","Message"}</c>. XML: the same
/// under <c>{action}Response</c> or <c>Error</c>, with the content type by which the official clients know it.
/// </summary>
internal sealed class RpcAnswerForm(string? action, bool isXml) : IAnswerForm
{
    public const string Version = "2020-07-06";

    public string ApiVersion => Version;

    /// <summary>An answer with these members beside <c>RequestId</c>.</summary>
    public static ApiResult Ok(ApiCall call, Action<Utf8JsonWriter>? members = null) => ApiResult.Ok(json =>
    {
        json.WriteStartObject();
        json.WriteString("RequestId"u8, call.RequestId);
        members?.Invoke(json);
        json.WriteEndObject();
    });

    public Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> body) => WriteAsync(context, $"{action}Response", body);

    public Task WriteAsync(HttpContext context, Problem problem)
    {
        var (code, status) = RpcErrors.Of(problem.Type);
        context.Response.StatusCode = status;
        context.Response.Headers["x-ms-error-code"] = code;
        return WriteAsync(context, "Error", json =>
        {
            json.WriteStartObject();
            json.WriteString("RequestId"u8, RequestIds.Of(context));
            json.WriteString("HostId"u8, context.Request.Host.Value ?? "");
            json.WriteString("Code"u8, code);
            json.WriteString("Message"u8, Message(problem));
            json.WriteEndObject();
        });
    }

    private async Task WriteAsync(HttpContext context, string root, Action<Utf8JsonWriter> write)
    {
        var response = context.Response;
        response.Headers.CacheControl = "no-store";
        if (!isXml)
        {
            response.ContentType = "application/json";
            await JsonBody.WriteAsync(context, write);
            return;
        }

        var json = new ArrayBufferWriter<byte>(1024);
        await using (var writer = new Utf8JsonWriter(json))
            write(writer);
        var xml = XmlAnswer.Convert(json.WrittenMemory, root);
        response.ContentType = "text/xml;charset=utf-8";
        response.Headers.XContentTypeOptions = "nosniff";
        response.ContentLength = xml.Length;
        await response.Body.WriteAsync(xml, context.RequestAborted);
    }

    private static string Message(Problem problem)
    {
        var parts = new List<string> { problem.Type.Title };
        if (problem.Detail is not null)
            parts.Add(problem.Detail);
        parts.AddRange(problem.Errors.Take(10).Select(static error => $"{error.Pointer}: {error.Rule}"));
        return string.Join(' ', parts);
    }
}
