using ActionTrail.Access;
using ActionTrail.Functions.Rest;

namespace ActionTrail.Functions.Audit;

/// <summary>What the audit event of a call says.</summary>
internal sealed record AuditFacts
{
    public required Operation Operation { get; init; }

    public required string RequestId { get; init; }

    /// <summary>The account whose audit trail shows the call.</summary>
    public required string AccountId { get; init; }

    /// <summary>Who called; null when the credentials did not prove it.</summary>
    public required Caller? Caller { get; init; }

    /// <summary>The existing access key that was named, proven or not.</summary>
    public string? AccessKeyId { get; init; }

    public required string SourceIpAddress { get; init; }

    public required string UserAgent { get; init; }

    public required string Host { get; init; }

    public required string ApiVersion { get; init; }

    public IReadOnlyCollection<KeyValuePair<string, string>> Parameters { get; init; } = [];

    public string? ResourceName { get; init; }

    public static AuditFacts Of(ApiCall call) => new()
    {
        Operation = call.Operation,
        RequestId = call.RequestId,
        AccountId = call.AccountId,
        Caller = call.Caller,
        AccessKeyId = call.Caller.AccessKeyId,
        SourceIpAddress = ClientAddress.Of(call.Context),
        UserAgent = Clean(call.Request.Headers.UserAgent.ToString()),
        Host = Clean(call.Request.Host.Value ?? ""),
        ApiVersion = VersionOf(call.Context),
        Parameters = [.. call.Parameters],
        ResourceName = call.ResourceName,
    };

    public static AuditFacts Unauthenticated(HttpContext context, Operation operation, Authentication authentication) => new()
    {
        Operation = operation,
        RequestId = RequestIds.Of(context),
        AccountId = authentication.AuditAccountId,
        Caller = null,
        AccessKeyId = authentication.AccessKeyId,
        SourceIpAddress = ClientAddress.Of(context),
        UserAgent = Clean(context.Request.Headers.UserAgent.ToString()),
        Host = Clean(context.Request.Host.Value ?? ""),
        ApiVersion = VersionOf(context),
    };

    private static string VersionOf(HttpContext context) => context.Features.Get<IAnswerForm>()?.ApiVersion ?? "v1";

    /// <summary>At most 256 characters of printable text: header values come from anybody.</summary>
    private static string Clean(string text)
    {
        var shortened = text.Length <= 256 ? text : text[..256];
        return new string([.. shortened.Select(static c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c)]);
    }
}
