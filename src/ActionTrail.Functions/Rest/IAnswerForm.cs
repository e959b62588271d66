using System.Text.Json;

namespace ActionTrail.Functions.Rest;

/// <summary>How an API other than REST writes its answers. It is set as a feature of the request, and everything that answers asks for it.</summary>
internal interface IAnswerForm
{
    /// <summary>What audit events name as <c>apiVersion</c>.</summary>
    string ApiVersion { get; }

    /// <summary>Writes an answer; status and headers that do not depend on the form are set.</summary>
    Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> body);

    /// <summary>Writes a problem under this API's own code, status included.</summary>
    Task WriteAsync(HttpContext context, Problem problem);
}
