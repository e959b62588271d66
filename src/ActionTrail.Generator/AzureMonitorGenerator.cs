using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ActionTrail.Generator;

/// <summary>
/// Makes batches of Administrative activity-log records as Azure Monitor streams them to an event hub:
/// <c>{"records":[...]}</c>. The account is used as the subscription id. Every operation that changes something comes as a
/// pair, Start and Success or Failure, with one correlation id. Same seed and options, same bytes; not for several threads.
/// </summary>
public sealed class AzureMonitorGenerator : IDisposable
{
    private static readonly string[] Operations =
    [
        "Microsoft.Compute/virtualMachines/write", "Microsoft.Storage/storageAccounts/listKeys/action", "Microsoft.Compute/virtualMachines/start/action",
        "Microsoft.Network/networkSecurityGroups/securityRules/write", "Microsoft.Compute/virtualMachines/deallocate/action", "Microsoft.Resources/deployments/write",
        "Microsoft.Authorization/roleAssignments/write", "Microsoft.KeyVault/vaults/write", "Microsoft.Compute/disks/delete", "Microsoft.Storage/storageAccounts/write",
        "Microsoft.Web/sites/restart/action", "Microsoft.Insights/diagnosticSettings/delete", "Microsoft.Authorization/locks/delete", "Microsoft.Sql/servers/databases/write",
    ];

    private static readonly (string Code, string Message)[] Failures =
    [
        ("AuthorizationFailed", "The client does not have authorization to perform the action over the scope."),
        ("ResourceGroupNotFound", "The resource group could not be found."),
        ("Conflict", "Another operation on this resource is in progress."),
    ];

    private readonly GeneratorOptions _options;
    private readonly WeightedChoice _drawAccount;
    private readonly WeightedChoice _drawUser;
    private readonly WeightedChoice _drawOperation = WeightedChoice.Zipf(Operations.Length, 0.8);
    private readonly Utf8JsonWriter _writer = new(Stream.Null, new JsonWriterOptions { SkipValidation = true });
    private Chance _chance;

    /// <summary>Starts a sequence of batches. Uses accounts, users, error share and time span of the options.</summary>
    /// <exception cref="ArgumentException">An option is empty or not positive.</exception>
    public AzureMonitorGenerator(int seed, GeneratorOptions options)
    {
        if (options.Fault() is { } fault)
            throw new ArgumentException(fault, nameof(options));
        _options = options;
        _chance = new Chance(Chance.Mix((ulong)(uint)seed + 0xA2));
        _drawAccount = WeightedChoice.Zipf(options.Accounts.Count, 0.95);
        _drawUser = WeightedChoice.Zipf(options.Users, 0.95);
    }

    /// <summary>Appends one batch of <paramref name="operations"/> operations, two records each.</summary>
    public void Next(IBufferWriter<byte> output, int operations)
    {
        _writer.Reset(output);
        _writer.WriteStartObject();
        _writer.WriteStartArray("records"u8);
        for (var i = 0; i < operations; i++)
            WriteOperation();
        _writer.WriteEndArray();
        _writer.WriteEndObject();
        _writer.Flush();
    }

    public void Dispose() => _writer.Dispose();

    private void WriteOperation()
    {
        var account = _options.Accounts[_drawAccount.Draw(ref _chance)];
        var user = new Actor(_drawUser.Draw(ref _chance), Chance.Mix((ulong)account.Length, _chance.Next() & 0xFF));
        var operation = Operations[_drawOperation.Draw(ref _chance)];
        var started = _options.Start + (_options.Span * _chance.Fraction());
        var correlation = GuidText(_chance.Next());
        var durationMs = 20 + _chance.Below(4_000);
        var resource = $"/SUBSCRIPTIONS/{account.ToUpperInvariant()}/RESOURCEGROUPS/RG-{_chance.Below(20)}/PROVIDERS/{ResourceOf(operation)}".ToUpperInvariant();
        (string Code, string Message)? failure = _chance.Happens(_options.ErrorShare) ? Failures[_chance.Below(Failures.Length)] : null;

        WriteRecord(started, account, user, operation, resource, correlation, "Start", "Started.", 0, null);
        WriteRecord(started.AddMilliseconds(durationMs), account, user, operation, resource, correlation, failure is null ? "Success" : "Failure",
            failure is { } f ? $"Failed.{f.Code}" : "Succeeded.", durationMs, failure);
    }

    private string ResourceOf(string operation)
    {
        var parts = operation.Split('/');
        var types = parts[1..Math.Max(2, parts.Length - (parts[^1] == "action" ? 2 : 1))];
        return parts[0] + string.Concat(types.Select(type => $"/{type}/{type[..2]}-{_chance.Below(500).ToString(CultureInfo.InvariantCulture)}"));
    }

    private void WriteRecord(DateTimeOffset time, string account, Actor user, string operation, string resource, string correlation,
        string result, string signature, int durationMs, (string Code, string Message)? failure)
    {
        Span<byte> scratch = stackalloc byte[128];
        var name = Encoding.UTF8.GetString(user.Name(scratch));
        var json = _writer;
        json.WriteStartObject();
        json.WriteString("time"u8, time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture));
        json.WriteString("resourceId"u8, resource);
        json.WriteString("operationName"u8, operation.ToUpperInvariant());
        json.WriteString("category"u8, "Administrative"u8);
        json.WriteString("resultType"u8, result);
        json.WriteString("resultSignature"u8, signature);
        json.WriteNumber("durationMs"u8, durationMs);
        json.WriteString("callerIpAddress"u8, Ids.Address(scratch, user.Seed));
        json.WriteString("correlationId"u8, correlation);

        json.WriteStartObject("identity"u8);
        json.WriteStartObject("authorization"u8);
        json.WriteString("scope"u8, resource);
        json.WriteString("action"u8, operation);
        json.WriteStartObject("evidence"u8);
        json.WriteString("role"u8, "Contributor"u8);
        json.WriteString("roleAssignmentScope"u8, $"/subscriptions/{account}");
        json.WriteString("principalId"u8, GuidText(user.Seed).Replace("-", "", StringComparison.Ordinal));
        json.WriteString("principalType"u8, "User"u8);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartObject("claims"u8);
        json.WriteString("aud"u8, "https://management.core.windows.net/"u8);
        json.WriteString("iat"u8, time.AddMinutes(-20).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        json.WriteString("http://schemas.microsoft.com/identity/claims/objectidentifier"u8, GuidText(user.Seed));
        json.WriteString("http://schemas.microsoft.com/claims/authnmethodsreferences"u8, user.UsesMfa ? "pwd,mfa"u8 : "pwd"u8);
        json.WriteString("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"u8, $"{name}@example.com");
        json.WriteString("name"u8, name);
        json.WriteString("appid"u8, GuidText(user.Seed & 7));
        json.WriteEndObject();
        json.WriteEndObject();

        json.WriteString("level"u8, failure is null ? "Information"u8 : "Error"u8);
        json.WriteString("location"u8, "global"u8);
        json.WriteStartObject("properties"u8);
        json.WriteString("statusCode"u8, failure is { } f ? f.Code : result == "Start" ? "Accepted" : "OK");
        json.WriteString("serviceRequestId"u8, GuidText(_chance.Next()));
        if (failure is { } failed)
            json.WriteString("statusMessage"u8, $$$"""{"error":{"code":"{{{failed.Code}}}","message":"{{{failed.Message}}}"}}""");
        json.WriteString("entity"u8, resource);
        json.WriteString("hierarchy"u8, account);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string GuidText(ulong seed)
    {
        Span<byte> digits = stackalloc byte[36];
        return Encoding.UTF8.GetString(Ids.Guid(digits, Chance.Mix(seed + 3), Chance.Mix(seed + 5), upper: false));
    }
}
