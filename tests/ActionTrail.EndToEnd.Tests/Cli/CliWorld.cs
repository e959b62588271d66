using System.Globalization;
using System.Net;
using System.Text;
using ActionTrail.EndToEnd.Tests.NothingLost;

namespace ActionTrail.EndToEnd.Tests.Cli;

/// <summary>One runner for all tests of the class, with an account and a key; each test has a service name of its own for its events.</summary>
public sealed class CliWorld : IAsyncLifetime, IAsyncDisposable
{
    private readonly RunnerUnderTest runner = new();

    public string Folder { get; } = Directory.CreateTempSubdirectory("actiontrail-cli").FullName;

    public Uri Api => runner.Api;

    /// <summary>Administrator of the account <c>cli</c>.</summary>
    public string Key { get; private set; } = "";

    public static string OperatorKey => "operator:" + RunnerUnderTest.OperatorKey;

    public string HubConnection =>
        $"Endpoint=sb://127.0.0.1;SharedAccessKeyName={runner.EventHub.KeyName};SharedAccessKey={runner.EventHub.Key};UseDevelopmentEmulator=true;EntityPath={runner.EventHub.Hub}";

    public string HubPort => runner.EventHub.Address.Port.ToString(CultureInfo.InvariantCulture);

    public async Task InitializeAsync()
    {
        using var http = new HttpClient();
        runner.Start();
        await runner.WaitReadyAsync();
        var operators = new ApiClient(http, Api, "operator", RunnerUnderTest.OperatorKey);
        await operators.CallAsync(HttpMethod.Post, "v1/accounts", """{"accountId":"cli"}""", HttpStatusCode.Created);
        var key = await operators.CallAsync(HttpMethod.Post, "v1/accounts/cli/access-keys", """{"role":"Administrator"}""", HttpStatusCode.Created);
        Key = $"{key.GetProperty("accessKeyId").GetString()}:{key.GetProperty("secret").GetString()}";
    }

    public async Task DisposeAsync()
    {
        await runner.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();

    /// <summary>An event of now that names its number.</summary>
    public static string Event(string service, int number, string? rest = null) =>
        $$"""{"eventId":"{{service}}-{{number:D7}}","eventName":"Do","eventTime":"{{DateTimeOffset.UtcNow:yyyy-MM-dd'T'HH:mm:ss'Z'}}","serviceName":"{{service}}","recipientAccountId":"cli"{{rest}}}""";

    public static byte[] Lines(string service, int count) => Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, count).Select(i => Event(service, i))) + "\n");

    internal Task<CliResult> RunAsync(params string[] args) => CliProcess.RunAsync(Api, Key, input: null, args);

    internal Task<CliResult> RunAsync(byte[] input, params string[] args) => CliProcess.RunAsync(Api, Key, input, args);

    internal Task<CliResult> RunAsOperatorAsync(params string[] args) => CliProcess.RunAsync(Api, OperatorKey, input: null, args);

    /// <summary>How often a query shows an event of the service, by id.</summary>
    internal async Task<Dictionary<string, int>> ShownAsync(string service)
    {
        var found = await RunAsync("events", "query", "--service-name", service, "--output", "csv", "--columns", "eventId");
        Assert.Equal((0, ""), (found.ExitCode, found.Errors.Replace("nothing matches\n", "", StringComparison.Ordinal)));
        return found.Lines.Skip(1).GroupBy(static line => line.Trim(), StringComparer.Ordinal).ToDictionary(static g => g.Key, static g => g.Count(), StringComparer.Ordinal);
    }

    internal string Write(string name, byte[] content)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }
}
