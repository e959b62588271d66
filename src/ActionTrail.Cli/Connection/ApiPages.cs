using System.Runtime.CompilerServices;
using System.Text.Json;

namespace ActionTrail.Cli.Connection;

/// <summary>One page of a list; the elements live as long as the page.</summary>
/// <param name="Records">The elements of <c>value</c>.</param>
/// <param name="HasMore">Whether another page follows.</param>
/// <param name="RequestId">Request id of the call's audit event.</param>
internal sealed record ApiPage(IReadOnlyList<JsonElement> Records, bool HasMore, string? RequestId);

/// <summary>Follows <c>nextLink</c> to the end.</summary>
internal static class ApiPages
{
    /// <param name="api">Where to ask.</param>
    /// <param name="path">Path of the list, such as <c>v1/events</c>.</param>
    /// <param name="query">Query string of the first page.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async IAsyncEnumerable<ApiPage> ReadAsync(ApiClient api, string path, string query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var next = query; next is not null;)
        {
            var (json, requestId) = await api.GetAsync(next.Length == 0 ? path : $"{path}?{next}", cancellationToken);
            using (json)
            {
                var root = json.RootElement;
                if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("value", out var value) || value.ValueKind != JsonValueKind.Array)
                    throw new CliException(ExitCode.Unavailable, $"The answer to {path} is no page of records. Is the endpoint the address of the service?");
                // Only the query of the link is followed: the key goes to the endpoint that was named and nowhere else.
                next = root.TryGetProperty("nextLink", out var link) && Uri.TryCreate(link.GetString(), UriKind.Absolute, out var address) ? address.Query.TrimStart('?') : null;
                yield return new ApiPage([.. value.EnumerateArray()], next is not null, requestId);
            }
        }
    }
}
