using System.Globalization;
using System.Text;
using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.Functions.Rest;
using ActionTrail.Layout;
using ActionTrail.Query;

namespace ActionTrail.Functions.Rpc;

/// <summary>What an access key was last used for, from the account's own events. Lists are newest first, each kind once.</summary>
internal sealed class KeyUseCalls(AccessKeyUse use, AccessKeyStore keys, LookupRateLimiter limiter)
{
    private const int DefaultPage = 20;

    public async Task<ApiResult> InfoAsync(ApiCall call, RpcParameters parameters)
    {
        var accessKeyId = ReadKey(call, parameters);
        if (Refuse(call, parameters) is { } refused)
            return refused;

        // A key that is deleted by now, or that another system issued, has left events all the same.
        var last = await use.FindLastAsync(StoreName.History, call.AccountId, accessKeyId!, call.Cancellation);
        if (last is null && !(await keys.ListAsync(call.AccountId, call.Cancellation)).Any(key => key.AccessKeyId == accessKeyId))
            return ProblemType.AccessKeyNotFound;
        return RpcAnswerForm.Ok(call, json =>
        {
            json.WriteString("AccessKeyId"u8, accessKeyId);
            json.WriteString("AccountId"u8, call.AccountId);
            json.WriteString("OwnerId"u8, call.AccountId);
            if (last is null)
                return;
            var (type, name) = Identity(last.Event.Body);
            json.WriteString("AccountType"u8, type);
            json.WriteString("UserName"u8, name);
            WriteService(json, last);
            WriteUse(json, last);
        });
    }

    public Task<ApiResult> ProductsAsync(ApiCall call, RpcParameters parameters)
    {
        var accessKeyId = ReadKey(call, parameters);
        return ListAsync(call, parameters, "Products", isPaged: false, () => use.ListServicesAsync(StoreName.History, call.AccountId, accessKeyId!, call.Cancellation), WriteService);
    }

    public Task<ApiResult> EventsAsync(ApiCall call, RpcParameters parameters)
    {
        var (accessKeyId, service) = (ReadKey(call, parameters), parameters.Text("ServiceName", required: true));
        return ListAsync(
            call, parameters, "Events", isPaged: true, () => use.ListEventsAsync(StoreName.History, call.AccountId, accessKeyId!, service!, call.Cancellation), static (json, one) => json.WriteString("EventName"u8, one.EventName));
    }

    public Task<ApiResult> AddressesAsync(ApiCall call, RpcParameters parameters)
    {
        var (accessKeyId, service) = (ReadKey(call, parameters), parameters.Text("ServiceName", required: true));
        return ListAsync(
            call, parameters, "Ips", isPaged: true, () => use.ListAddressesAsync(StoreName.History, call.AccountId, accessKeyId!, service!, call.Cancellation), static (json, one) => json.WriteString("Ip"u8, one.SourceIpAddress));
    }

    public Task<ApiResult> ResourcesAsync(ApiCall call, RpcParameters parameters)
    {
        var (accessKeyId, service) = (ReadKey(call, parameters), parameters.Text("ServiceName", required: true));
        return ListAsync(
            call,
            parameters,
            "Resources",
            isPaged: true,
            () => use.ListResourcesAsync(StoreName.History, call.AccountId, accessKeyId!, service!, call.Cancellation),
            static (json, one) =>
            {
                json.WriteString("ResourceName"u8, one.ResourceName);
                json.WriteString("ResourceType"u8, one.ResourceType);
            });
    }

    /// <summary>A token is how many were shown: a use that happens between two pages moves its kind to the front, and the last one shown comes again.</summary>
    private async Task<ApiResult> ListAsync(
        ApiCall call, RpcParameters parameters, string member, bool isPaged, Func<Task<KeyUses>> read, Action<Utf8JsonWriter, KeyUse> write)
    {
        var (size, skip) = (int.MaxValue, 0);
        if (isPaged)
        {
            size = parameters.Number("PageSize", 0, 100, DefaultPage) is > 0 and var asked ? asked : DefaultPage;
            skip = parameters.Number("NextToken", 1, 1_000_000, 0);
        }

        if (Refuse(call, parameters) is { } refused)
            return refused;
        var all = (await read()).Uses;
        return RpcAnswerForm.Ok(call, json =>
        {
            if (isPaged)
                json.WriteString("NextToken"u8, all.Count - skip > size ? (skip + size).ToString(CultureInfo.InvariantCulture) : "");
            json.WriteStartArray(member);
            foreach (var one in all.Skip(skip).Take(size))
            {
                json.WriteStartObject();
                write(json, one);
                WriteUse(json, one);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    private ApiResult? Refuse(ApiCall call, RpcParameters parameters)
    {
        if (parameters.Finish() is { } refused)
            return refused;
        return limiter.TryAcquire(call.Caller.HomeAccountId, out var wait) ? null : (ApiResult)new Problem(ProblemType.TooManyRequests) { RetryAfter = wait };
    }

    private static string? ReadKey(ApiCall call, RpcParameters parameters)
    {
        var accessKeyId = parameters.Text("AccessKey", required: true);
        call.ResourceName = accessKeyId;
        return accessKeyId;
    }

    /// <summary>Names of services are not translated.</summary>
    private static void WriteService(Utf8JsonWriter json, KeyUse one)
    {
        json.WriteString("ServiceName"u8, one.ServiceName);
        json.WriteString("ServiceNameEn"u8, one.ServiceName);
        json.WriteString("ServiceNameCn"u8, one.ServiceName);
    }

    private static void WriteUse(Utf8JsonWriter json, KeyUse one)
    {
        json.WriteNumber("UsedTimestamp"u8, one.Event.EventTime.ToUnixTimeMilliseconds());
        json.WriteString("Source"u8, one.Source.ToString());
        json.WriteString("Detail"u8, Encoding.UTF8.GetString(LookupCalls.Shown(one.Event.Body.Span)));
    }

    private static (string Type, string UserName) Identity(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = LookupCalls.MaxDepth });
        return document.RootElement.TryGetProperty("userIdentity", out var identity) && identity.ValueKind == JsonValueKind.Object
            ? (Text(identity, "type"), Text(identity, "userName"))
            : ("", "");
    }

    private static string Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
