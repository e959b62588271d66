using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ActionTrail.Functions;
using ActionTrail.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Benchmarks.Access;

/// <summary>
/// LookupEvents over REST and over the RPC API: the same page of 50 events from the same app, over HTTP on loopback and memory stores, by turns. CPU time of the whole
/// process, client included, so that what else the machine does counts little. Target: RPC within 10 % of REST.
/// </summary>
internal static class RpcLoad
{
    private const int Turns = 40;
    private const int Events = 20_000;

    public static async Task<int> RunAsync(string[] args)
    {
        var perTurn = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 100;
        var port = Store.LocalAzurite.FreePorts(1)[0];
        await using var app = FunctionsApp.Build(
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["FUNCTIONS_CUSTOMHANDLER_PORT"] = port.ToString(CultureInfo.InvariantCulture),
                ["ActionTrailStorage"] = "UseDevelopmentStorage=true",
                ["ActionTrail:OperatorKey"] = "operator-key-of-the-benchmark",
                ["ActionTrail:EncryptionKey"] = Convert.ToBase64String(new byte[32]),
                ["ActionTrail:LookupsPerSecond"] = "10000",
                ["ActionTrail:LookupBurst"] = "100000",
            },
            static builder =>
            {
                builder.Services.Replace(ServiceDescriptor.Singleton<ITableStore>(new MemoryTableStore()));
                builder.Services.Replace(ServiceDescriptor.Singleton<IObjectStore>(new MemoryObjectStore(TimeProvider.System)));
                builder.Services.Replace(ServiceDescriptor.Singleton<IWorkQueue>(new MemoryWorkQueue(TimeProvider.System)));
                builder.Logging.ClearProviders();
            });
        await FunctionsApp.StartAsync(app);
        using var http = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")) };
        Use(http, "operator", "operator-key-of-the-benchmark");
        await SendAsync(http, "/v1/accounts", """{"accountId":"demo"}""");
        using var key = JsonDocument.Parse(await SendAsync(http, "/v1/accounts/demo/access-keys", """{"role":"Administrator"}"""));
        Use(http, key.RootElement.GetProperty("accessKeyId").GetString()!, key.RootElement.GetProperty("secret").GetString()!);
        await PublishAsync(http);

        const string rest = "/v1/events?eventName=DeleteDisk&serviceName=Ecs&pageSize=50";
        const string rpc = "/?Action=LookupEvents&Version=2020-07-06&MaxResults=50&LookupAttribute.1.Key=ServiceName&LookupAttribute.1.Value=Ecs&LookupAttribute.2.Key=EventName&LookupAttribute.2.Value=DeleteDisk";
        var (byRest, byRpc) = (new List<double>(), new List<double>());
        for (var turn = 0; turn < Turns; turn++)
        {
            byRest.Add(await MeasureAsync(http, rest, perTurn));
            byRpc.Add(await MeasureAsync(http, rpc, perTurn));
        }

        await app.StopAsync();
        var (restMedian, rpcMedian) = (Median(byRest), Median(byRpc));
        Console.WriteLine("| API | us of CPU per lookup, client included (median of turns) | least |");
        Console.WriteLine("| --- | ---: | ---: |");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| REST | {restMedian:F0} | {byRest.Min():F0} |"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| RPC | {rpcMedian:F0} ({(rpcMedian / restMedian) - 1:+0.0 %;-0.0 %}) | {byRpc.Min():F0} ({(byRpc.Min() / byRest.Min()) - 1:+0.0 %;-0.0 %}) |"));
        return 0;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static async Task<double> MeasureAsync(HttpClient http, string path, int count)
    {
        var before = Process.GetCurrentProcess().TotalProcessorTime;
        for (var i = 0; i < count; i++)
        {
            using var response = await http.GetAsync(new Uri(path, UriKind.Relative));
            response.EnsureSuccessStatusCode();
            await response.Content.ReadAsByteArrayAsync();
        }

        return (Process.GetCurrentProcess().TotalProcessorTime - before).TotalMicroseconds / count;
    }

    private static async Task PublishAsync(HttpClient http)
    {
        string[] names = ["DeleteDisk", "RunInstances", "CreateUser", "AssumeRole"];
        for (var batch = 0; batch < Events / 500; batch++)
        {
            var events = Enumerable.Range(0, 500).Select(i =>
            {
                var number = (batch * 500) + i;
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $$$"""{"eventId":"bench-{{{number}}}","eventName":"{{{names[number % names.Length]}}}","eventTime":"{{{DateTime.UtcNow.AddSeconds(-number):yyyy-MM-dd'T'HH:mm:ss'Z'}}}","eventRW":"Write","serviceName":"Ecs","acsRegion":"cn-hangzhou","sourceIpAddress":"192.0.2.{{{number % 250}}}","resourceType":"ACS::ECS::Disk","resourceName":"d-{{{number}}}","requestParameters":{"RegionId":"cn-hangzhou","DiskId":"d-{{{number}}}","Force":true},"userIdentity":{"type":"ram-user","accountId":"demo","userName":"alice"}}""");
            });
            await SendAsync(http, "/v1/events", $"[{string.Join(',', events)}]");
        }
    }

    private static async Task<string> SendAsync(HttpClient http, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(new Uri(path, UriKind.Relative), content);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsStringAsync();
    }

    private static void Use(HttpClient http, string user, string password) =>
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
}
