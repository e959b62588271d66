using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using ActionTrail.Generator;

namespace ActionTrail.Benchmarks.Store;

/// <summary>LocalRunner, built with <c>-c Release</c>, as a process with ports and a data folder of its own: Azurite, the local event hub and the handler.</summary>
internal sealed class RunnerProcess : IAsyncDisposable
{
    private const string OperatorKey = "operator-key-of-the-benchmark";
    private const string HubKey = "SAS_KEY_VALUE";

    private readonly string data = Directory.CreateTempSubdirectory("actiontrail-bench-").FullName;
    private readonly int[] ports = LocalAzurite.FreePorts(5);
    private readonly Process process;

    private RunnerProcess() => process = Process.Start(new ProcessStartInfo("dotnet")
    {
        WorkingDirectory = LocalAzurite.Repository,
        RedirectStandardOutput = true,
        UseShellExecute = false,
        ArgumentList =
        {
            Path.Combine(LocalAzurite.Repository, "src/ActionTrail.LocalRunner/bin/Release/net10.0/ActionTrail.LocalRunner.dll"), "--http-port", Text(ports[0]), "--eventhub-http-port", Text(ports[1]), "--amqp-port", "0",
            "--azurite-ports", $"{Text(ports[2])},{Text(ports[3])},{Text(ports[4])}", "--data", data, "--operator-key", OperatorKey,
        },
    })!;

    public int Id => process.Id;

    /// <summary>The file with a line <c>pid start name</c> for each of its processes.</summary>
    public string Children => Path.Combine(data, "children");

    public EventHubEndpoint Hub => new(new Uri($"http://127.0.0.1:{Text(ports[1])}/"), "audit-events", "RootManageSharedAccessKey", HubKey);

    /// <summary>Starts it and waits until it is ready; prints what it says meanwhile.</summary>
    public static async Task<RunnerProcess> StartAsync()
    {
        var runner = new RunnerProcess();
        while (await runner.process.StandardOutput.ReadLineAsync() is { } line && !line.Contains("ready", StringComparison.Ordinal))
        {
            Console.WriteLine(line);
        }

        _ = Task.Run(async () =>
        {
            while (await runner.process.StandardOutput.ReadLineAsync() is not null)
            {
            }
        });
        return runner;
    }

    /// <summary>Makes an account; a client that calls as the operator in its name.</summary>
    public async Task<HttpClient> CreateAccountAsync(string account)
    {
        var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Text(ports[0])}/") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"operator:{OperatorKey}")));
        using var created = await http.PostAsync("v1/accounts", new StringContent($$"""{"accountId":"{{account}}","displayName":"Benchmark"}""", Encoding.UTF8, "application/json"));
        created.EnsureSuccessStatusCode();
        http.DefaultRequestHeaders.Add("ActionTrail-Account", account);
        return http;
    }

    public async ValueTask DisposeAsync()
    {
        using var stop = Process.Start("kill", ["-TERM", Text(process.Id)]);
        await stop.WaitForExitAsync();
        await process.WaitForExitAsync();
        process.Dispose();
        Directory.Delete(data, recursive: true);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
